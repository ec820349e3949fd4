namespace NetKafka.Internal.Producing.Transactions;

/// <summary>Where the transactions of a producer stand.</summary>
enum TransactionState
{
    /// <summary>Nobody has asked for the producer's id: older producers of the same name are not fenced yet.</summary>
    New,

    /// <summary>The id and epoch are asked for, the first ones or, after an end that left doubts, the next.</summary>
    Initializing,

    /// <summary>There is an id, and no transaction.</summary>
    Ready,

    /// <summary>A transaction takes records and offsets.</summary>
    Open,

    /// <summary>Something of the transaction was refused: it takes nothing more, and only its abort is possible.</summary>
    Failed,

    /// <summary>The transaction takes nothing more. What it has is sent, then its commit is asked for, until there is an answer.</summary>
    Committing,

    /// <summary>The transaction takes nothing more. What was not sent has failed; what was sent is waited for, then the abort is asked for.</summary>
    Aborting,

    /// <summary>The producer has been fenced, or may not write: nothing is possible any more, unless it begins anew as another.</summary>
    Over,
}
