using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Deals the partitions of all topics out in turn; who does not read a topic is passed over. Where all read the same, loads differ by one at
/// most.
/// </summary>
sealed class RoundRobinAssignor : PartitionAssignor
{
    public override string Name => "roundrobin";

    protected override GroupAssignment Share(GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        var assignment = new GroupAssignment();
        List<HashSet<string>> read = [.. members.Select(member => member.Topics.ToHashSet())];
        var next = 0;
        foreach (var (topic, partitions) in topics.Counts)
        {
            if (!read.Exists(names => names.Contains(topic)))
                continue;
            for (var i = 0; i < partitions; i++)
            {
                while (!read[next].Contains(topic))
                    next = (next + 1) % members.Count;
                assignment.Add(members[next].MemberId, new TopicPartition(topic, i));
                next = (next + 1) % members.Count;
            }
        }
        return assignment;
    }
}
