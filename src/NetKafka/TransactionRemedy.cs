namespace NetKafka;

/// <summary>What helps after a transaction met an error (KIP-1050).</summary>
public enum TransactionRemedy
{
    /// <summary>The same call again: nothing was decided yet.</summary>
    Retry,

    /// <summary>The transaction is to be aborted, and its work done again in another. The producer goes on.</summary>
    Abort,

    /// <summary>
    /// This producer is over, through no fault of the application: dispose it and create another, which goes on from what is committed.
    /// </summary>
    NewProducer,

    /// <summary>
    /// None in this process: another producer has taken over the transactional id, or something has to be changed (a permission, a
    /// setting, the version of the brokers).
    /// </summary>
    None,
}
