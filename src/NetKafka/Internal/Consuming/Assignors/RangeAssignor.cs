#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Cuts each topic into ranges of neighbouring partitions, one a member, so that topics with the same number of partitions
/// are shared alike (partition 3 of both goes to one member).
/// </summary>
sealed class RangeAssignor : PartitionAssignor
{
    public override string Name => "range";

    public override bool IsCooperative => false;

    public override SortedDictionary<string, List<TopicPartition>> Assign(
        SortedDictionary<string, int> partitionCounts, IReadOnlyList<MemberSubscription> members)
    {
        var assignment = Nothing(members);
        var ordered = members.Order().ToList();
        foreach (var (topic, partitions) in partitionCounts)
        {
            var readers = ordered.Where(member => member.Topics.Contains(topic)).ToList();
            var next = 0;
            for (var i = 0; i < readers.Count; i++)
            {
                // The first members take the partitions that are left over.
                var count = partitions / readers.Count + (i < partitions % readers.Count ? 1 : 0);
#if NETKAFKA_CHECKED
                if (Planted.Has(Bug.LeftOverPartitionsAreForgotten))
                    count = partitions / readers.Count;
                if (Planted.Has(Bug.FirstPartitionIsGivenTwice) && i > 0)
                    assignment[readers[i].MemberId].Add(new TopicPartition(topic, 0));
#endif
                for (; count > 0; count--)
                    assignment[readers[i].MemberId].Add(new TopicPartition(topic, next++));
            }
        }
        return assignment;
    }
}
