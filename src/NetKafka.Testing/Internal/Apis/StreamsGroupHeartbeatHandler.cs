using NetKafka.Protocol;
using NetKafka.Testing.Internal.ConsumerGroups;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.StreamsGroupHeartbeatResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>StreamsGroupHeartbeat, version 0: the one request of members of streams groups to their coordinator (KIP-1071).</summary>
sealed class StreamsGroupHeartbeatHandler : ApiHandler<Request, Response>
{
    internal override short MaxVersion => 0;

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
        if (call.Cluster.Settings.StreamsVersion < 1)
            return new GroupError(ErrorCode.UnsupportedVersion, "The feature streams.version is not finalized.");
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
        if (request.InstanceId is not null && string.IsNullOrWhiteSpace(request.InstanceId))
            return "InstanceId must be null or have a value.";
        if (request.RackId is not null && string.IsNullOrWhiteSpace(request.RackId))
            return "RackId must be null or have a value.";
        if (request.Topology?.Subtopologies.Any(static part => part.SourceTopicRegex.Length > 0) == true)
            return "Regular expressions for source topics are not supported yet.";
        return request.MemberEpoch switch
        {
            < MemberEpochs.LeaveForNow => "MemberEpoch is none that there is.",
            MemberEpochs.LeaveForNow when request.InstanceId is null => "Only a static member can leave for now.",
            MemberEpochs.Join => MistakeOfJoin(request),
            _ => null,
        };
    }

    static string? MistakeOfJoin(Request request)
    {
        if (request.RebalanceTimeoutMs < 0)
            return "RebalanceTimeoutMs must be given by who joins.";
        if (request.Topology is null)
            return "Topology must be given by who joins.";
        return request is { ActiveTasks: [], StandbyTasks: [], WarmupTasks: [] } ? null : "Who joins has no tasks: all three kinds must be empty.";
    }
}
