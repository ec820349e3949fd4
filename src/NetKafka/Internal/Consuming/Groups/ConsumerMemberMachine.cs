using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// A member of a consumer group by the consumer protocol (KIP-848): it shows that it lives, and with that says what it subscribes to and
/// what it owns; the coordinator answers what it is to own. It gives up first and takes over then, and tells the coordinator of either, which
/// gives nothing to a member that another still has. One heartbeat is under way at a time.
/// </summary>
sealed partial class ConsumerMemberMachine : MemberMachine, IHeartbeatOwner
{
    readonly ConsumerContext _context;
    readonly IMemberOwner _owner;
    readonly TopicIdNames _names;
    readonly HeartbeatTries _heartbeats;

    // With the id of its topic: one that was deleted and created anew is another.
    readonly SortedDictionary<TopicPartition, Guid> _owned = [];
    readonly List<Action<Effects>> _reports = [];

    List<TopicPartition> _givingUp = [];
    SortedDictionary<Guid, int[]>? _target;
    string? _lostReason;
    bool _isGivingUp;
    bool _hasTaken;
    int _handover;

    public ConsumerMemberMachine(ConsumerContext context, IMemberOwner owner)
    {
        (_context, _owner) = (context, owner);
        _names = new TopicIdNames(context, this) { OnFound = OnClusterChanged };
        _heartbeats = new HeartbeatTries(context, Coordinator, this);
        MemberId = MemberIds.Draw(context.Random);
    }

    public ConsumerMemberState State { get; private set; }

    public override bool CanCommit => Generation > 0;

    public override bool IsRebalancing => State != ConsumerMemberState.Stable;

    public override bool IsOfConsumerProtocol => true;

    public IReadOnlyCollection<TopicPartition> Owned => _owned.Keys;

    public string GroupName => $"Group '{Group}'";

    public override Guid TopicIdOf(TopicPartition partition) => _owned.GetValueOrDefault(partition);

    string Group => _context.Options.GroupId!;

    CoordinatorKey Coordinator => CoordinatorKey.Group(Group);

    public override void Join(string reason)
    {
        if (State == ConsumerMemberState.Idle)
            BeginJoin(reason);
    }

    public override void OnHandedOver(int number)
    {
        if (number != _handover)
            return;
        Wake();
        if (State == ConsumerMemberState.Losing)
        {
            BeginJoin(_lostReason ?? "its partitions were lost");
            return;
        }
        if (State != ConsumerMemberState.Reconciling)
            return;
        if (_isGivingUp)
        {
            foreach (var partition in _givingUp)
                _owned.Remove(partition);
        }
        (_mustTell, _givingUp) = (true, []);
        if (_lostReason is { } reason)
            LoseAll(reason);
        else if (_isGivingUp)
            TakeNew();
        else
            Settle();
    }

    public override void OnClusterChanged()
    {
        if (State == ConsumerMemberState.Stable)
            Reconcile();
        Wake();
    }

    public override void OnSubscriptionChanged()
    {
        _heartbeats.IsFull |= _context.Subscription.IsKnown;
        Wake();
    }

    public override bool EnforceRebalance(string reason) => false;

    public override void OnRefused(ErrorCode error)
    {
        if (error is ErrorCode.UnknownMemberId or ErrorCode.FencedMemberEpoch)
            Expel(error);
        else if (error == ErrorCode.FencedInstanceId)
            OnFencedInstance(null);
        Wake();
    }

    public override void Suspend(string reason)
    {
        if (State is ConsumerMemberState.Idle or ConsumerMemberState.Leaving or ConsumerMemberState.Left)
            return;
        if (State != ConsumerMemberState.Losing)
            SendLeave(null, Instant.Never);
        End();
        Move(ConsumerMemberState.Idle);
        LoseOwned(reason);
        Wake();
    }

    public override void Leave(Instant deadline, GroupMembershipOperation operation, Action onLeft)
    {
        _owned.Clear();
        var wasMember = State is not (ConsumerMemberState.Idle or ConsumerMemberState.Losing);
        Move(ConsumerMemberState.Leaving);
        var says = wasMember && (operation != GroupMembershipOperation.RemainInGroup || _context.Options.GroupInstanceId is not null);
        if (says)
            SendLeave(onLeft, deadline, operation);
        End();
        if (!says)
            OnLeft(onLeft);
        Wake();
    }

    public override bool TakeFault(Exception error) => _context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        if (_meetsItselfUntil <= now)
            _meetsItselfUntil = Instant.Never;
        return Instant.Earlier(_meetsItselfUntil, Instant.Earlier(_names.Poll(now), PollHeartbeat(now)));
    }

    /// <summary>Brings what it owns one step nearer to what the coordinator wants.</summary>
    void Reconcile()
    {
        if (State != ConsumerMemberState.Stable || _target is null)
            return;
        var target = Resolve();
        List<TopicPartition> revoked = [.. _owned.Where(own => !IsIn(target, own)).Select(static own => own.Key)];
        if (revoked.Count == 0)
        {
            TakeNew();
            return;
        }
        Move(ConsumerMemberState.Reconciling);
        (_givingUp, _isGivingUp) = (revoked, true);
        _reports.Add(effects => effects.Log(logger => ClientLog.Revoked(logger, Group, PartitionList.Of(revoked))));
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RevocationIsToldBeforeItIsDone))
        {
            foreach (var partition in revoked)
                _owned.Remove(partition);
            _mustTell = true;
        }
