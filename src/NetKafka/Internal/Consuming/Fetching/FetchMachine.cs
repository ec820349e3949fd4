using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// Fetches what is assigned: one fetch is on its way to each leader while there is room for what it may bring. An answer is
/// only looked through by batch headers, so that the next fetch leaves before a record is touched.
/// </summary>
sealed class FetchMachine : Machine
{
    // The reader works on one chunk while the next one comes.
    const int ChunksAhead = 2;

    // So many fetches fill the queue. One leaves when there is room for all that it may bring, and not for what is free just
    // then: so buffers are of one size, and can be used again.
    const int FetchesQueued = 4;

    readonly ConsumerContext _context;
    readonly FetchAnswer _answer;
    readonly List<BrokerFetch> _brokers = [];
    readonly List<AssignedPartition> _full = [];
    long _seenView = -1;
    int _seenAssignment = -1;
    bool _isRegroupWanted;
    bool _isClosed;

    /// <param name="context">What the consumer's machines share.</param>
    /// <param name="owner">Told of what an answer says that is not this machine's to decide.</param>
    public FetchMachine(ConsumerContext context, IFetchOwner owner)
    {
        _context = context;
        _answer = new FetchAnswer(context, owner);
    }

    int MaxQueuedOfPartition => (int)Math.Min(int.MaxValue, (long)ChunksAhead * _context.Options.MaxPartitionFetchBytes);

    /// <summary>How much may wait for the reader when a fetch leaves.</summary>
    long MostQueued => (long)_context.Options.MaxPrefetchBytes * (FetchesQueued - 1) / FetchesQueued;

