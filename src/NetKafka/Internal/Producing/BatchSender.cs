using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing.Transactions;
using NetKafka.Producing;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Producing;

/// <summary>
/// Which batch goes to which broker next. Only partitions with something to send are ever looked at: each waits in one
/// place, and whatever may move it (a signal, an answer, a deadline, a new view) puts it into the next.
/// <para>
/// The order of a partition is kept so: its first batch goes alone, and from then on the broker refuses what comes out of
/// order; its batches are under way to one broker at a time; a batch that failed is sent again
/// alone, the oldest first, and nothing new passes it; where a batch is missing for certain, nothing more is sent under its
/// epoch once the others have their outcome.
/// </para>
/// </summary>
sealed class BatchSender(
    ICluster cluster, ProducerOptions options, Accumulator accumulator, ProducerIdentity identity, TransactionMachine? transaction,
    BatchEndings endings, Func<ProduceExchange> rentExchange)
{
    // Without a linger: how long after a request the next small one waits where the first is not answered yet.
    static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(1);

    readonly Dictionary<int, BrokerQueue> _brokers = [];
    readonly long _smallestWindow = Math.Min(options.LeastWindowBytes ?? 2L * options.MaxRequestSize, options.BufferMemory);
    readonly Queue<BrokerQueue> _listed = new();
    readonly List<BrokerQueue> _lingering = [];
    readonly PriorityQueue<PartitionQueue, long> _backoff = new();
    readonly List<PartitionQueue> _leaderless = [];
    readonly List<PartitionQueue> _withoutId = [];
    readonly List<PartitionQueue> _withoutTransaction = [];
    readonly List<PartitionQueue> _sent = [];
    readonly bool _isIdempotent = options.IsIdempotent;
    readonly bool _hasNoLinger = options.HasNoLinger;

    /// <summary>Whether open batches go out without waiting for more records.</summary>
    public bool IsUrgent { get; set; }

    /// <summary>When the next pause is over, or the next batch has waited long enough for more records.</summary>
    public Instant NextDeadline
    {
        get
        {
            var next = _backoff.TryPeek(out _, out var ticks) ? new Instant(ticks) : Instant.Never;
            foreach (var broker in _lingering)
                next = Instant.Earlier(next, broker.LingerDue);
            return next;
        }
    }

    /// <summary>The partition may have something to send: it takes its place in the line.</summary>
    public void MakeReady(PartitionQueue queue, Instant now)
    {
        if (queue.Place != QueuePlace.None)
            return;
        if (queue.RetryAt > now)
        {
            queue.Place = QueuePlace.Backoff;
            _backoff.Enqueue(queue, queue.RetryAt.Ticks);
            return;
        }
        var leader = LeaderOf(queue);
        if (leader < 0)
        {
            queue.Place = QueuePlace.Leaderless;
            _leaderless.Add(queue);
            cluster.Refresh(cluster.View.Generation);
            return;
        }
        queue.Place = QueuePlace.Ready;
        var broker = BrokerOf(queue, leader);
        broker.Ready.Enqueue(queue);
        List(broker);
    }

    /// <summary>
    /// Until when the open batch of a partition waits for more records, which were begun at a moment. Without a linger it goes at
    /// once if its broker is idle. If not, it goes with the answer, or a millisecond after the last request, whatever comes first: a
    /// request for each record would cost the broker, and in the end the records, more time than that.
    /// </summary>
    public Instant DueOf(PartitionQueue queue, Instant createdAt)
    {
        if (queue.Linger > TimeSpan.Zero)
            return createdAt + queue.Linger;
        return _brokers.TryGetValue(LeaderOf(queue), out var broker) && broker.InFlight > 0 ? broker.SentAt + GatherTime : createdAt;
    }

    /// <summary>The open batch of a partition waits for more records, at most until a moment. Under its gate.</summary>
    public void Linger(PartitionQueue queue, Instant due, Instant now)
    {
        if (queue.IsLingering)
            return;
        var leader = LeaderOf(queue);
        if (leader < 0)
        {
            // It is looked at again once there is a leader.
            MakeReady(queue, now);
            return;
        }
        queue.IsLingering = true;
        var broker = BrokerOf(queue, leader);
        if (broker.Lingering.Count == 0)
            _lingering.Add(broker);
        broker.Lingering.Add(queue);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.LingerHasNoEnd))
            return;
