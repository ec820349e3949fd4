using System.Buffers.Binary;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Balances with as few moves as it can, and lets members go on reading what stays theirs (KIP-429): a partition that moves
/// is first taken from its owner, and given to the next one by the rebalance that this causes.
/// </summary>
sealed class CooperativeStickyAssignor : PartitionAssignor
{
    public override string Name => "cooperative-sticky";

    public override bool IsCooperative => true;

    public override byte[]? UserData(int generation)
    {
        // Java's assignor of before subscription version 2 reads the generation here.
        var data = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(data, generation);
        return data;
    }

    public override int GenerationOf(ReadOnlySpan<byte> userData) =>
        userData.Length >= sizeof(int) ? Math.Max(-1, BinaryPrimitives.ReadInt32BigEndian(userData)) : -1;

    public override SortedDictionary<string, List<TopicPartition>> Assign(
        SortedDictionary<string, int> partitionCounts, IReadOnlyList<MemberSubscription> members)
    {
        var assignment = Nothing(members);
        foreach (var (memberId, partitions) in new StickyPlan(partitionCounts, members).Result)
            assignment[memberId] = partitions;
        WithholdWhatOthersStillRead(assignment, members);
        return assignment;
    }

    static void WithholdWhatOthersStillRead(
        SortedDictionary<string, List<TopicPartition>> assignment, IReadOnlyList<MemberSubscription> members)
    {
        var given = new Dictionary<TopicPartition, string>();
        foreach (var (memberId, partitions) in assignment)
        {
            foreach (var partition in partitions)
                given[partition] = memberId;
        }
        // Whoever says already that he reads what he is given does not have to wait for others who say so too.
        var settled = new HashSet<TopicPartition>();
        var claimed = new HashSet<TopicPartition>();
        foreach (var member in members)
        {
            foreach (var partition in member.Owned)
            {
                if (given.TryGetValue(partition, out var receiver))
                    (receiver == member.MemberId ? settled : claimed).Add(partition);
            }
        }
        foreach (var partitions in assignment.Values)
            partitions.RemoveAll(partition => claimed.Contains(partition) && !settled.Contains(partition));
    }
}