    /// <summary>Ends fetching. What is under way is abandoned.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var broker in _brokers)
        {
            broker.UnderWay?.Abandon();
            broker.UnderWay = null;
        }
        _context.Cluster.CloseLane(_context.FetchLane);
    }

    public override bool TakeFault(Exception error) => _context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_isClosed)
            return Instant.Never;
        _answer.Report(effects);
        var view = _context.Cluster.View;
        if (view.Generation != _seenView || _context.Assignment.Generation != _seenAssignment || _isRegroupWanted)
            Regroup(view);
        var next = Instant.Never;
        foreach (var broker in _brokers)
        {
            if (broker.UnderWay is not null || broker.Partitions.Count == 0)
                continue;
            next = Instant.Earlier(next, broker.NotBefore > now ? broker.NotBefore : TryFetch(broker, now));
        }
        return next;
    }

    void Regroup(ClusterView view)
    {
        (_seenView, _seenAssignment, _isRegroupWanted) = (view.Generation, _context.Assignment.Generation, false);
        foreach (var broker in _brokers)
            broker.Partitions.Clear();
        foreach (var partition in _context.Assignment.Snapshot)
        {
            if (!view.TryGetPartition(partition.Partition.Topic, partition.Partition.Partition, out var known) || known.LeaderId < 0)
                continue;
            var broker = BrokerOf(NodeOf(partition, known, view));
            broker.Partitions.Add(new LedPartition(
                partition, broker.Session.SlotOf(partition.Partition), view.Topics[partition.Partition.Topic].Id, known.LeaderEpoch));
        }
    }

    /// <summary>Where a partition is fetched: at the replica that its leader has named, if that is there and the leader is the same.</summary>
    static int NodeOf(AssignedPartition partition, PartitionView known, ClusterView view)
    {
        if (partition.Replica < 0)
            return known.LeaderId;
        if (partition.ReplicaEpoch == known.LeaderEpoch && partition.Replica != known.LeaderId && view.Brokers.ContainsKey(partition.Replica))
            return partition.Replica;
        partition.LeaveReplica();
        return known.LeaderId;
    }

    /// <summary>The brokers are kept in order of their ids.</summary>
    BrokerFetch BrokerOf(int nodeId)
    {
        var index = 0;
        while (index < _brokers.Count && _brokers[index].NodeId < nodeId)
            index++;
        if (index == _brokers.Count || _brokers[index].NodeId != nodeId)
            _brokers.Insert(index, new BrokerFetch(nodeId));
        return _brokers[index];
    }

    FetchCall NewCall(BrokerFetch broker) =>
        new(broker.Plan, answer => OnAnswer(broker, answer), (failure, at) => OnFailure(broker, failure, at))
        {
            Timeout = _context.RequestTimeout + _context.Options.FetchMaxWait,
            Owner = this,
        };

    /// <summary>Sends a fetch if there is something to fetch and room for it.</summary>
    /// <returns>When a partition that pauses can be fetched again.</returns>
    Instant TryFetch(BrokerFetch broker, Instant now)
    {
        if (_context.Queue.QueuedBytes > MostQueued)
        {
            if (!_context.Queue.WaitForRest(MostQueued))
                Wake();
            return Instant.Never;
        }
        var next = Choose(broker, now, out var isBehind);
        var (options, plan) = (_context.Options, broker.Plan);
        if (plan.All.Count == 0 || (_full.Count > 0 && !isBehind))
        {
            // A fetch of the others alone would park at the broker, and what becomes free meanwhile would wait for its end.
            if (_full.Count > 0 && !_context.Queue.WaitForRoom(_full[0], MaxQueuedOfPartition))
                Wake();
            return next;
        }
        plan.MaxWaitMs = (int)options.FetchMaxWait.TotalMilliseconds;
        plan.MinBytes = options.FetchMinBytes;
        plan.Isolation = options.IsolationLevel;
#if NETKAFKA_CHECKED
        plan.Isolation = Planted.Has(Bug.OpenTransactionsAreAskedFor) ? NetKafka.Consuming.IsolationLevel.ReadUncommitted : plan.Isolation;
#endif
        plan.MaxBytes = MaxBytes(plan.All.Count);
        plan.AllowsTopicIds = _context.Cluster.VersionAt(broker.NodeId, ApiKey.Fetch) is < 0 or >= FetchEncoder.FirstVersionWithTopicIds;
        broker.Session.Plan(plan);
        broker.Rotation++;
        (broker.UnderWay, broker.Spare) = (broker.Spare ?? NewCall(broker), null);
        broker.UnderWay.Deadline = now + broker.UnderWay.Timeout;
        _context.Cluster.Send(broker.UnderWay, RequestTarget.Broker(broker.NodeId), _context.FetchLane);
        return Instant.Never;
    }

    /// <summary>Lists what can be fetched from a broker now.</summary>
    Instant Choose(BrokerFetch broker, Instant now, out bool isBehind)
    {
        var next = Instant.Never;
        isBehind = false;
        broker.Plan.All.Clear();
        broker.Plan.Rack = _context.Rack ?? "";
        _full.Clear();
        var count = broker.Partitions.Count;
        for (var i = 0; i < count; i++)
        {
            var led = broker.Partitions[(broker.Rotation + i) % count];
            var partition = led.Partition;
            if (!partition.CanBeFetched)
                continue;
            var isOver = partition.Replica == broker.NodeId && partition.ReplicaUntil <= now;
#if NETKAFKA_CHECKED
            isOver &= !Planted.Has(Bug.ReplicaLeaseHasNoEnd);
#endif
            if (isOver)
            {
                partition.LeaveReplica();
                WantRegroup();
                continue;
            }
            if (partition.NotBefore > now)
            {
                next = Instant.Earlier(next, partition.NotBefore);
                continue;
            }
            if (partition.IsRewound && !_context.Queue.TryRewind(partition))
                continue;
            if (_answer.EndsAtBound(partition))
                continue;
            if (partition.QueuedBytes >= MaxQueuedOfPartition)
            {
                // One that waits for handlers does not hold up the others.
                if (!_context.Queue.IsHeldBack(partition))
                    _full.Add(partition);
                continue;
            }
            if (partition.Replica == broker.NodeId)
                partition.BeginLease(now + _context.ReplicaLease);
            if (partition.NoReplicaBefore > now)
                broker.Plan.Rack = "";
            broker.Plan.All.Add(new FetchTarget(
                led.Slot, partition, partition.Generation, led.TopicId, partition.FetchOffset, led.LeaderEpoch,
                _context.Options.MaxPartitionFetchBytes));
            isBehind |= partition.HighWatermark < 0
                || partition.FetchOffset < (_context.IsReadCommitted ? partition.LastStableOffset : partition.HighWatermark);
        }
        return next;
    }

    int MaxBytes(int partitions)
    {
        var options = _context.Options;
        var most = Math.Max(options.MaxPrefetchBytes / FetchesQueued, options.MaxPartitionFetchBytes);
        return (int)Math.Min(Math.Min(options.FetchMaxBytes, most), (long)partitions * options.MaxPartitionFetchBytes);
    }

    int OnAnswer(BrokerFetch broker, in Answer answer)
    {
        // What cannot be read throws here, with nothing changed yet; the failure of the connection comes as a failure of this fetch.
        _answer.Read(answer, broker.Session);
        (broker.Spare, broker.UnderWay) = (broker.UnderWay, null);
        Wake();
        if (_isClosed)
            return _answer.ThrottleTimeMs;
        if (_answer.Error != ErrorCode.None)
        {
            OnError(broker, _answer.Error, answer.Now);
            return _answer.ThrottleTimeMs;
        }
        broker.Failures = 0;
        broker.Session.OnAnswered(_answer.SessionId, answer.Version >= FetchEncoder.FirstVersionWithTopicIds);
        if (_answer.Take(answer, broker.NodeId))
            WantRegroup();
        if (_context.TellsEnds)
            _answer.TellEnds(broker.Plan.All);
        return _answer.ThrottleTimeMs;
    }

    void OnError(BrokerFetch broker, ErrorCode error, Instant now)
    {
#if NETKAFKA_CHECKED
        if (!Planted.Has(Bug.LostSessionIsGoneOnWith))
#endif
        broker.Session.Reset();
        if (FetchSession.IsSessionError(error) && broker.Failures == 0)
        {
            broker.Failures++;
            return;
        }
        LeaveReplica(broker, now);
        if (error.NeedsMetadataRefresh())
            _context.Cluster.Refresh(_seenView);
        Pause(broker, now);
    }

    void OnFailure(BrokerFetch broker, RequestFailure failure, Instant now)
    {
        broker.UnderWay = null;
        if (_isClosed || failure.Reason == RequestFailureReason.Closed)
        {
            broker.NotBefore = Instant.Never;
            return;
        }
        broker.Session.Restart();
        LeaveReplica(broker, now);
        _context.Cluster.Refresh(_seenView);
        _answer.OnFailure(broker, failure);
        Pause(broker, now);
        Wake();
    }

    /// <summary>Partitions are fetched elsewhere from now on.</summary>
    void WantRegroup()
    {
        _isRegroupWanted = true;
        Wake();
    }

    void LeaveReplica(BrokerFetch broker, Instant now)
    {
        foreach (var led in broker.Partitions)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.DeadReplicaIsWaitedFor))
                break;
#endif
            if (led.Partition.Replica != broker.NodeId)
                continue;
            led.Partition.OnReplicaFailed(now, _context.ReplicaLease);
            WantRegroup();
        }
    }

    void Pause(BrokerFetch broker, Instant now)
    {
        broker.Failures++;
        broker.NotBefore = now + _context.RetryBackoff.After(broker.Failures, _context.Random);
    }
}
