using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>What the member asks of its coordinator, and what the answers mean.</summary>
sealed partial class ClassicMemberMachine
{
    void SendJoin(Instant now)
    {
        (_isUnderWay, _hasUserData) = (true, false);
#if NETKAFKA_CHECKED
        _isUnderWay = !Planted.Has(Bug.JoinsAreSentTwice);
#endif
        var (attempt, number) = (_attempt, ++_number);
        var options = _context.Options;
        var owned = _isCooperative ? (IReadOnlyCollection<TopicPartition>)_owned : [];
        var protocols = _assignors.Select(assignor => new JoinGroupRequest.JoinGroupRequestProtocol
        {
            Name = assignor.Name,
            Metadata = GroupMessages.Subscription(
                _context.Subscription.Topics, owned, _isCooperative ? _ownedGeneration : Generation, assignor, _lastShare, _context.Rack),
        }).ToArray();
        var (reason, member) = (_joinReason, MemberId.Length == 0 ? "a new member" : MemberId);
        _reports.Add(effects => effects.Log(logger => ClientLog.Joining(logger, Group, member, reason)));
        var request = new Exchange<JoinGroupRequest, JoinGroupResponse>(
            version => new JoinGroupRequest
            {
                GroupId = Group,
                SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
                RebalanceTimeoutMs = version >= 1 ? (int)options.MaxPollInterval.TotalMilliseconds : -1,
                MemberId = MemberId,
                GroupInstanceId = version >= 5 ? options.GroupInstanceId : null,
                ProtocolType = GroupMessages.ProtocolType,
                Protocols = protocols,
                Reason = version >= 8 ? reason : null,
            },
            outcome => OnJoined(attempt, number, outcome))
        {
            MinVersion = (short)(options.GroupInstanceId is null ? 0 : 5),
            Timeout = JoinPatience, Deadline = now + JoinPatience, Owner = this,
        };
        _context.Cluster.Send(request, RequestTarget.Coordinator(Coordinator), _context.GroupLane);
    }

    /// <summary>How long a coordinator may take for a join: it waits for the others as long as their applications may take, and a little.</summary>
    TimeSpan JoinPatience => _context.Options.MaxPollInterval + TimeSpan.FromSeconds(5) + _context.RequestTimeout;

    void OnJoined(int attempt, int number, Outcome<JoinGroupResponse> outcome)
    {
        EndRequest(number);
        if (attempt != _attempt || State != MemberState.Joining)
            return;
        if (!outcome.HasResponse)
        {
            if (_context.Options.GroupInstanceId is not null && outcome.Failure.MayHaveHappened)
                _meetsItselfUntil = outcome.Now + JoinPatience;
            OnFailure(outcome.Failure, outcome.Now);
            return;
        }
        var response = outcome.Response;
        switch (response.ErrorCode)
        {
            case ErrorCode.None:
                TakeGeneration(response, outcome.Now);
                break;
            case ErrorCode.MemberIdRequired:
                // KIP-394: the id is kept, and with it the join is repeated at once.
#if NETKAFKA_CHECKED
                if (Planted.Has(Bug.MemberIdIsForgotten))
                    break;
#endif
                MemberId = response.MemberId;
                break;
            case ErrorCode.UnknownMemberId:
                Expel(response.ErrorCode);
                break;
            case ErrorCode.FencedInstanceId when MemberId != _confirmedId:
                // The coordinator that gave the id may be gone, and the new one knows an older id of the same instance alone; or a join of its
                // own came late, by a connection that was given up. A member that was in no generation yet is as good as one that has just
                // started.
                ResetGeneration(forgetMember: true);
                Retry($"joining: {response.ErrorCode.KafkaName()}", outcome.Now);
                break;
            default:
                OnError(response.ErrorCode, "joining", outcome.NodeId, outcome.Now);
                break;
        }
    }

