using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>LeaveGroup, every version: one member, and from version 3 on many, static ones by their instance.</summary>
sealed class LeaveGroupHandler : ApiHandler<LeaveGroupRequest, LeaveGroupResponse>
{
    internal override LeaveGroupResponse Fail(Call<LeaveGroupRequest, LeaveGroupResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<LeaveGroupRequest, LeaveGroupResponse> call, long nowMs)
    {
        var request = call.Request;
        var error = call.Cluster.Groups.Check(request.GroupId, call.Broker);
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        if (call.Version < 3)
        {
            call.Answer(Fail(call, Leave(call, request.MemberId, null, nowMs)));
            return;
        }

        call.Answer(new LeaveGroupResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Members = [.. request.Members.Select(member => new LeaveGroupResponse.MemberResponse
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = Leave(call, member.MemberId, member.GroupInstanceId, nowMs),
            })],
        });
    }

    static ErrorCode Leave(
        Call<LeaveGroupRequest, LeaveGroupResponse> call, string memberId, string? instanceId, long nowMs) =>
        call.Cluster.Groups.Find(call.Request.GroupId)?.Leave(memberId, instanceId, nowMs) ?? ErrorCode.UnknownMemberId;
}
