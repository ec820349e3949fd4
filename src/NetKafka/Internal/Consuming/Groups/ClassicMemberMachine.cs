using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// A member of a consumer group by the classic protocol: joins, shares out if it leads, takes its share, shows that it lives,
/// joins again when the group changes, leaves. One join or sync is under way at a time, beside at most one heartbeat.
/// </summary>
sealed partial class ClassicMemberMachine : MemberMachine
{
    // A leader that waits longer for the metadata of a topic shares out what it knows.
    static readonly TimeSpan MetadataPatience = TimeSpan.FromSeconds(5);

    readonly ConsumerContext _context;
    readonly IMemberOwner _owner;
    readonly GroupLeader _leader;
    readonly List<PartitionAssignor> _assignors;
    readonly bool _isCooperative;
    readonly SortedSet<TopicPartition> _owned = [];
    readonly List<Action<Effects>> _reports = [];
    readonly MemberHeartbeat _heartbeat;

    string _joinReason = "";
    string _protocol = "";
    string? _confirmedId;
    string? _rejoinReason;
    string? _lostReason;
    int _ownedGeneration = -1;
    Ownership _lastShare = Ownership.None;
    int _gaveUpIn = -1;
    (string Id, int Generation) _led = ("", -1);
    SortedSet<TopicPartition>? _share;
    Instant _notBefore = Instant.Start;
    Instant _assignBy = Instant.Never;
    int _failures;
    int _refusedSyncs;
    bool _isUnderWay;
    int _attempt;
    int _number;
    int _handover;
    Instant _meetsItselfUntil = Instant.Never;
    Instant _shareAgainAt = Instant.Never;

    public ClassicMemberMachine(ConsumerContext context, IMemberOwner owner)
    {
        _context = context;
        _owner = owner;
        _leader = new GroupLeader(context.Cluster, context.Rack);
        _assignors =
        [
            .. context.Options.CustomAssignors.Select(assignor => new CustomAssignor(assignor, context.Options.GroupId!)),
            .. context.Options.PartitionAssignmentStrategies.Select(MakeAssignor),
        ];
        _isCooperative = _assignors.All(assignor => assignor.IsCooperative);
        _heartbeat = new MemberHeartbeat(context, this);
    }

    public MemberState State { get; private set; }

    public override bool CanCommit => Generation >= 0;

    public override bool IsRebalancing => State != MemberState.Stable;

    public override bool IsOfConsumerProtocol => false;

    public IReadOnlyCollection<TopicPartition> Owned => _owned;

    string Group => _context.Options.GroupId!;

    CoordinatorKey Coordinator => CoordinatorKey.Group(Group);

    bool NeedsHeartbeats => Generation >= 0
        && State is MemberState.Releasing or MemberState.Syncing or MemberState.Taking or MemberState.Stable or MemberState.Assigning;

    public override void Join(string reason)
    {
        if (State == MemberState.Idle)
            BeginJoin(reason);
    }

    public override void OnHandedOver(int number)
    {
        if (number != _handover)
            return;
        Wake();
        if (State == MemberState.Releasing)
        {
            _owned.Clear();
            BeginJoin(_joinReason);
        }
        else if (State == MemberState.Taking)
        {
            var share = _share;
            // What is not in the new share has been given up by now.
            if (share is not null)
                _owned.IntersectWith(share);
            if (HandleLoss())
                return;
            if (share is not null)
                TakeNew(share);
            else
                Settle();
        }
    }

    /// <summary>The cluster has changed. A leader whose topics have other partitions now shares out anew.</summary>
    public override void OnClusterChanged()
    {
        if (State == MemberState.Stable && _leader.IsOutdated)
            Rejoin("the partitions of the group's topics have changed");
        Wake();
    }

    public override void OnSubscriptionChanged()
    {
        _hasUserData = false;
        EnforceRebalance("the subscription has changed");
    }

    public override bool EnforceRebalance(string reason)
    {
        // What is on its way says the old.
        if (State == MemberState.Joining && _isUnderWay)
            _rejoinReason ??= reason;
        Rejoin(reason);
        Wake();
        return true;
    }

    public override void OnRefused(ErrorCode error)
    {
        if (error == ErrorCode.RebalanceInProgress)
            Rejoin("the group is being rebalanced");
        else
            Expel(error);
        Wake();
    }

