using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Groups;

/// <content>To the consumer protocol, and back from it (KIP-848).</content>
sealed partial class ClassicGroup
{
    /// <summary>The group goes on by the other protocol: who waits for a generation has to join again.</summary>
    internal void Dismiss() => Close(ErrorCode.RebalanceInProgress);

    /// <summary>Begins, stable, where a group of the consumer protocol was.</summary>
    internal void Continue(int generation, string type, IEnumerable<GroupMember> classics, bool needsRebalance, long nowMs)
    {
        foreach (var member in classics)
        {
            Add(member);
            KeepAlive(member, nowMs);
        }

        (Generation, protocolType, ProtocolName) = (generation, type, SelectProtocol());
        State = GroupState.Stable;
        Persist();
        if (needsRebalance)
            PrepareRebalance(nowMs);
    }
}
