namespace NetKafka.Internal.Consuming.Groups;

/// <summary>The moves that a member may make. Any other is a defect and throws, in every build.</summary>
static class MemberMoves
{
    public static void Check(MemberState from, MemberState to)
    {
        if (!IsLegal(from, to))
            throw new InvalidOperationException($"A group member cannot go from {from} to {to}.");
    }

    public static bool IsLegal(MemberState from, MemberState to) => from switch
    {
        MemberState.Idle => to is MemberState.Joining or MemberState.Leaving,
        MemberState.Releasing => to is MemberState.Joining or MemberState.Idle or MemberState.Leaving,
        MemberState.Joining => to is MemberState.Assigning or MemberState.Syncing or MemberState.Releasing or MemberState.Idle or MemberState.Leaving,
        MemberState.Assigning => to is MemberState.Syncing or MemberState.Releasing or MemberState.Joining or MemberState.Idle or MemberState.Leaving,
        MemberState.Syncing => to is MemberState.Taking or MemberState.Releasing or MemberState.Joining or MemberState.Idle or MemberState.Leaving,
        MemberState.Taking => to is MemberState.Stable or MemberState.Releasing or MemberState.Joining or MemberState.Idle or MemberState.Leaving,
        MemberState.Stable => to is MemberState.Releasing or MemberState.Joining or MemberState.Idle or MemberState.Leaving,
        MemberState.Leaving => to is MemberState.Left,
        _ => false,
    };
}
