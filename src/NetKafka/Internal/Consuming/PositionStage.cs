namespace NetKafka.Internal.Consuming;

/// <summary>What stands between an assigned partition and fetching it.</summary>
enum PositionStage
{
    /// <summary>The application's handler has not finished yet; it may set the position.</summary>
    Assigned,

    /// <summary>The group's committed offset is to be asked for.</summary>
    Committed,

    /// <summary>The offset of a moment, of the beginning or of the end is to be asked for.</summary>
    Lookup,

    /// <summary>The leader is another one: whether its log holds what was read is to be asked (KIP-320).</summary>
    Validation,

    /// <summary>The position is known, and records are fetched from it.</summary>
    Ready,

    /// <summary>Reading it failed for good. A seek begins anew.</summary>
    Failed,
}
