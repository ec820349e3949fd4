namespace NetKafka.Internal.Consuming.Groups;

/// <summary>The moves that a member of the consumer protocol may make. Any other is a defect and throws, in every build.</summary>
static class ConsumerMemberMoves
{
    public static void Check(ConsumerMemberState from, ConsumerMemberState to)
    {
        if (!IsLegal(from, to))
            throw new InvalidOperationException($"A member of the consumer protocol cannot go from {from} to {to}.");
    }

    public static bool IsLegal(ConsumerMemberState from, ConsumerMemberState to) => from switch
    {
        ConsumerMemberState.Idle => to is ConsumerMemberState.Joining or ConsumerMemberState.Leaving,
        ConsumerMemberState.Joining => to is ConsumerMemberState.Stable or ConsumerMemberState.Idle or ConsumerMemberState.Leaving,
        ConsumerMemberState.Stable => to is ConsumerMemberState.Reconciling or ConsumerMemberState.Losing or ConsumerMemberState.Joining
            or ConsumerMemberState.Idle or ConsumerMemberState.Leaving,
        ConsumerMemberState.Reconciling => to is ConsumerMemberState.Stable or ConsumerMemberState.Losing or ConsumerMemberState.Joining
            or ConsumerMemberState.Idle or ConsumerMemberState.Leaving,
        ConsumerMemberState.Losing => to is ConsumerMemberState.Joining or ConsumerMemberState.Idle or ConsumerMemberState.Leaving,
        ConsumerMemberState.Leaving => to is ConsumerMemberState.Left,
        _ => false,
    };
}