    void TakeGeneration(JoinGroupResponse response, Instant now)
    {
        var assignor = _assignors.Find(assignor => assignor.Name == response.ProtocolName);
        if (assignor is null || response.ProtocolType is not (null or GroupMessages.ProtocolType))
        {
            Fail(new KafkaException(
                $"Group '{Group}' uses protocol '{response.ProtocolType}' with '{response.ProtocolName}', which this "
                    + "consumer did not offer.")
            { Code = ErrorCode.InconsistentGroupProtocol });
            return;
        }
        // A static member that misses a rebalance stays in the group with what it said in its last join (KIP-345), so that the others may have
        // been given what it owns and had not owned then.
        var hasMissed = Generation >= 0 && response.GenerationId > Generation + 1 && _context.Options.GroupInstanceId is not null;
        (MemberId, Generation, _protocol, _failures) = (response.MemberId, response.GenerationId, assignor.Name, 0);
        // A static member that was suspended in between comes back into the same generation, where what it gave up still
        // belongs to nobody: only a join that told of its share, or a new generation, has made up for that.
        if (_gaveUpIn != Generation || _ownedGeneration == Generation)
            _gaveUpIn = -1;
        _heartbeat.Begin(now);
        _shareAgainAt = Instant.Never;
        if (hasMissed && _owned.Count > 0)
        {
            LoseAll("the group was shared out without this member, which had not joined in time");
            return;
        }
        if (response.Leader != response.MemberId || response.Leader.Length == 0)
        {
            // Before KIP-814 a static leader that comes back is told its old id.
            if (_led == (response.Leader, Generation) && _context.Options.GroupInstanceId is not null)
            {
                _led = (MemberId, Generation);
                _leader.Resume(assignor);
            }
            else
            {
                _leader.End();
            }
            SendSync([], now);
            return;
        }
        _leader.Begin(response, assignor);
        if (response.SkipAssignment)
        {
            _leader.KeepShares();
            SendSync([], now);
            return;
        }
        (_assignBy, _shares) = (Instant.Never, null);
        Move(MemberState.Assigning);
    }

    void SendSync(SyncGroupRequest.SyncGroupRequestAssignment[] shares, Instant now)
    {
        Move(MemberState.Syncing);
        _isUnderWay = true;
        var (attempt, number) = (_attempt, ++_number);
        var (generation, memberId, protocol) = (Generation, MemberId, _protocol);
        var request = new Exchange<SyncGroupRequest, SyncGroupResponse>(
            version => new SyncGroupRequest
            {
                GroupId = Group,
                GenerationId = generation,
                MemberId = memberId,
                GroupInstanceId = version >= 3 ? _context.Options.GroupInstanceId : null,
                ProtocolType = GroupMessages.ProtocolType,
                ProtocolName = protocol,
                Assignments = shares,
            },
            outcome => OnSynced(attempt, number, outcome))
        {
            Timeout = _context.Options.MaxPollInterval + _context.RequestTimeout,
            Deadline = now + _context.Options.MaxPollInterval + _context.RequestTimeout, Owner = this,
        };
        _context.Cluster.Send(request, RequestTarget.Coordinator(Coordinator), _context.GroupLane);
    }

    /// <summary>The answer to an older request says nothing of the one under way.</summary>
    void EndRequest(int number)
    {
        _isUnderWay &= number != _number;
        Wake();
    }

    void OnSynced(int attempt, int number, Outcome<SyncGroupResponse> outcome)
    {
        EndRequest(number);
        if (attempt != _attempt || State != MemberState.Syncing)
            return;
        if (!outcome.HasResponse)
        {
            OnFailure(outcome.Failure, outcome.Now);
        }
        else if (outcome.Response.ErrorCode == ErrorCode.None)
        {
            (_confirmedId, _refusedSyncs) = (MemberId, 0);
            TellAssignor(outcome.Response.Assignment);
        }
        else if (outcome.Response.ErrorCode == ErrorCode.RebalanceInProgress)
        {
            // A coordinator of the consumer protocol has classic members wait for nobody, and says so until it has shared out.
            if (++_refusedSyncs > 1)
                _notBefore = outcome.Now + _context.RetryBackoff.After(_refusedSyncs - 1, _context.Random);
            Rejoin("the group changed while it was shared out");
        }
        else if (outcome.Response.ErrorCode is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration)
        {
            Expel(outcome.Response.ErrorCode);
        }
        else
        {
            OnError(outcome.Response.ErrorCode, "taking its share", outcome.NodeId, outcome.Now);
        }
    }

    void SendHeartbeat(Instant now)
    {
        var generation = Generation;
        _heartbeat.Send(Group, generation, MemberId, now, outcome =>
        {
            Wake();
            // An answer about an older generation says nothing of this one.
            if (generation != Generation || !NeedsHeartbeats)
                return;
            if (outcome.HasResponse)
                OnHeartbeat(outcome.Response.ErrorCode, outcome.NodeId);
        });
    }

    void OnHeartbeat(ErrorCode error, int nodeId)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.ExpelledMemberGoesOn) && error is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration)
            return;
