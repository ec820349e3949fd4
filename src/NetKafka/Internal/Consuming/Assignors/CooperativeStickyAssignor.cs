using System.Buffers.Binary;
using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Balances with as few moves as it can, and lets members go on reading what stays theirs (KIP-429): a partition that moves
/// is first taken from its owner, and given to the next one by the rebalance that this causes.
/// </summary>
sealed class CooperativeStickyAssignor : PartitionAssignor
{
    public override string Name => "cooperative-sticky";

    public override bool IsCooperative => true;

    public override byte[]? UserData(int generation, Ownership last)
    {
        // Java's assignor of before subscription version 2 reads the generation here.
        var data = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(data, generation);
        return data;
    }

    public override Ownership ReadOwnership(Ownership said, bool tellsGeneration, ReadOnlySpan<byte> userData)
    {
        if (tellsGeneration)
            return said;
        return said with { Generation = userData.Length >= sizeof(int) ? Math.Max(-1, BinaryPrimitives.ReadInt32BigEndian(userData)) : -1 };
    }

    protected override GroupAssignment Share(GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        var plan = new StickyPlan(topics, members, StickyDepth.Racks);
        return !plan.MindsRacks || IsFollowedByOneAsGood(plan, topics, members)
            ? plan.Result
            : new StickyPlan(topics, members, StickyDepth.Loads).Result;
    }

    /// <summary>
    /// Whether the next rebalance, which finds what this one takes away free, comes to something as good without taking anything away. Each
    /// plan that moves something for racks alone is better then than the one before, so the group does not rebalance for ever.
    /// </summary>
    static bool IsFollowedByOneAsGood(StickyPlan plan, GroupTopics topics, IReadOnlyList<MemberSubscription> members)
    {
        var taken = plan.Result;
        WithholdWhatOthersStillRead(taken, members);
        List<MemberSubscription> later =
            [.. members.Select(member => member with { OwnedPartitions = taken.PartitionsOf(member.MemberId), Generation = 0 })];
        return new StickyPlan(topics, later, StickyDepth.Free).Cost.CompareTo(plan.Cost) <= 0;
    }
}
