using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>Heartbeat of the classic protocol, every version.</summary>
sealed class HeartbeatHandler : ApiHandler<HeartbeatRequest, HeartbeatResponse>
{
    internal override HeartbeatResponse Fail(Call<HeartbeatRequest, HeartbeatResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<HeartbeatRequest, HeartbeatResponse> call, long nowMs)
    {
        var request = call.Request;
        var groups = call.Cluster.Groups;
        var error = groups.Check(request.GroupId, call.Broker);
        if (error == ErrorCode.None)
        {
            error = groups.Find(request.GroupId) is { } group
                ? group.Heartbeat(request.MemberId, request.GroupInstanceId, request.GenerationId, nowMs)
                : ErrorCode.UnknownMemberId;
        }

        call.Answer(Fail(call, error));
    }
}
