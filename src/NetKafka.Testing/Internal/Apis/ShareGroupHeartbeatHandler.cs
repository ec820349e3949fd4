using NetKafka.Protocol;
using NetKafka.Testing.Internal.ConsumerGroups;
using Request = NetKafka.Protocol.Messages.ShareGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ShareGroupHeartbeatResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ShareGroupHeartbeat, every version: the one request of members of share groups to their coordinator (KIP-932).</summary>
sealed class ShareGroupHeartbeatHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var answer = new Response();
        var error = Check(call);
        if (error.IsNone)
            error = call.Cluster.Groups.Heartbeat(call.Request, call.ClientId ?? "", nowMs, out answer);
        if (!error.IsNone)
            answer = new Response { ErrorCode = error.Code, ErrorMessage = error.Message };
        answer.ThrottleTimeMs = call.ThrottleMs;
        call.Answer(answer);
    }

    static GroupError Check(Call<Request, Response> call)
    {
        if (call.Cluster.Settings.ShareVersion < 1)
            return new GroupError(ErrorCode.UnsupportedVersion, "The feature share.version is not finalized.");
        return Mistake(call.Request) is { } mistake
            ? new GroupError(ErrorCode.InvalidRequest, mistake)
            : new GroupError(call.Cluster.Groups.Check(call.Request.GroupId, call.Broker), null);
    }

    /// <summary>What is wrong with the shape of a request; null for nothing.</summary>
    static string? Mistake(Request request)
    {
        if (string.IsNullOrWhiteSpace(request.MemberId))
            return "MemberId must be given.";
        if (string.IsNullOrWhiteSpace(request.GroupId))
            return "GroupId must be given.";
        if (request.RackId is not null && string.IsNullOrWhiteSpace(request.RackId))
            return "RackId must be null or have a value.";
        return request.MemberEpoch switch
        {
            < MemberEpochs.Leave => "MemberEpoch is none that there is.",
            MemberEpochs.Join when request.SubscribedTopicNames is null or [] => "Who joins must subscribe to something.",
            _ => null,
        };
    }
}