    public override void Suspend(string reason)
    {
        if (State is MemberState.Idle or MemberState.Leaving or MemberState.Left)
            return;
        SendLeave(reason, null, Instant.Never);
        _attempt++;
        ResetGeneration(forgetMember: true);
        Move(MemberState.Idle);
        Wake();
        LoseOwned(reason);
    }

    public override void Leave(Instant deadline, GroupMembershipOperation operation, Action onLeft)
    {
        _attempt++;
        _owned.Clear();
        Move(MemberState.Leaving);
        _leader.End();
        SendLeave("the consumer closes", onLeft, deadline, operation);
        Wake();
    }

    public override bool TakeFault(Exception error) => _context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        var next = Instant.Never;
        if (State == MemberState.Joining && !_isUnderWay)
        {
            if (_notBefore > now)
                next = _notBefore;
            else if (_context.Subscription.IsKnown && HasUserData())
                SendJoin(now);
        }
        else if (State == MemberState.Assigning)
        {
            if (_assignBy == Instant.Never)
                _assignBy = now + MetadataPatience;
            if (_leader.KnowsAllTopics || _assignBy <= now)
            {
                if (HasShares())
                    SendSync(TakeShares(now), now);
            }
            else
            {
                next = _assignBy;
            }
        }
        next = Instant.Earlier(next, AskShares(now));
        next = Instant.Earlier(next, ShareAgain(now));
        if (_meetsItselfUntil <= now)
            _meetsItselfUntil = Instant.Never;
        next = Instant.Earlier(next, _meetsItselfUntil);
        next = Instant.Earlier(next, WatchCode(now, effects));
        if (!NeedsHeartbeats)
            return next;
        if (_heartbeat.IsDue(now))
            SendHeartbeat(now);
        if (_heartbeat.TakeSilence(now))
        {
            _context.Cluster.ForgetCoordinator(Coordinator, _context.Cluster.CoordinatorOf(Coordinator));
            Report($"no heartbeat was answered for {_context.Options.SessionTimeout} (SessionTimeout); looking for the "
                + "coordinator again");
        }
        return Instant.Earlier(next, _heartbeat.NextDue(now));
    }

    /// <summary>
    /// A leader that has withheld partitions until a member gives them up looks after them: the process that was to give them up may have
    /// died, and the one that comes back under its name into the same generation has nothing to give up and does not join again.
    /// </summary>
    Instant ShareAgain(Instant now)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.GivenUpPartitionsWaitForNobody))
            return Instant.Never;
