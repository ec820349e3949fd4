namespace NetKafka.Consuming;

/// <summary>Which records of transactions a reader sees (KIP-98).</summary>
public enum IsolationLevel
{
    /// <summary>All records up to the high watermark, those of open and aborted transactions too. Java's default.</summary>
    ReadUncommitted = 0,

    /// <summary>Only records outside of transactions and of committed ones; reading waits for open transactions to end.</summary>
    ReadCommitted = 1,
}
