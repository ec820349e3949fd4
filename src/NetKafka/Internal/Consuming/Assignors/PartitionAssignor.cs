using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Shares the partitions of a group's topics among its members. Pure where it is Kafka's own: the same input gives the same answer on every
/// machine, whatever the order of the members.
/// </summary>
abstract class PartitionAssignor
{
    /// <summary>The name by which the members of a group agree on it; Java's, so that both can share a group.</summary>
    public abstract string Name { get; }

    /// <summary>Whether members may keep what they own while the group rebalances (KIP-429).</summary>
    public virtual bool IsCooperative => false;

    /// <summary>What a member says beside its subscription, or null.</summary>
    /// <param name="generation">The generation that the subscription names.</param>
    /// <param name="last">What the member was given last, though it may have given it up since.</param>
    public virtual byte[]? UserData(int generation, Ownership last) => null;

    /// <summary>What a member owns, or owned last, by its word.</summary>
    /// <param name="said">What its subscription names.</param>
    /// <param name="tellsGeneration">Whether the subscription is of a version that names the generation.</param>
    /// <param name="userData">What it says beside the subscription; empty if nothing.</param>
    public virtual Ownership ReadOwnership(Ownership said, bool tellsGeneration, ReadOnlySpan<byte> userData) => said;

    /// <summary>
    /// Who gets what. Every member has an entry, perhaps an empty one. Of a cooperative assignor nobody is given what another member still
    /// reads: it is withheld, and shared out by the rebalance that follows once it was given up.
    /// </summary>
    /// <param name="topics">The topics that exist.</param>
    /// <param name="members">The members, in any order; ids do not repeat.</param>
    public GroupAssignment Assign(GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        List<MemberSubscription> ordered = [.. members.Order(MemberOrder.Instance)];
        var assignment = Share(topics, ordered);
        foreach (var member in ordered)
            assignment.Add(member.MemberId, []);
        assignment.Sort();
        if (IsCooperative)
            WithholdWhatOthersStillRead(assignment, ordered);
        return assignment;
    }

    /// <summary>Who gets what in the end, once everybody has given up what is not his any more.</summary>
    /// <param name="topics">The topics that exist.</param>
    /// <param name="members">The members, in their order.</param>
    protected abstract GroupAssignment Share(GroupTopics topics, IReadOnlyList<MemberSubscription> members);

    protected static void WithholdWhatOthersStillRead(GroupAssignment assignment, IReadOnlyList<MemberSubscription> members)
    {
        if (members.All(member => member.OwnedPartitions.Count == 0))
            return;
        var given = new Dictionary<TopicPartition, string>();
        foreach (var memberId in assignment.MemberIds)
        {
            foreach (var partition in assignment.PartitionsOf(memberId))
                given[partition] = memberId;
        }
        // Whoever says already that he reads what he is given does not have to wait for others who say so too.
        var settled = new HashSet<TopicPartition>();
        var claimed = new HashSet<TopicPartition>();
        foreach (var member in members)
        {
            foreach (var partition in member.OwnedPartitions)
            {
                if (given.TryGetValue(partition, out var receiver))
                    (receiver == member.MemberId ? settled : claimed).Add(partition);
            }
        }
        assignment.Withhold(partition => claimed.Contains(partition) && !settled.Contains(partition));
    }
}