#endif
        broker.LingerDue = Instant.Earlier(broker.LingerDue, due);
    }

    /// <summary>A new view: some partition may have a leader now, or another one than it waits for.</summary>
    public void OnClusterChanged(Instant now)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.LeaderlessIsForgotten))
            return;
#endif
        Release(_leaderless, now);
        foreach (var broker in _brokers.Values.ToArray())
            Reroute(broker, now);
    }

    /// <summary>Partitions that wait for a broker which does not lead them any more need not wait until it answers.</summary>
    void Reroute(BrokerQueue broker, Instant now)
    {
        for (var left = broker.Ready.Count; left > 0; left--)
        {
            var queue = broker.Ready.Dequeue();
            if (LeaderOf(queue) == broker.NodeId)
            {
                broker.Ready.Enqueue(queue);
                continue;
            }
            queue.Place = QueuePlace.None;
            MakeReady(queue, now);
        }
    }

    /// <summary>There is a producer id, or those that waited for it have ended.</summary>
    public void OnIdentity(Instant now) => Release(_withoutId, now);

    /// <summary>The transaction takes batches that it did not take before.</summary>
    public void OnTransaction(Instant now) => Release(_withoutTransaction, now);

    /// <summary>How many requests are under way.</summary>
    public int InFlight => _brokers.Values.Sum(static broker => broker.InFlight);

    /// <summary>A request was answered, so that the next one may go.</summary>
    public void OnRequestAnswered(ProduceExchange exchange, Instant now)
    {
        exchange.Broker.Window.LearnRoundTrip(now - exchange.SentAt);
        End(exchange.Broker, isAnswered: true, now);
    }

    /// <summary>A request has ended without an answer, so that the next one may go.</summary>
    public void OnRequestEnded(BrokerQueue broker, Instant now) => End(broker, isAnswered: false, now);

    /// <summary>Sends what may be sent.</summary>
    public void Poll(Instant now)
    {
        for (var i = _lingering.Count - 1; i >= 0; i--)
        {
            var broker = _lingering[i];
            if (IsUrgent || broker.LingerDue <= now || (_hasNoLinger && broker.InFlight == 0))
                EndLinger(broker, now);
            if (broker.Lingering.Count == 0)
                _lingering.RemoveAt(i);
        }
        while (_backoff.TryPeek(out var queue, out var ticks) && ticks <= now.Ticks)
        {
            _backoff.Dequeue();
            queue.Place = QueuePlace.None;
            MakeReady(queue, now);
        }
        while (_listed.TryDequeue(out var next))
        {
            next.IsListed = false;
            while (next.InFlight < MaxInFlight && next.Ready.Count > 0 && TrySend(next, now))
            {
            }
        }
        identity.IsWanted |= _withoutId.Count > 0;
    }

    /// <summary>
    /// The batches of a broker that have waited for at least half of the linger go, since one of them has for all of it: so many
    /// partitions with few records make two requests in a linger's time at most, and a batch just begun is not cut short.
    /// </summary>
    void EndLinger(BrokerQueue broker, Instant now)
    {
        // The batch that set the deadline may have become full and left: then none has waited for all of it.
        var isAnyDue = OldestOf(broker) <= now;
        broker.LingerDue = Instant.Never;
        var kept = 0;
        for (var i = 0; i < broker.Lingering.Count; i++)
        {
            var queue = broker.Lingering[i];
            var least = IsUrgent ? TimeSpan.Zero : isAnyDue ? queue.Linger / 2 : queue.Linger;
            lock (queue.Gate)
            {
                if (queue.Open is { } open && open.CreatedAt + least > now)
                {
                    broker.LingerDue = Instant.Earlier(broker.LingerDue, open.CreatedAt + queue.Linger);
                    broker.Lingering[kept++] = queue;
                    continue;
                }
                queue.IsLingering = false;
                queue.Due = queue.Open;
                if (queue.Due is null)
                    continue;
            }
            MakeReady(queue, now);
        }
        broker.Lingering.RemoveRange(kept, broker.Lingering.Count - kept);
    }

    /// <summary>When the oldest of the batches that linger has waited long enough.</summary>
    Instant OldestOf(BrokerQueue broker)
    {
        var oldest = Instant.Never;
        foreach (var queue in broker.Lingering)
        {
            lock (queue.Gate)
                oldest = queue.Open is { } open ? Instant.Earlier(oldest, open.CreatedAt + queue.Linger) : oldest;
        }
        return oldest;
    }

    int MaxInFlight
    {
        get
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.InFlightHasNoBound))
                return 50;