#endif
        if (State != MemberState.Stable || _shareAgainAt == Instant.Never)
            return Instant.Never;
        if (_shareAgainAt > now)
            return _shareAgainAt;
        _shareAgainAt = Instant.Never;
        Rejoin("partitions were withheld from their new owners, and nobody has given them up");
        return Instant.Never;
    }

    void TakeShare(byte[] assignment)
    {
        SortedSet<TopicPartition> share;
        try
        {
            share = GroupMessages.ReadAssignment(assignment);
        }
        catch (MalformedMessageException error)
        {
            Report($"the leader's assignment cannot be read, so nothing is taken: {error.Message}");
            share = [];
        }
        _reports.Add(effects => effects.Log(logger => ClientLog.Assigned(logger, Group, Generation, PartitionList.Of(share))));
        (_share, _ownedGeneration, _lastShare) = (share, Generation, new Ownership([.. share], Generation));
        Move(MemberState.Taking);
        List<TopicPartition> revoked = [.. _owned.Except(share)];
        if (revoked.Count == 0)
        {
            TakeNew(share);
            return;
        }
#if NETKAFKA_CHECKED
        if (!Planted.Has(Bug.GivenUpPartitionsWaitForNobody))
#endif
        _gaveUpIn = Generation;
        _reports.Add(effects => effects.Log(logger => ClientLog.Revoked(logger, Group, PartitionList.Of(revoked))));
        _owner.Release(++_handover, revoked);
    }

    void TakeNew(SortedSet<TopicPartition> share)
    {
        List<TopicPartition> added = [.. share.Except(_owned)];
        _owned.Clear();
        _owned.UnionWith(share);
        _share = null;
        _owner.Take(++_handover, added);
    }

    void Settle()
    {
        Move(MemberState.Stable);
        if (_rejoinReason is { } reason)
            Rejoin(reason);
        else if (_gaveUpIn == Generation)
            Rejoin("partitions were given up that wait for their new owners");
        else
            OnClusterChanged();
    }

    /// <summary>The group is to be shared out anew, or this member is to ask for its share again.</summary>
    void Rejoin(string reason)
    {
        switch (State)
        {
            case MemberState.Syncing or MemberState.Assigning:
                _attempt++;
                _isUnderWay = false;
                BeginJoin(reason);
                break;
            case MemberState.Taking:
                _rejoinReason ??= reason;
                break;
            case MemberState.Stable when _isCooperative || _owned.Count == 0:
                BeginJoin(reason);
                break;
            case MemberState.Stable:
                _joinReason = reason;
                List<TopicPartition> owned = [.. _owned];
                Move(MemberState.Releasing);
                _reports.Add(effects => effects.Log(logger => ClientLog.Revoked(logger, Group, PartitionList.Of(owned))));
                _owner.Release(++_handover, owned);
                break;
        }
    }

    void BeginJoin(string reason)
    {
        (_joinReason, _rejoinReason, _lostReason) = (reason, null, null);
        Move(MemberState.Joining);
        Wake();
    }

    /// <summary>
    /// Whether the one that has its instance id may be itself: a coordinator works off a join though the connection has ended by which it
    /// came, and that of a static member without an id takes the place of the one that joined after it.
    /// </summary>
    bool MeetsItself => _meetsItselfUntil != Instant.Never;

    /// <summary>The coordinator does not count this member any more: what it owned is lost, and it joins again.</summary>
    void Expel(ErrorCode error)
    {
        if (error == ErrorCode.FencedInstanceId && !MeetsItself)
        {
            Fail(new KafkaException(
                $"Another consumer has joined group '{Group}' with GroupInstanceId '{_context.Options.GroupInstanceId}', "
                    + "which must be unique. This one is over.")
            { Code = error, IsFatal = true });
            return;
        }
        var reason = $"the coordinator answered {error.KafkaName()}: it had heard nothing of this member for too long "
            + "(SessionTimeout), or its partitions were taken over";
        _meetsItselfUntil = Instant.Never;
        ResetGeneration(forgetMember: error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId);
        if (State is MemberState.Releasing or MemberState.Taking)
        {
            // The owner is busy with some of them; the rest goes once it has answered.
            _lostReason = reason;
            return;
        }
        _attempt++;
        _isUnderWay = false;
        if (_owned.Count == 0)
        {
            if (State == MemberState.Joining)
                (_joinReason, _rejoinReason) = (reason, null);
            else
                BeginJoin(reason);
            return;
        }
        LoseAll(reason);
    }

    /// <summary>What it owned is lost; then it joins again.</summary>
    void LoseAll(string reason)
    {
        _joinReason = reason;
        Move(MemberState.Releasing);
        LoseOwned(reason);
    }

    /// <summary>Goes on with a loss that came while the owner was busy.</summary>
    bool HandleLoss()
    {
        if (_lostReason is not { } reason)
            return false;
        _lostReason = null;
        _attempt++;
        _share = null;
        if (_owned.Count == 0)
        {
            BeginJoin(reason);
            return true;
        }
        LoseAll(reason);
        return true;
    }

    void LoseOwned(string reason)
    {
        _leader.End();
        if (_owned.Count == 0)
            return;
        List<TopicPartition> owned = [.. _owned];
        _owned.Clear();
        _reports.Add(effects => effects.Log(logger => ClientLog.Lost(logger, Group, PartitionList.Of(owned), reason)));
        _owner.Lose(++_handover, owned, reason);
    }

    void Fail(KafkaException error)
    {
        _attempt++;
        if (error.Code != ErrorCode.FencedInstanceId)
            SendLeave("the member has failed", null, Instant.Never);
        ResetGeneration(forgetMember: true);
        Move(MemberState.Idle);
        LoseOwned(error.Message);
        _owner.OnMemberFailed(error);
    }

    void ResetGeneration(bool forgetMember)
    {
        Generation = _ownedGeneration = -1;
        if (forgetMember)
            MemberId = "";
    }

    void Move(MemberState to)
    {
        MemberMoves.Check(State, to);
        State = to;
    }

    void Report(string problem) => _reports.Add(effects => effects.Log(logger => ClientLog.GroupProblem(logger, Group, problem)));

    static PartitionAssignor MakeAssignor(PartitionAssignmentStrategy strategy) => strategy switch
    {
        PartitionAssignmentStrategy.Range => new RangeAssignor(),
        PartitionAssignmentStrategy.RoundRobin => new RoundRobinAssignor(),
        PartitionAssignmentStrategy.Sticky => new StickyAssignor(),
        _ => new CooperativeStickyAssignor(),
    };
}
