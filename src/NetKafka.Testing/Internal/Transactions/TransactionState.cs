namespace NetKafka.Testing.Internal.Transactions;

/// <summary>Where a transaction stands. The names are the coordinator's own.</summary>
enum TransactionState
{
    /// <summary>A producer has its id, and nothing was begun.</summary>
    Empty,

    /// <summary>Partitions or groups are in it, and a timer runs.</summary>
    Ongoing,

    /// <summary>It will be committed; its markers are being written.</summary>
    PrepareCommit,

    /// <summary>It will be aborted; its markers are being written.</summary>
    PrepareAbort,

    /// <summary>The last one was committed.</summary>
    CompleteCommit,

    /// <summary>The last one was aborted.</summary>
    CompleteAbort,
}
