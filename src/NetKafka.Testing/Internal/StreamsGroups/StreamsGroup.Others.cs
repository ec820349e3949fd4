using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.StreamsGroups;

/// <content>Offsets of its members, and what it says to members of other kinds of groups: it is none of theirs.</content>
sealed partial class StreamsGroup
{
    internal override void Join(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs) =>
        ClassicGroup.Refuse(call, call.Request.MemberId, ErrorCode.InconsistentGroupProtocol);

    internal override void Sync(Call<SyncGroupRequest, SyncGroupResponse> call, long nowMs) => ClassicGroup.Refuse(call, ErrorCode.UnknownMemberId);

    internal override ErrorCode Heartbeat(string memberId, string? instanceId, int generation, long nowMs) => ErrorCode.UnknownMemberId;

    internal override ErrorCode Leave(string memberId, string? instanceId, long nowMs) => ErrorCode.UnknownMemberId;

    internal override ErrorCode CheckCommit(in CommitClaim claim, long nowMs)
    {
        if (claim.Epoch < 0 && IsEmpty)
            return ErrorCode.None;
        if (!members.TryGetValue(claim.MemberId, out var member))
            return ErrorCode.UnknownMemberId;
        return claim.Epoch == member.Epoch ? ErrorCode.None : ErrorCode.StaleMemberEpoch;
    }

    internal override ErrorCode CheckTransaction(in CommitClaim claim) => claim.NamesNobody ? ErrorCode.None : CheckCommit(claim, 0);

    internal override ErrorCode CheckOffsetDelete() => ErrorCode.None;

    internal override bool IsSubscribedTo(string topic) => !IsEmpty && WatchedTopics.Contains(topic, StringComparer.Ordinal);
}
