namespace NetKafka.Consuming;

/// <summary>How the members of a group share partitions. A group uses the first that all of its members name.</summary>
public enum PartitionAssignmentStrategy
{
    /// <summary>
    /// Each topic is cut into ranges of neighbouring partitions, so that topics of equal size are shared alike. All members
    /// give up all partitions in each rebalance. Where members name their racks, they get partitions that have a replica there as
    /// far as the ranges allow (KIP-881). Java's RangeAssignor.
    /// </summary>
    Range,

    /// <summary>
    /// The partitions of all topics are dealt out in turn, each to the next member that reads its topic. All members give up all
    /// partitions in each rebalance, and may get others. Java's RoundRobinAssignor.
    /// </summary>
    RoundRobin,

    /// <summary>
    /// Balanced with few moves, and all members give up all partitions in each rebalance: most come back to where they were. For
    /// groups with members that know no <see cref="CooperativeSticky"/>. Racks count as there. Java's StickyAssignor.
    /// </summary>
    Sticky,

    /// <summary>
    /// Balanced with few moves. If a member names only this one, it goes on reading during a rebalance what stays its own
    /// (KIP-429). Where members name their racks, partitions go to members in the racks of their replicas, also by moves, as far as
    /// the balance allows (KIP-881). Java's CooperativeStickyAssignor.
    /// </summary>
    CooperativeSticky,
}