#endif
        switch (error)
        {
            case ErrorCode.None:
                break;
            case ErrorCode.RebalanceInProgress:
#if NETKAFKA_CHECKED
                if (Planted.Has(Bug.RebalanceIsNotHeard))
                    break;
#endif
                if (State is MemberState.Stable or MemberState.Taking)
                    Rejoin("the group is being rebalanced");
                break;
            case ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable:
                _context.Cluster.ForgetCoordinator(Coordinator, nodeId);
                break;
            case ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.FencedInstanceId:
                Expel(error);
                break;
            default:
                if (!error.IsRetriable())
                    Fail(ErrorOf(error, "heartbeats"));
                break;
        }
    }

    void OnError(ErrorCode error, string what, int nodeId, Instant now)
    {
        if (error == ErrorCode.FencedInstanceId)
        {
            Expel(error);
            return;
        }
        if (error is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            _context.Cluster.ForgetCoordinator(Coordinator, nodeId);
        var mayPass = error.IsRetriable() || error is ErrorCode.RebalanceInProgress or ErrorCode.UnknownServerError;
#if NETKAFKA_CHECKED
        mayPass &= !Planted.Has(Bug.PassingErrorEndsTheMember);
#endif
        if (mayPass)
            Retry($"{what}: {error.KafkaName()}", now);
        else
            Fail(ErrorOf(error, what));
    }

    void OnFailure(RequestFailure failure, Instant now)
    {
        if (failure.Reason == RequestFailureReason.Closed)
        {
            // The client is over: nothing is asked any more.
            _notBefore = Instant.Never;
            return;
        }
        if (failure.Reason is RequestFailureReason.Refused or RequestFailureReason.UnsupportedVersion)
        {
            Fail(failure.Error.IsAuthorization()
                ? new KafkaAuthorizationException($"Group '{Group}': {failure.Detail}") { Code = failure.Error, IsFatal = true }
                : new KafkaException($"Group '{Group}': {failure.Detail}")
                { Code = failure.Error, Broker = failure.Broker, IsFatal = true });
            return;
        }
        if (failure.Reason == RequestFailureReason.TimedOut)
            _context.Cluster.ForgetCoordinator(Coordinator, _context.Cluster.CoordinatorOf(Coordinator));
        Retry(failure.Detail, now);
    }

    /// <summary>Joins again after a pause; a share that was not taken is asked for by a new join.</summary>
    void Retry(string problem, Instant now)
    {
        _failures++;
        _notBefore = now + _context.RetryBackoff.After(_failures, _context.Random);
        if (_failures == 1 || _failures % 10 == 0)
            Report($"{problem}; trying again (try {_failures})");
        if (State == MemberState.Syncing)
            BeginJoin("the share could not be had");
    }

    KafkaException ErrorOf(ErrorCode error, string what)
    {
        var message = $"Group '{Group}': {what}: {error.KafkaName()}";
        return error switch
        {
            _ when error.IsAuthorization() => new KafkaAuthorizationException(message + ". The principal lacks Read on the group.") { Code = error, IsFatal = true },
            ErrorCode.InconsistentGroupProtocol => new KafkaException(
                message + ". The group's members and this one have no strategy in common (PartitionAssignmentStrategies), or "
                    + "the group is no consumer group.")
            { Code = error, IsFatal = true },
            ErrorCode.InvalidSessionTimeout => new KafkaException(
                message + $". SessionTimeout ({_context.Options.SessionTimeout}) lies outside of the broker's "
                    + "group.min.session.timeout.ms and group.max.session.timeout.ms.")
            { Code = error, IsFatal = true },
            ErrorCode.GroupMaxSizeReached => new KafkaException(message + ". The group is full (group.max.size of the broker).")
            { Code = error, IsFatal = true },
            _ => new KafkaException(message) { Code = error, IsFatal = true },
        };
    }

    void SendLeave(string reason, Action? onLeft, Instant deadline, GroupMembershipOperation operation = GroupMembershipOperation.Default)
    {
        // A static member comes back; its partitions wait for it until the session times out.
        var instanceId = _context.Options.GroupInstanceId;
        var leaves = operation == GroupMembershipOperation.LeaveGroup || (operation == GroupMembershipOperation.Default && instanceId is null);
        if (MemberId.Length == 0 || !leaves)
        {
            OnLeft(onLeft);
            return;
        }
        var memberId = MemberId;
        var request = new Exchange<LeaveGroupRequest, LeaveGroupResponse>(
            version => version >= 3
                ? new LeaveGroupRequest
                {
                    GroupId = Group,
                    Members = [new LeaveGroupRequest.MemberIdentity { MemberId = memberId, GroupInstanceId = instanceId, Reason = version >= 5 ? reason : null }],
                }
                : new LeaveGroupRequest { GroupId = Group, MemberId = memberId },
            _ => OnLeft(onLeft))
        {
            Timeout = _context.RequestTimeout, Deadline = deadline, Owner = this,
        };
        // Not behind a join that is parked on the member's own connection.
        _context.Cluster.Send(request, RequestTarget.Coordinator(Coordinator), LaneKey.Control);
    }

    void OnLeft(Action? onLeft)
    {
        if (onLeft is null)
            return;
        if (State == MemberState.Leaving)
            Move(MemberState.Left);
        ResetGeneration(forgetMember: true);
        onLeft();
    }
}
