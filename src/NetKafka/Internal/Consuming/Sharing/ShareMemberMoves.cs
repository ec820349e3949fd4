namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>The moves that a member of a share group may make. Any other is a defect and throws, in every build.</summary>
static class ShareMemberMoves
{
    public static void Check(ShareMemberState from, ShareMemberState to)
    {
        if (!IsLegal(from, to))
            throw new InvalidOperationException($"A member of a share group cannot go from {from} to {to}.");
    }

    public static bool IsLegal(ShareMemberState from, ShareMemberState to) => from switch
    {
        ShareMemberState.Idle => to is ShareMemberState.Joining or ShareMemberState.Leaving,
        ShareMemberState.Joining => to is ShareMemberState.Stable or ShareMemberState.Idle or ShareMemberState.Leaving,
        ShareMemberState.Stable => to is ShareMemberState.Joining or ShareMemberState.Idle or ShareMemberState.Leaving,
        ShareMemberState.Leaving => to is ShareMemberState.Left,
        _ => false,
    };
}
