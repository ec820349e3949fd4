using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// Balances with as few moves as it can, for members that give up everything before each rebalance: what they had is in their user data, in
/// the layout of Java's StickyAssignor.
/// </summary>
sealed class StickyAssignor : PartitionAssignor
{
    public override string Name => "sticky";

    public override byte[]? UserData(int generation, Ownership last) => last.Generation < 0 ? null : StickyUserData.Write(last);

    // What is owned while the group rebalances is nothing: it was given up.
    public override Ownership ReadOwnership(Ownership said, bool tellsGeneration, ReadOnlySpan<byte> userData) => StickyUserData.Read(userData);

    protected override GroupAssignment Share(GroupTopics topics, IReadOnlyList<MemberSubscription> members) =>
        new StickyPlan(topics, members, StickyDepth.Racks).Result;
}
