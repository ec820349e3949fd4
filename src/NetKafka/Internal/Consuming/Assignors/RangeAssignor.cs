using NetKafka.Consuming;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Cuts each topic into ranges of neighbouring partitions, one a member, so that topics with the same number of partitions
/// are shared alike (partition 3 of both goes to one member). Where racks make a difference (KIP-881), members first get what has a replica
/// in theirs, no more than their share, and the rest is cut into ranges: topics that were shared alike still are.
/// </summary>
sealed class RangeAssignor : PartitionAssignor
{
    public override string Name => "range";

    protected override GroupAssignment Share(GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        var assignment = new GroupAssignment();
        List<HashSet<string>> read = [.. members.Select(member => member.Topics.ToHashSet())];
        List<TopicRanges> ranges =
        [
            .. topics.Counts.Select(topic => new TopicRanges(
                topics, topic.Key, [.. members.Where((_, index) => read[index].Contains(topic.Key))], assignment)),
        ];
        if (ranges.Exists(topic => topic.Racks is not null))
            MatchRacks(ranges);
        foreach (var topic in ranges)
            topic.GiveRanges();
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.FirstPartitionIsGivenTwice))
        {
            foreach (var topic in ranges)
            {
                foreach (var reader in topic.Readers.Skip(1))
                    assignment.Add(reader.MemberId, new TopicPartition(topic.Name, 0));
            }
        }
#endif
        return assignment;
    }

    static void MatchRacks(List<TopicRanges> ranges)
    {
        var groups = new List<List<TopicRanges>>();
        foreach (var topic in ranges)
        {
            if (groups.Find(group => group[0].IsSharedLike(topic)) is { } alike)
                alike.Add(topic);
            else
                groups.Add([topic]);
        }
        foreach (var group in groups)
        {
            if (group.Count == 1)
                group[0].GiveMatching();
            else
                MatchRacksAlike(group);
        }
    }

    /// <summary>Gives the same partition of all topics to one member, the first whose rack has a replica of each.</summary>
    static void MatchRacksAlike(List<TopicRanges> alike)
    {
        // Where nobody names a rack there is nothing to match.
        if (alike[0].Readers.All(reader => reader.Rack is null))
            return;
        for (var partition = 0; partition < alike[0].Count; partition++)
        {
            for (var reader = 0; reader < alike[0].Readers.Count; reader++)
            {
                if (!alike.TrueForAll(topic => topic.RoomOf(reader) > 0 && topic.Matches(reader, partition)))
                    continue;
                foreach (var topic in alike)
                    topic.Give(reader, partition);
                break;
            }
        }
    }
}
