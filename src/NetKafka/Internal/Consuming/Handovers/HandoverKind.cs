namespace NetKafka.Internal.Consuming.Handovers;

/// <summary>Which of the application's handlers a handover concerns.</summary>
enum HandoverKind
{
    /// <summary>Partitions are new.</summary>
    Assigned,

    /// <summary>Partitions are given up, in order.</summary>
    Revoked,

    /// <summary>Partitions were lost.</summary>
    Lost,
}
