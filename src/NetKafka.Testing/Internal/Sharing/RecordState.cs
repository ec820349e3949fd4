namespace NetKafka.Testing.Internal.Sharing;

/// <summary>What becomes of a record in a share group, with the numbers under which brokers persist it.</summary>
enum RecordState : sbyte
{
    /// <summary>Anybody may get it.</summary>
    Available = 0,

    /// <summary>A member has it, until it acknowledges it or its lock ends.</summary>
    Acquired = 1,

    /// <summary>It was processed.</summary>
    Acknowledged = 2,

    /// <summary>It is given up: rejected, delivered too often, or gone from the log.</summary>
    Archived = 4,
}
