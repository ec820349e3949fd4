using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <content>The heartbeats of a member, and what the answers mean.</content>
sealed partial class ShareMemberMachine
{
    const int EpochOfLeave = -1;

    Instant PollHeartbeat(Instant now)
    {
        if (State is not (ShareMemberState.Joining or ShareMemberState.Stable))
            return Instant.Never;
        if (_heartbeats.IsDue(State == ShareMemberState.Joining, now, out var next))
            SendHeartbeat(now);
        return next;
    }

    void SendHeartbeat(Instant now)
    {
        var request = new ShareGroupHeartbeatRequest { GroupId = _context.Group, MemberId = MemberId, MemberEpoch = Epoch };
        if (_heartbeats.IsFull || State == ShareMemberState.Joining)
            (request.SubscribedTopicNames, request.RackId) = ([.. _topics], _context.Rack);
        var attempt = _heartbeats.Begin(now);
        Send(request, now + _context.RequestTimeout, outcome => OnHeartbeat(attempt, outcome));
    }

    void Send(ShareGroupHeartbeatRequest request, Instant deadline, Action<Outcome<ShareGroupHeartbeatResponse>> onOutcome) => _context.Cluster.Send(
        new Exchange<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>(request, onOutcome)
        {
            Timeout = _context.RequestTimeout, Deadline = deadline, Owner = this,
        },
        RequestTarget.Coordinator(Coordinator), _context.GroupLane);

    void OnHeartbeat(int attempt, Outcome<ShareGroupHeartbeatResponse> outcome)
    {
        if (!_heartbeats.TryEnd(attempt))
            return;
        Wake();
        if (!outcome.HasResponse)
            _heartbeats.OnFailure(outcome.Failure, outcome.Now);
        else if (outcome.Response.ErrorCode == ErrorCode.None)
            TakeAnswer(outcome.Response);
        else if (outcome.Response.ErrorCode is ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch)
            Expel(outcome.Response.ErrorCode, outcome.Now);
        else
            _heartbeats.OnError(outcome.Response.ErrorCode, outcome.Response.ErrorMessage, outcome.NodeId, outcome.Now);
    }

    void TakeAnswer(ShareGroupHeartbeatResponse response)
    {
        _heartbeats.Succeed(response.HeartbeatIntervalMs);
        Epoch = response.MemberEpoch;
        Move(ShareMemberState.Stable);
        if (response.Assignment is { } assignment)
            Take(assignment);
    }

    void SendLeave(Action? onLeft, Instant deadline) => Send(
        new ShareGroupHeartbeatRequest { GroupId = _context.Group, MemberId = MemberId, MemberEpoch = EpochOfLeave }, deadline, _ => OnLeft(onLeft));

    void OnLeft(Action? onLeft)
    {
        if (onLeft is null)
            return;
        if (State == ShareMemberState.Leaving)
            Move(ShareMemberState.Left);
        onLeft();
    }

    public KafkaException TooOld(string detail, string? broker) => new(
        $"Share group '{_context.Group}': share groups take brokers from 4.1 on, whose feature share.version is finalized "
            + $"(kafka-features upgrade --feature share.version=1): {detail}.")
    { Code = ErrorCode.UnsupportedVersion, Broker = broker, IsFatal = true };

    KafkaException IHeartbeatOwner.ErrorOf(ErrorCode error, string? said)
    {
        var message = _heartbeats.Words(error, said);
        return error switch
        {
            ErrorCode.UnsupportedVersion => TooOld(said ?? "the coordinator refused", null),
            ErrorCode.TopicAuthorizationFailed => new KafkaAuthorizationException(message + " The principal lacks Describe on a topic of the subscription.") { Code = error },
            _ when error.IsAuthorization() => new KafkaAuthorizationException(message + " The principal lacks Read on the group.") { Code = error, IsFatal = true },
            ErrorCode.GroupMaxSizeReached => new KafkaException(message + " The group is full (group.share.max.size of the broker).") { Code = error, IsFatal = true },
            ErrorCode.GroupIdNotFound or ErrorCode.InconsistentGroupProtocol => new KafkaException(
                message + " A group of another kind has this GroupId: choose another, or delete that group once its members have left.")
            { Code = error, IsFatal = true },
            _ => new KafkaException(message) { Code = error, IsFatal = true },
        };
    }

    /// <summary>What a late join leads to is what the next one says as well.</summary>
    void IHeartbeatOwner.OnUnanswered(RequestFailure failure, Instant now)
    {
    }

    void IHeartbeatOwner.OnProblem(KafkaException problem) => _owner.OnMemberProblem(problem);

    void IHeartbeatOwner.Fail(KafkaException error) => Fail(error);

    void IHeartbeatOwner.Report(string problem) => Report(problem);
}