#endif
            return options.MaxInFlight;
        }
    }

    BrokerQueue BrokerOf(PartitionQueue queue, int leader)
    {
        if (!_brokers.TryGetValue(leader, out var broker))
            _brokers[leader] = broker = new BrokerQueue(
                leader, new BrokerWindow(leader, options.BufferTime, _smallestWindow, options.BufferMemory));
        queue.Window = broker.Window;
        return broker;
    }

    int LeaderOf(PartitionQueue queue) =>
        cluster.View.TryGetPartition(queue.Topic.Name, queue.Partition, out var view) ? view.LeaderId : -1;

    void Release(List<PartitionQueue> waiting, Instant now)
    {
        if (waiting.Count == 0)
            return;
        var all = waiting.ToArray();
        waiting.Clear();
        foreach (var queue in all)
        {
            queue.Place = QueuePlace.None;
            MakeReady(queue, now);
        }
    }

    void End(BrokerQueue broker, bool isAnswered, Instant now)
    {
        broker.InFlight--;
        broker.Window.OnEnded(isAnswered, now);
        List(broker);
    }

    void List(BrokerQueue broker)
    {
        if (broker.IsListed)
            return;
        broker.IsListed = true;
        _listed.Enqueue(broker);
    }

    /// <summary>Builds and sends one request with at most one batch of each partition.</summary>
    bool TrySend(BrokerQueue broker, Instant now)
    {
        ProduceExchange? exchange = null;
        for (var left = broker.Ready.Count; left > 0; left--)
        {
            var queue = broker.Ready.Dequeue();
            queue.Place = QueuePlace.None;
            if (LeaderOf(queue) != broker.NodeId)
            {
                MakeReady(queue, now);
                continue;
            }
            if (Pick(queue, broker.NodeId, now) is not { } batch)
                continue;
            if (exchange is not null && exchange.Bytes + batch.Bytes.Count > options.MaxRequestSize)
            {
                MakeReady(queue, now);
                break;
            }
            if (exchange is null)
            {
                exchange = rentExchange();
                exchange.Begin(broker, cluster.View.Generation, now);
            }
            Take(queue, batch, broker.NodeId);
            exchange.Add(batch);
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.RequestNamesAPartitionTwice) && Pick(queue, broker.NodeId, now) is { } second)
            {
                Take(queue, second, broker.NodeId);
                exchange.Add(second);
            }
#endif
            _sent.Add(queue);
        }
        if (exchange is null)
            return false;
        broker.InFlight++;
        broker.SentAt = now;
        broker.Window.OnSent(now);
        cluster.Send(exchange, RequestTarget.Broker(broker.NodeId), LaneKey.Produce);
        foreach (var queue in _sent)
            MakeReady(queue, now);
        _sent.Clear();
        return true;
    }

    ProduceBatch? Pick(PartitionQueue queue, int nodeId, Instant now)
    {
        if (PickAny(queue, nodeId, now) is not { } batch)
            return null;
        if (transaction is null || transaction.MaySend(queue))
            return batch;
        queue.Place = QueuePlace.Transaction;
        _withoutTransaction.Add(queue);
        return null;
    }

    /// <summary>The batch that may go next, or null where an outcome, an id or a record has to come first.</summary>
    ProduceBatch? PickAny(PartitionQueue queue, int nodeId, Instant now)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RetryGoesBehindTheOthers) && queue.OnWire < MaxInFlight && PickNew(queue, now) is { } fresh && HasStamp(queue))
            return fresh;
