using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <content>The heartbeats of a member, and what the answers mean.</content>
sealed partial class ConsumerMemberMachine
{
    const int EpochOfJoin = 0;
    const int EpochOfLeave = -1;
    const int EpochOfStaticLeave = -2;
    const short FirstVersionWithPatterns = 1;

    /// <summary>After so long a session has ended whose last heartbeat lies before the first try; the broker's default, and a little.</summary>
    TimeSpan LongestSession => _context.Options.SessionTimeout + 5 * _context.RetryBackoff.Max;

    Instant _answeredAt = Instant.Start;
    Instant _unreleasedSince = Instant.Never;
    Instant _meetsItselfUntil = Instant.Never;
    string _givenUpId = "";
#if NETKAFKA_CHECKED
    ConsumerGroupHeartbeatRequest.TopicPartitionsData[] _lastOwned = [];
#endif
    bool _mustTell;
    bool _isTold;
    bool _hasSaidPattern;

    Instant PollHeartbeat(Instant now)
    {
        var isJoining = State == ConsumerMemberState.Joining;
        var isMember = State is ConsumerMemberState.Stable or ConsumerMemberState.Reconciling && Generation > 0;
        if (!(isJoining || isMember) || (isJoining && !_context.Subscription.IsKnown))
            return Instant.Never;
        if (_heartbeats.IsDue(isJoining || _mustTell, now, out var next))
            SendHeartbeat(isJoining, now);
        return next;
    }

    void SendHeartbeat(bool isJoining, Instant now)
    {
        var isFull = isJoining || _heartbeats.IsFull;
        var attempt = _heartbeats.Begin(now);
        var options = _context.Options;
        var request = new ConsumerGroupHeartbeatRequest
        {
            GroupId = Group,
            MemberId = MemberId,
            MemberEpoch = isJoining ? EpochOfJoin : Generation,
            InstanceId = options.GroupInstanceId,
            TopicPartitions = isFull || _mustTell ? OwnedById(isJoining) : null,
        };
#if NETKAFKA_CHECKED
        if (isJoining && Planted.Has(Bug.JoinTellsWhatWasOwned))
            request.TopicPartitions = _lastOwned;
        _lastOwned = isJoining || request.TopicPartitions is null ? _lastOwned : request.TopicPartitions;
#endif
        if (isFull)
        {
            request.RebalanceTimeoutMs = (int)options.MaxPollInterval.TotalMilliseconds;
            request.SubscribedTopicNames = _context.Subscription.Topics;
            // Nothing said leaves the old one as it is.
            request.SubscribedTopicRegex = _context.Subscription.BrokerPattern ?? (_hasSaidPattern ? "" : null);
            _hasSaidPattern |= request.SubscribedTopicRegex is not null;
            request.ServerAssignor = options.GroupRemoteAssignor;
        }
        _isTold |= request.TopicPartitions is not null;
        _mustTell = false;
        Send(request, now + _context.RequestTimeout, outcome => OnHeartbeat(attempt, outcome));
    }

    void Send(ConsumerGroupHeartbeatRequest request, Instant deadline, Action<Outcome<ConsumerGroupHeartbeatResponse>> onOutcome) => _context.Cluster.Send(
        new Exchange<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(request, onOutcome)
        {
            MinVersion = request.SubscribedTopicRegex is null ? (short)0 : FirstVersionWithPatterns,
            Timeout = _context.RequestTimeout, Deadline = deadline, Owner = this,
        },
        RequestTarget.Coordinator(Coordinator), _context.GroupLane);

    /// <summary>Who joins owns nothing.</summary>
    ConsumerGroupHeartbeatRequest.TopicPartitionsData[] OwnedById(bool isJoining) => isJoining
        ? []
        : [.. _owned.GroupBy(static own => own.Value, static own => own.Key.Partition).Select(static topic =>
            new ConsumerGroupHeartbeatRequest.TopicPartitionsData { TopicId = topic.Key, Partitions = [.. topic] })];

    void OnHeartbeat(int attempt, Outcome<ConsumerGroupHeartbeatResponse> outcome)
    {
        if (!_heartbeats.TryEnd(attempt))
            return;
        _answeredAt = outcome.Now;
        Wake();
        if (!outcome.HasResponse)
            _heartbeats.OnFailure(outcome.Failure, outcome.Now);
        else if (outcome.Response.ErrorCode == ErrorCode.None)
            TakeAnswer(outcome.Response);
        else
            OnError(outcome.Response, outcome.NodeId, outcome.Now);
    }

    void TakeAnswer(ConsumerGroupHeartbeatResponse response)
    {
        _heartbeats.Succeed(response.HeartbeatIntervalMs);
        (_unreleasedSince, _isTold) = (Instant.Never, false);
        Generation = response.MemberEpoch;
        if (!string.IsNullOrEmpty(response.MemberId))
            MemberId = response.MemberId;
        if (State == ConsumerMemberState.Joining)
            Move(ConsumerMemberState.Stable);
        if (response.Assignment is { } assignment)
        {
            _target = [];
            foreach (var topic in assignment.TopicPartitions)
                _target[topic.TopicId] = topic.Partitions;
            _names.Keep(_target.Keys);
        }
        Reconcile();
    }

