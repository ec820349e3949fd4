using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <content>The heartbeats of a member, and what the answers mean.</content>
sealed partial class ShareMemberMachine
{
    const int EpochOfLeave = -1;
    const int ShortestIntervalMs = 50;

    TimeSpan _interval = TimeSpan.Zero;
    Instant _sentAt = Instant.Start;
    Instant _notBefore = Instant.Start;
    KafkaException? _problem;
    bool _isUnderWay;
    bool _isFull;
    int _failures;
    int _attempt;

    Instant PollHeartbeat(Instant now)
    {
        if (_isUnderWay || State is not (ShareMemberState.Joining or ShareMemberState.Stable))
            return Instant.Never;
        if (_notBefore > now)
            return _notBefore;
        if (State == ShareMemberState.Stable && !_isFull && _sentAt + _interval > now)
            return _sentAt + _interval;
        SendHeartbeat(now);
        return Instant.Never;
    }

    void SendHeartbeat(Instant now)
    {
        _isUnderWay = true;
        var attempt = _attempt;
        var request = new ShareGroupHeartbeatRequest { GroupId = _context.Group, MemberId = MemberId, MemberEpoch = Epoch };
        if (_isFull || State == ShareMemberState.Joining)
            (request.SubscribedTopicNames, request.RackId) = ([.. _topics], _context.Rack);
        (_isFull, _sentAt) = (false, now);
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
        if (attempt != _attempt)
            return;
        _isUnderWay = false;
        Wake();
        if (!outcome.HasResponse)
            OnFailure(outcome.Failure, outcome.Now);
        else if (outcome.Response.ErrorCode == ErrorCode.None)
            TakeAnswer(outcome.Response);
        else
            OnError(outcome.Response, outcome.NodeId, outcome.Now);
    }

    void TakeAnswer(ShareGroupHeartbeatResponse response)
    {
        (_failures, _problem) = (0, null);
        Epoch = response.MemberEpoch;
        _interval = TimeSpan.FromMilliseconds(Math.Max(ShortestIntervalMs, response.HeartbeatIntervalMs));
        Move(ShareMemberState.Stable);
        if (response.Assignment is { } assignment)
            Take(assignment);
    }

    void OnError(ShareGroupHeartbeatResponse response, int nodeId, Instant now)
    {
        var error = response.ErrorCode;
        switch (error)
        {
            case ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch:
                Expel(error, now);
                break;
            case ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable:
                _context.Cluster.ForgetCoordinator(Coordinator, nodeId);
                Retry(error.KafkaName(), now);
                break;
            case ErrorCode.TopicAuthorizationFailed:
                // It may be a topic of several, and it may pass: the application is told once, and the member stays.
                if (_problem?.Code != error)
                    _owner.OnMemberProblem(_problem = ErrorOf(error, response.ErrorMessage));
                Retry(error.KafkaName(), now);
                break;
            default:
                if (error.IsRetriable() || error == ErrorCode.UnknownServerError)
                    Retry(error.KafkaName(), now);
                else
                    Fail(ErrorOf(error, response.ErrorMessage));
                break;
        }
    }

    void OnFailure(RequestFailure failure, Instant now)
    {
        switch (failure.Reason)
        {
            case RequestFailureReason.Closed:
                // The client is over: nothing is asked any more.
                _notBefore = Instant.Never;
                break;
            case RequestFailureReason.UnsupportedVersion:
                Fail(TooOld(failure.Detail, failure.Broker));
                break;
            case RequestFailureReason.Refused:
                Fail(failure.Error.IsAuthorization()
                    ? new KafkaAuthorizationException($"Share group '{_context.Group}': {failure.Detail}") { Code = failure.Error, IsFatal = true }
                    : new KafkaException($"Share group '{_context.Group}': {failure.Detail}") { Code = failure.Error, Broker = failure.Broker, IsFatal = true });
                break;
            default:
                if (failure.Reason == RequestFailureReason.TimedOut)
                    _context.Cluster.ForgetCoordinator(Coordinator, _context.Cluster.CoordinatorOf(Coordinator));
                Retry(failure.Detail, now);
                break;
        }
    }

    /// <summary>Asks again after a pause, and says all of it: nobody knows what the coordinator has heard.</summary>
    void Retry(string problem, Instant now)
    {
        _failures++;
        _notBefore = now + _context.RetryBackoff.After(_failures, _context.Random);
        _isFull = true;
        Wake();
        if (_failures == 1 || _failures % 10 == 0)
            Report($"heartbeat: {problem}; trying again (try {_failures})");
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

    KafkaException TooOld(string detail, string? broker) => new(
        $"Share group '{_context.Group}': share groups take brokers from 4.1 on, whose feature share.version is finalized "
            + $"(kafka-features upgrade --feature share.version=1): {detail}.")
    { Code = ErrorCode.UnsupportedVersion, Broker = broker, IsFatal = true };

    KafkaException ErrorOf(ErrorCode error, string? said)
    {
        var message = $"Share group '{_context.Group}': {error.KafkaName()}" + (string.IsNullOrEmpty(said) ? "" : $": {said}");
        if (!message.EndsWith('.'))
            message += ".";
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
}