#endif
        var sequence = queue.Sequence;
        if (queue.HasRetries || sequence.HasHole || sequence.IsUnresolved)
        {
            if (queue.OnWire > 0)
                return null;
            if (!queue.HasRetries)
                sequence.Settle();
            if (sequence.HasHole)
            {
                // What may have been written is asked about under its old number first: only what is known to be absent is
                // stamped anew. Of a topic that was created anew nothing is asked that went to the one before it: brokers that
                // do not know the producer would take it for the first, ahead of what is older.
                var topicId = queue.Topic.Id;
                var open = sequence.Unacked.Find(batch => batch.MayBeIn(topicId));
#if NETKAFKA_CHECKED
                open = Planted.Has(Bug.UnknownIsStampedAnew) ? null : open;
#endif
                if (open is not null)
                    return open;
                if (!TryRestart(queue))
                    return null;
            }
            if (queue.HasRetries)
                return sequence.Unacked[0];
        }
        if (queue.OnWire >= MaxInFlight || (queue.OnWire > 0 && queue.WireBroker != nodeId))
            return null;
        if (_isIdempotent && queue.OnWire > 0 && !sequence.IsOrderKept)
            return null;
        return PickNew(queue, now) is { } batch && (!_isIdempotent || HasStamp(queue)) ? batch : null;
    }

    bool HasStamp(PartitionQueue queue)
    {
        var sequence = queue.Sequence;
        if (identity.Current.IsNone)
        {
            WaitForId(queue);
            return false;
        }
        if (sequence.Stamp == identity.Current)
            return true;
        // Another partition raised the epoch; this one follows once its own batches have their outcome.
        if (sequence.Unacked.Count > 0)
            return false;
        var first = 0;
#if NETKAFKA_CHECKED
        first = Planted.Has(Bug.IdlePartitionKeepsItsNumbers) ? sequence.Next : 0;
#endif
        sequence.Restart(identity.Current, first);
        return true;
    }

    ProduceBatch? PickNew(PartitionQueue queue, Instant now)
    {
        ProduceBatch open;
        lock (queue.Gate)
        {
            if (queue.PeekSealed() is { } ready)
                return ready;
            if (queue.HasPending || queue.Open is null)
                return null;
            open = queue.Open;
            if (!IsUrgent && open != queue.Due && DueOf(queue, open.CreatedAt) is var due && due > now)
            {
                // It was due while somebody waited for a flush or for room, or was begun since the last request left; now it
                // lingers like any other.
                Linger(queue, due, now);
                return null;
            }
            if (!queue.Detach(open))
                return null;
        }
        accumulator.SealBytes(open);
        return open;
    }

    void Take(PartitionQueue queue, ProduceBatch batch, int nodeId)
    {
        if (!batch.IsTaken)
        {
            lock (queue.Gate)
                queue.Dequeue();
            batch.IsTaken = true;
            if (queue.Due == batch)
                queue.Due = null;
            queue.Sequence.Assign(batch);
            if (_isIdempotent)
                Stamp(batch, queue.Sequence.Stamp);
        }
#if NETKAFKA_CHECKED
        else if (Planted.Has(Bug.RetryHasANewNumber) && _isIdempotent)
        {
            queue.Sequence.Unacked.Remove(batch);
            queue.Sequence.Assign(batch);
            Stamp(batch, queue.Sequence.Stamp);
        }
#endif
        batch.Attempts++;
        queue.OnWire++;
        queue.WireBroker = nodeId;
    }

    /// <summary>Begins the sequence anew under a higher epoch, so that nothing of the old one can still be written (KIP-360).</summary>
    bool TryRestart(PartitionQueue queue)
    {
        var sequence = queue.Sequence;
        var isInTransaction = transaction is not null;
#if NETKAFKA_CHECKED
        isInTransaction &= !Planted.Has(Bug.EpochIsRaisedInATransaction);
#endif
        if (isInTransaction && identity.Current == sequence.Stamp)
        {
            // What is in the transaction under this epoch would be lost under another. The next one has another.
            transaction!.OnSequenceBroken(queue);
            return false;
        }
        var isRaised = identity.Current != sequence.Stamp;
#if NETKAFKA_CHECKED
        isRaised |= Planted.Has(Bug.EpochIsNotRaised);
#endif
        if (!isRaised)
            identity.Advance();
        if (identity.Current.IsNone)
        {
            WaitForId(queue);
            return false;
        }
        sequence.Restart(identity.Current);
        foreach (var batch in sequence.Unacked)
            Stamp(batch, sequence.Stamp);
        var (partition, epoch) = (queue.TopicPartition, sequence.Stamp.Epoch);
        endings.Log(logger => ClientLog.SequenceRestarted(logger, partition.ToString(), epoch));
        return true;
    }

    void WaitForId(PartitionQueue queue)
    {
        queue.Place = QueuePlace.ProducerId;
        _withoutId.Add(queue);
    }

    void Stamp(ProduceBatch batch, ProducerStamp stamp) =>
        RecordBatchPatch.SetProducer(batch.Bytes, stamp.Id, stamp.Epoch, batch.Sequence, transaction is not null);
}
