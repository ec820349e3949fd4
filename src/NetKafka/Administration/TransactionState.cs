namespace NetKafka.Administration;

/// <summary>Where a transaction stands, as its coordinator tells it (KIP-98, KIP-664).</summary>
public enum TransactionState
{
    /// <summary>Something that this client does not know.</summary>
    Unknown,

    /// <summary>A producer has its id, and nothing was begun.</summary>
    Empty,

    /// <summary>It is open: something is in it.</summary>
    Ongoing,

    /// <summary>It will be committed; its markers are being written.</summary>
    PrepareCommit,

    /// <summary>It will be aborted; its markers are being written.</summary>
    PrepareAbort,

    /// <summary>The last one was committed.</summary>
    CompleteCommit,

    /// <summary>The last one was aborted.</summary>
    CompleteAbort,

    /// <summary>Its producer is being fenced, and it will be aborted then.</summary>
    PrepareEpochFence,

    /// <summary>The transactional id is being forgotten, since nobody used it for long.</summary>
    Dead,
}
