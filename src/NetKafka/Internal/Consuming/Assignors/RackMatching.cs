using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Who can read a partition from a replica in his own rack (KIP-881). It is looked at only where it makes a difference: members name racks,
/// some partition has a replica in one of them, and not every partition has replicas in all racks.
/// </summary>
sealed class RackMatching
{
    readonly GroupTopics _topics;

    RackMatching(GroupTopics topics) => _topics = topics;

    /// <summary>The matching of these partitions and members; null where it makes no difference.</summary>
    public static RackMatching? Of(GroupTopics topics, IEnumerable<TopicPartition> partitions, IReadOnlyCollection<MemberSubscription> members)
    {
        var wanted = new SortedSet<string>(members.Select(member => member.Rack).OfType<string>(), StringComparer.Ordinal);
        if (wanted.Count == 0)
            return null;
        List<IReadOnlyList<string>> racks = [.. partitions.Select(topics.RacksOf)];
        var all = new SortedSet<string>(racks.SelectMany(rack => rack), StringComparer.Ordinal);
        return wanted.Overlaps(all) && racks.Exists(rack => rack.Count != all.Count) ? new RackMatching(topics) : null;
    }

    /// <summary>Whether a member names a rack in which the partition has no replica.</summary>
    public bool IsMismatch(MemberSubscription member, TopicPartition partition) =>
        member.Rack is { } rack && !_topics.RacksOf(partition).Contains(rack);

    /// <summary>Whether a member names a rack in which the partition has a replica.</summary>
    public bool IsMatch(MemberSubscription member, TopicPartition partition) =>
        member.Rack is { } rack && _topics.RacksOf(partition).Contains(rack);
}
