using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.ConsumerGroups;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// ConsumerGroupHeartbeat, every version: the one request of members of the consumer protocol (KIP-848). From version 1 on members name
/// themselves and may subscribe by a regular expression. Left out: racks.
/// </summary>
sealed class ConsumerGroupHeartbeatHandler : ApiHandler<Request, Response>
{
    const short NamesItselfSince = 1;

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
        if (call.Cluster.Settings.GroupVersion < 1)
            return new GroupError(ErrorCode.UnsupportedVersion, "The feature group.version is not finalized.");
        var request = call.Request;
        if (Mistake(request, call.Version) is { } mistake)
            return new GroupError(ErrorCode.InvalidRequest, mistake);
        if (request.ServerAssignor is { } assignor && ServerAssignors.Find(assignor) is null)
            return new GroupError(ErrorCode.UnsupportedAssignor, $"There is no assignor {assignor}, but {ServerAssignors.Names}.");
        return new GroupError(call.Cluster.Groups.Check(request.GroupId, call.Broker), null);
    }

    /// <summary>What is wrong with the shape of a request; null for nothing.</summary>
    static string? Mistake(Request request, short version)
    {
        var mustBeNamed = version >= NamesItselfSince || request.MemberEpoch is > MemberEpochs.Join or MemberEpochs.Leave;
        if (mustBeNamed && IsBlank(request.MemberId))
            return "MemberId must be given.";
        if (IsBlank(request.GroupId))
            return "GroupId must be given.";
        if (IsBlank(request.InstanceId) || IsBlank(request.RackId))
            return "InstanceId and RackId must be null or have a value.";
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
        if (request.RebalanceTimeoutMs == -1)
            return "RebalanceTimeoutMs must be given by who joins.";
        if (request.TopicPartitions is not { Length: 0 })
            return "TopicPartitions must be empty where a member joins.";
        return request.SubscribedTopicNames is null && request.SubscribedTopicRegex is null ? "Who joins must subscribe to something." : null;
    }

    static bool IsBlank(string? value) => value is not null && string.IsNullOrWhiteSpace(value);
}