    void OnError(ConsumerGroupHeartbeatResponse response, int nodeId, Instant now)
    {
        var error = response.ErrorCode;
#if NETKAFKA_CHECKED
        if (error == ErrorCode.UnreleasedInstanceId && Planted.Has(Bug.UnreleasedNameEndsTheMember))
        {
            Fail(ErrorOf(error, response.ErrorMessage));
            return;
        }
#endif
        switch (error)
        {
            case ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch:
            // While it was silent the group was deleted, or went back to the classic protocol.
            case ErrorCode.GroupIdNotFound when Generation > 0:
                Expel(error);
                break;
            case ErrorCode.FencedInstanceId:
                OnFencedInstance(response.ErrorMessage);
                break;
            case ErrorCode.UnreleasedInstanceId when _unreleasedSince == Instant.Never || now - _unreleasedSince < LongestSession:
                _unreleasedSince = Instant.Earlier(_unreleasedSince, now);
                _heartbeats.Retry($"{error.KafkaName()}: the member that had GroupInstanceId '{_context.Options.GroupInstanceId}' before has not left, and its session has not ended", now);
                break;
            default:
                _heartbeats.OnError(error, response.ErrorMessage, nodeId, now);
                break;
        }
    }

    void IHeartbeatOwner.OnUnanswered(RequestFailure failure, Instant now)
    {
        if (State == ConsumerMemberState.Joining && failure.MayHaveHappened)
            TakeAnotherId(now);
    }

    /// <summary>
    /// A join that comes late says that its member owns nothing, and what the member has by then is given to others. So the id of one that had
    /// no answer is given up, and with it what the coordinator may have given to it.
    /// </summary>
    void TakeAnotherId(Instant now)
    {
        SendLeave(null, Instant.Never);
        if (_context.Options.GroupInstanceId is not null)
            (_givenUpId, _meetsItselfUntil) = (MemberId, now + LongestSession + _context.RequestTimeout);
        MemberId = MemberIds.Draw(_context.Random);
    }

    /// <summary>
    /// Another has the instance id. It may be this member itself: a coordinator works off a join though nobody waits for its answer, and where
    /// the session of the one that joined after it had ended, that takes the name. Then it is let go, and this one joins again.
    /// </summary>
    void OnFencedInstance(string? said)
    {
        if (_meetsItselfUntil == Instant.Never)
        {
            Fail(ErrorOf(ErrorCode.FencedInstanceId, said));
            return;
        }
        _meetsItselfUntil = Instant.Never;
        MemberId = _givenUpId;
        SendLeave(null, Instant.Never);
        MemberId = MemberIds.Draw(_context.Random);
        Expel(ErrorCode.FencedInstanceId);
    }

    void SendLeave(Action? onLeft, Instant deadline, GroupMembershipOperation operation = GroupMembershipOperation.Default)
    {
        var comesBack = _context.Options.GroupInstanceId is not null && operation != GroupMembershipOperation.LeaveGroup;
#if NETKAFKA_CHECKED
        comesBack &= !Planted.Has(Bug.StaticMemberLeavesForGood);
#endif
        Send(
            new ConsumerGroupHeartbeatRequest
            {
                GroupId = Group, MemberId = MemberId, InstanceId = _context.Options.GroupInstanceId, MemberEpoch = comesBack ? EpochOfStaticLeave : EpochOfLeave,
            },
            deadline, _ => OnLeft(onLeft));
    }

    void OnLeft(Action? onLeft)
    {
        if (onLeft is null)
            return;
        if (State == ConsumerMemberState.Leaving)
            Move(ConsumerMemberState.Left);
        onLeft();
    }

    KafkaException IHeartbeatOwner.TooOld(string detail, string? broker) => new(
        $"Group '{Group}': the consumer protocol (GroupProtocol) takes brokers from 4.0 on, whose feature group.version is finalized: {detail}")
    { Code = ErrorCode.UnsupportedVersion, Broker = broker, IsFatal = true };

    KafkaException IHeartbeatOwner.ErrorOf(ErrorCode error, string? said) => ErrorOf(error, said);

    void IHeartbeatOwner.OnProblem(KafkaException problem) => _owner.OnMemberProblem(problem);

    void IHeartbeatOwner.Fail(KafkaException error) => Fail(error);

    void IHeartbeatOwner.Report(string problem) => Report(problem);

    KafkaException ErrorOf(ErrorCode error, string? said)
    {
        var message = _heartbeats.Words(error, said);
        return error switch
        {
            ErrorCode.TopicAuthorizationFailed => new KafkaAuthorizationException(message + " The principal lacks Describe on a topic of the subscription.") { Code = error },
            _ when error.IsAuthorization() => new KafkaAuthorizationException(message + " The principal lacks Read on the group.") { Code = error, IsFatal = true },
            ErrorCode.FencedInstanceId => new KafkaException(
                $"Another consumer has joined group '{Group}' with GroupInstanceId '{_context.Options.GroupInstanceId}', which must be unique. This one is over.")
            { Code = error, IsFatal = true },
            ErrorCode.UnreleasedInstanceId => new KafkaException(
                message + $" Another consumer that lives has GroupInstanceId '{_context.Options.GroupInstanceId}', which must be unique; it was waited for for {LongestSession}.")
            { Code = error, IsFatal = true },
            ErrorCode.GroupMaxSizeReached => new KafkaException(message + " The group is full (group.consumer.max.size of the broker).") { Code = error, IsFatal = true },
            ErrorCode.UnsupportedAssignor => new KafkaException(message + " GroupRemoteAssignor names none of the broker's group.consumer.assignors.") { Code = error, IsFatal = true },
            ErrorCode.InvalidRegularExpression => new KafkaException(
                message + $" The broker cannot read '{_context.Subscription.BrokerPattern}' (BrokerTopicPattern): it takes expressions of RE2, which have no look-around and no back-references.")
            { Code = error, IsFatal = true },
            ErrorCode.GroupIdNotFound => new KafkaException(
                message + " A group of another kind has this GroupId, or one of the classic protocol that cannot be taken over (group.consumer.migration.policy of the broker): set GroupProtocol to Classic.")
            { Code = error, IsFatal = true },
            _ => new KafkaException(message) { Code = error, IsFatal = true },
        };
    }
}
