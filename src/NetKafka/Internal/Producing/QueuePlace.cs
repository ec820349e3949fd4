namespace NetKafka.Internal.Producing;

/// <summary>Where a partition with something to send waits; it is in at most one place.</summary>
enum QueuePlace : byte
{
    /// <summary>Nowhere: nothing is to be sent, or an answer under way will say what comes next.</summary>
    None,

    /// <summary>In the ready queue of its leader.</summary>
    Ready,

    /// <summary>For the end of its pause.</summary>
    Backoff,

    /// <summary>For a leader.</summary>
    Leaderless,

    /// <summary>For a producer id.</summary>
    ProducerId,

    /// <summary>To be let into a transaction.</summary>
    Transaction,
}
