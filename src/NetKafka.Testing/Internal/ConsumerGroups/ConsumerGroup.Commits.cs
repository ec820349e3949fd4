using NetKafka.Protocol;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <content>Who may commit and read offsets.</content>
sealed partial class ConsumerGroup
{
    const short EpochsSince = 9;

    internal override ErrorCode CheckOffsetDelete() => ErrorCode.None;

    internal override bool IsSubscribedTo(string topic) => SubscribedNames.Contains(topic);

    internal override ErrorCode CheckCommit(in CommitClaim claim, long nowMs)
    {
        if (claim.Epoch < 0 && IsEmpty)
            return ErrorCode.None;
        if (Find(claim.MemberId) is not { } member)
            return ErrorCode.UnknownMemberId;
        // Before, members had generations and no epochs.
        if (claim.Version < EpochsSince && member.Classic is null)
            return ErrorCode.UnsupportedVersion;
        return claim.Epoch <= member.Epoch ? ErrorCode.None : StaleFor(member);
    }

    /// <summary>A member in a newer epoch may still commit what it had in the older one without a break (KIP-1251).</summary>
    internal override ErrorCode CheckPartition(in CommitClaim claim, TopicIdPartition partition)
    {
        if (Find(claim.MemberId) is not { } member || claim.Epoch >= member.Epoch)
            return ErrorCode.None;
        var isHeld = member.Assigned.TryGetValue(partition, out var since) || member.Revoking.TryGetValue(partition, out since);
        return isHeld && claim.Epoch >= since ? ErrorCode.None : StaleFor(member);
    }

    internal override ErrorCode CheckTransaction(in CommitClaim claim)
    {
        if (claim.NamesNobody || (claim.Epoch < 0 && IsEmpty))
            return ErrorCode.None;
        if (Find(claim.MemberId) is not { } member)
            return ErrorCode.UnknownMemberId;
        return claim.Epoch <= member.Epoch ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    internal override ErrorCode CheckFetch(string? memberId, int memberEpoch)
    {
        if (memberId is null && memberEpoch < 0)
            return ErrorCode.None;
        if (memberId is null || Find(memberId) is not { } member)
            return ErrorCode.UnknownMemberId;
        return memberEpoch == member.Epoch ? ErrorCode.None : StaleFor(member);
    }

    static ErrorCode StaleFor(ConsumerGroupMember member) => member.Classic is null ? ErrorCode.StaleMemberEpoch : ErrorCode.IllegalGeneration;
}
