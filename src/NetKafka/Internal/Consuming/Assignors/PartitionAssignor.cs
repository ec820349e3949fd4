namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Shares the partitions of a group's topics among its members. Pure: the same input gives the same answer on every
/// machine, whatever the order of the members.
/// </summary>
abstract class PartitionAssignor
{
    /// <summary>The name by which the members of a group agree on it; Java's, so that both can share a group.</summary>
    public abstract string Name { get; }

    /// <summary>Whether members may keep what they own while the group rebalances (KIP-429).</summary>
    public abstract bool IsCooperative { get; }

    /// <summary>What a member says beside its subscription, or null.</summary>
    public virtual byte[]? UserData(int generation) => null;

    /// <summary>The generation in the user data of a member too old to say it elsewhere; −1 if there is none.</summary>
    public virtual int GenerationOf(ReadOnlySpan<byte> userData) => -1;

    /// <summary>Who gets what. Every member has an entry, perhaps an empty one.</summary>
    /// <param name="partitionCounts">The topics that exist, with the number of their partitions.</param>
    /// <param name="members">The members, in any order; ids do not repeat.</param>
    public abstract SortedDictionary<string, List<TopicPartition>> Assign(
        SortedDictionary<string, int> partitionCounts, IReadOnlyList<MemberSubscription> members);

    protected static SortedDictionary<string, List<TopicPartition>> Nothing(IEnumerable<MemberSubscription> members)
    {
        var assignment = new SortedDictionary<string, List<TopicPartition>>(StringComparer.Ordinal);
        foreach (var member in members)
            assignment[member.MemberId] = [];
        return assignment;
    }
}
