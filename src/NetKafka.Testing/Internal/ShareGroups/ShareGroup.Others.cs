using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ShareGroups;

/// <content>What a share group says to members of other kinds of groups: it is none of theirs.</content>
sealed partial class ShareGroup
{
    internal override void Join(Call<JoinGroupRequest, JoinGroupResponse> call, long nowMs) =>
        ClassicGroup.Refuse(call, call.Request.MemberId, ErrorCode.InconsistentGroupProtocol);

    internal override void Sync(Call<SyncGroupRequest, SyncGroupResponse> call, long nowMs) =>
        ClassicGroup.Refuse(call, ErrorCode.UnknownMemberId);

    internal override ErrorCode Heartbeat(string memberId, string? instanceId, int generation, long nowMs) => ErrorCode.UnknownMemberId;

    internal override ErrorCode Leave(string memberId, string? instanceId, long nowMs) => ErrorCode.UnknownMemberId;

    internal override ErrorCode CheckCommit(in CommitClaim claim, long nowMs) => ErrorCode.GroupIdNotFound;

    internal override ErrorCode CheckTransaction(in CommitClaim claim) => ErrorCode.GroupIdNotFound;

    internal override ErrorCode CheckOffsetDelete() => ErrorCode.GroupIdNotFound;

    internal override bool IsSubscribedTo(string topic) => false;
}
