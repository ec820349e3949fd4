namespace NetKafka.Consuming;

/// <summary>How the members of a group share partitions. A group uses the first that all of its members name.</summary>
public enum PartitionAssignmentStrategy
{
    /// <summary>
    /// Each topic is cut into ranges of neighbouring partitions, so that topics of equal size are shared alike. All members
    /// give up all partitions in each rebalance. Java's RangeAssignor.
    /// </summary>
    Range,

    /// <summary>
    /// Balanced with few moves. If a member names only this one, it goes on reading during a rebalance what stays its own
    /// (KIP-429). Java's CooperativeStickyAssignor.
    /// </summary>
    CooperativeSticky,
}
