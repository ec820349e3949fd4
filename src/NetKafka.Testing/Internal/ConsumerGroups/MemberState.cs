namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>How far a member is on the way from what it has to what it shall have.</summary>
enum MemberState
{
    /// <summary>It has what its epoch gives it.</summary>
    Stable,

    /// <summary>It was told to give partitions up, and has not yet said that it did.</summary>
    UnrevokedPartitions,

    /// <summary>It is in the newest epoch, and waits for partitions that others still have.</summary>
    UnreleasedPartitions,
}