#endif
        _owner.Release(++_handover, revoked);
    }

    /// <summary>Takes over what the coordinator wants by now and is not owned yet.</summary>
    void TakeNew()
    {
        var target = Resolve();
        List<TopicPartition> added = [.. target.Keys.Where(partition => !_owned.ContainsKey(partition))];
        // The first share is taken even if it is empty: so much is known then. One of which no name is known yet is not empty.
        var isNothing = added.Count == 0 && (_hasTaken || _names.IsAsking);
        if (isNothing || !MayTake)
        {
            Settle();
            return;
        }
        _hasTaken = true;
        Move(ConsumerMemberState.Reconciling);
        _isGivingUp = false;
        foreach (var partition in added)
            _owned[partition] = target[partition];
        var epoch = Generation;
        _reports.Add(effects => effects.Log(logger => ClientLog.Assigned(logger, Group, epoch, PartitionList.Of(added))));
        _owner.Take(++_handover, added);
    }

    /// <summary>
    /// What was wanted of it may be another's by now where the coordinator was told since that it does not own it, and has not answered: then
    /// the answer says whether it is still wanted.
    /// </summary>
    bool MayTake => !_isTold;

    void Settle()
    {
        if (State == ConsumerMemberState.Stable)
            return;
        Move(ConsumerMemberState.Stable);
        // The coordinator may want something else by now.
        Reconcile();
    }

    /// <summary>What the coordinator wants, as far as the names of the topics are known.</summary>
    SortedDictionary<TopicPartition, Guid> Resolve()
    {
        var resolved = new SortedDictionary<TopicPartition, Guid>();
        foreach (var (id, partitions) in _target ?? [])
        {
            if (NameOf(id) is not { } topic)
                continue;
            foreach (var partition in partitions)
                resolved[new TopicPartition(topic, partition)] = id;
        }
        return resolved;
    }

    string? NameOf(Guid id)
    {
        foreach (var (partition, owned) in _owned)
        {
            if (owned == id)
                return partition.Topic;
        }
        return _names.Find(id);
    }

    static bool IsIn(SortedDictionary<TopicPartition, Guid> target, KeyValuePair<TopicPartition, Guid> own) =>
        target.TryGetValue(own.Key, out var id) && id == own.Value;

    void BeginJoin(string reason)
    {
        (_target, _lostReason, _hasTaken, _mustTell, _isTold) = (null, null, false, false, false);
        Generation = 0;
        Move(ConsumerMemberState.Joining);
        _reports.Add(effects => effects.Log(logger => ClientLog.Joining(logger, Group, MemberId, reason)));
        Wake();
    }

    /// <summary>The coordinator does not count this member any more: what it owned is lost, and it joins again.</summary>
    void Expel(ErrorCode error)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.FencedMemberGoesOn))
            return;
#endif
        var reason = $"the coordinator answered {error.KafkaName()}: it had heard nothing of this member for its session timeout "
            + "(group.consumer.session.timeout.ms), or did not see its partitions given up within MaxPollInterval";
        if (State is ConsumerMemberState.Reconciling)
        {
            // The owner is busy with some of them; the rest goes once it has answered.
            _lostReason = reason;
            End();
            return;
        }
        if (State is not (ConsumerMemberState.Stable or ConsumerMemberState.Joining))
            return;
        LoseAll(reason);
    }

    /// <summary>What it owned is lost; then it joins again.</summary>
    void LoseAll(string reason)
    {
        End();
        if (_owned.Count == 0)
        {
            if (State == ConsumerMemberState.Joining)
                _heartbeats.Retry(reason, _answeredAt);
            else
                BeginJoin(reason);
            return;
        }
        _lostReason = reason;
        Move(ConsumerMemberState.Losing);
        LoseOwned(reason);
    }

    void LoseOwned(string reason)
    {
        if (_owned.Count == 0)
            return;
        List<TopicPartition> owned = [.. _owned.Keys];
        _owned.Clear();
        _reports.Add(effects => effects.Log(logger => ClientLog.Lost(logger, Group, PartitionList.Of(owned), reason)));
        _owner.Lose(++_handover, owned, reason);
    }

    void Fail(KafkaException error)
    {
        if (State is ConsumerMemberState.Idle or ConsumerMemberState.Leaving or ConsumerMemberState.Left)
            return;
        if (error.Code != ErrorCode.FencedInstanceId && State is ConsumerMemberState.Stable or ConsumerMemberState.Reconciling)
            SendLeave(null, Instant.Never);
        End();
        Move(ConsumerMemberState.Idle);
        LoseOwned(error.Message);
        _owner.OnMemberFailed(error);
    }

    /// <summary>No answer to what was asked so far counts, and it is no member.</summary>
    void End()
    {
        _heartbeats.Forget();
        (Generation, _target) = (-1, null);
        _names.Clear();
    }

    void Move(ConsumerMemberState to)
    {
        if (State == to)
            return;
        ConsumerMemberMoves.Check(State, to);
        State = to;
    }

    void Report(string problem) => _reports.Add(effects => effects.Log(logger => ClientLog.GroupProblem(logger, Group, problem)));
}
