using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing.Transactions;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// A producer's decisions: when a batch is due, to which broker it goes, what its outcome means and who is told. Callers put
/// records into batches on their own threads (<see cref="Accumulator"/>) and signal the partition; everything else happens
/// here, inside turns.
/// </summary>
sealed class ProducerMachine : Machine, IClusterListener, ITransactionOwner
{
    const int MaxKeptExchanges = 64;

    readonly ICluster _cluster;
    readonly ProducerOptions _options;
    readonly Accumulator _accumulator;
    readonly IProducerHost _host;
    readonly ProducerIdentity _identity;
    readonly TransactionMachine? _transaction;
    readonly BatchEndings _endings;
    readonly BatchSender _sender;
    readonly BatchOutcomes _outcomes;
    readonly BatchDeadlines _deadlines;
    readonly ProducerWaits _waits;
    readonly Purges _purges;
    readonly List<ProducerTopic> _topicsInOrder = [];
    readonly Stack<ProduceExchange> _exchanges = new();
    Call<bool>? _closing;
    bool _isClosed;
    bool _isViewNew;
    bool _isTransactionNew;
    bool _isLineEmpty;
    Instant _restAt = Instant.Never;
    KafkaException? _fault;

    public ProducerMachine(
        ICluster cluster, ProducerOptions options, Accumulator accumulator, IProducerHost host, Backoff backoff, RandomSource random,
        Func<RequestFailure?>? lastFailure = null)
    {
        (_cluster, _options, _accumulator, _host) = (cluster, options, accumulator, host);
        _identity = new ProducerIdentity(cluster, options, backoff, random, Wake);
        if (options.TransactionalId is not null)
        {
            _transaction = new TransactionMachine(cluster, options, _identity, this, backoff, random);
            SetRefusal(_transaction.OutsideOfTransaction);
        }
        _endings = new BatchEndings(accumulator, _transaction, options.IsIdempotent);
        _sender = new BatchSender(cluster, options, accumulator, _identity, _transaction, _endings, RentExchange);
        _outcomes = new BatchOutcomes(
            cluster, options, _sender, _identity, _endings, new BatchSplitter(accumulator), backoff, random);
        _deadlines = new BatchDeadlines(options, accumulator, _sender, _outcomes, _identity, _endings);
        _waits = new ProducerWaits(cluster, options, accumulator, lastFailure ?? (static () => null), Forget);
        _purges = new Purges(accumulator, _deadlines, _waits);
        cluster.Subscribe(this);
    }

    /// <summary>A caller has begun a batch of this partition, or sealed one.</summary>
    public void OnSignal(PartitionQueue queue, Instant now)
    {
        Wake();
        if (_isClosed)
            return;
        // A caller may have been on his way into a batch while the topic went to rest.
        if (queue.Topic.IsAtRest)
            Rouse(queue.Topic);
        queue.Topic.LastUse = now;
        bool isReady;
        lock (queue.Gate)
        {
            isReady = queue.HasPending;
            if (queue.Open is { } open)
            {
                var due = _sender.DueOf(queue, open.CreatedAt);
                if (due <= now)
                    queue.Due = open;
                if (IsUrgent || due <= now)
                    isReady = true;
                else
                    _sender.Linger(queue, due, now);
            }
        }
        if (isReady)
            _sender.MakeReady(queue, now);
    }

    /// <summary>A caller waits for a topic, or for a partition of it, to be known.</summary>
    public void OnTopicWanted(in TopicWait wait)
    {
        Wake();
        if (_isClosed)
        {
            _waits.AddTopic(wait);
            return;
        }
        if (wait.Topic.IsAtRest)
            Rouse(wait.Topic);
        // What is known of the topic may be old.
        if (wait.Partition >= 0 && wait.Topic.Partitions is { } known && wait.Partition >= known.All.Length)
            _cluster.Refresh(_cluster.View.Generation);
        // The id is asked for beside the metadata, so that the first record waits for one round trip and not for two.
        _identity.IsWanted |= _options.IsIdempotent;
        _waits.AddTopic(wait);
    }

    /// <summary>A caller waits for buffer memory.</summary>
    public void OnRoomWanted(int bytes, Call<bool> call, bool isAgain)
    {
        Wake();
        _waits.AddRoom(bytes, call, isAgain);
    }

    /// <summary>A caller waits until a busy broker has taken some of what is queued for it.</summary>
    public void OnBrokerAwaited(BrokerWindow window, Call<bool> call)
    {
        Wake();
        _waits.AddBusy(window, call);
    }

    /// <summary>A caller gave up waiting, or callbacks have caught up: those that wait may go on.</summary>
    public void OnWaitEnded()
    {
        Wake();
        _waits.IsViewNew = true;
    }

    /// <summary>Everything produced so far is to be sent, and the call answered once it has its outcome.</summary>
    public void OnFlush(Call<bool> call)
    {
        Wake();
        _waits.AddFlush(call);
    }

    /// <summary>What was produced so far and not sent yet is not wanted any more; the call is answered once it has its outcome.</summary>
    public void OnPurge(Call<bool> call)
    {
        Wake();
        _purges.Add(call);
    }

    /// <summary>No more records come; the call is answered once all have their outcome, or at its deadline.</summary>
    public void OnClose(Call<bool> call)
    {
        Wake();
        _accumulator.Waiting.IsAwaited = true;
        _closing = call;
        _transaction?.Close();
    }

    /// <summary>The transactions; null without a transactional id.</summary>
    public TransactionMachine? Transaction => _transaction;

    bool ITransactionOwner.IsFlushed
    {
        get => _isLineEmpty && _accumulator.Incomplete.Count == 0 && _sender.InFlight == 0;
    }

    Machine ITransactionOwner.Machine => this;

    public void SetRefusal(Func<Exception>? refusal) => _accumulator.Refusal = refusal;

    void ITransactionOwner.OnMaySend()
    {
        _isTransactionNew = true;
        Wake();
    }

    bool ITransactionOwner.EndUnsent(string reason, ErrorCode code, bool isRetriable, Instant now) => _deadlines.EndIdle(reason, code, isRetriable, now);

    void ITransactionOwner.Wake() => Wake();

    public void OnClusterChanged(ClusterView view)
    {
        _isViewNew = true;
        Wake();
    }

    public void OnAnswered(ProduceExchange exchange, List<NodeEndpoint>? endpoints, Instant now)
    {
        Wake();
        if (_fault is not null)
            return;
        _outcomes.OnAnswered(exchange, endpoints, now);
        Return(exchange);
    }

    public void OnFailed(ProduceExchange exchange, RequestFailure failure, Instant now)
    {
        Wake();
        if (_fault is not null)
            return;
        _outcomes.OnFailed(exchange, failure, now);
        Return(exchange);
    }

    /// <summary>
    /// The producer is over: everybody is told. No buffer that is under way is touched, since nothing is certain any more.
    /// </summary>
    public override bool TakeFault(Exception error)
    {
        if (_fault is not null)
            return false;
        _fault = new KafkaException("The producer ended on a defect; dispose it and create another, and report this.", error) { IsFatal = true };
        _accumulator.IsClosed = true;
        Wake();
        return true;
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_fault is not null)
            return EndFaulted(now, effects);
        if (_isViewNew)
            LearnView(now);
        if (_identity.HasNews)
            OnIdentity(now);
        if (_identity.Refusal != ErrorCode.None)
            OnIdentityRefused(now);
        var next = Instant.Earlier(_deadlines.Poll(now), _purges.Poll(now, effects));
        // A producer that is gone asks for nothing: it could come after the next one of its name, and shut that one out.
        if (_transaction is not null && !_isClosed)
            next = Instant.Earlier(next, PollTransaction(_transaction, now, effects));
        _sender.IsUrgent = IsUrgent;
        _sender.Poll(now);
        next = Instant.Earlier(next, _identity.Poll(now));
        next = Instant.Earlier(next, Close(now, effects));
        _endings.HandOver(effects);
        next = Instant.Earlier(next, _waits.Poll(now, effects));
        next = Instant.Earlier(next, RestIdle(now));
        if (_accumulator.Waiting.IsAwaited && !_waits.HasFlushes && _closing is null && !_purges.IsPending && _transaction is not { IsFlushWanted: true })
            _accumulator.Waiting.IsAwaited = false;
        return Instant.Earlier(next, _sender.NextDeadline);
    }

    Instant PollTransaction(TransactionMachine transaction, Instant now, Effects effects)
    {
        // Before the look: who leaves his line from here on says so. A record that ended in it was noted before it left.
        _accumulator.Waiting.IsAwaited |= transaction.IsFlushWanted;
        _isLineEmpty = _accumulator.Waiting.First == long.MaxValue;
        if (_accumulator.TakeLoss() is { } loss)
            transaction.OnRecordLost(loss);
        var next = transaction.Poll(now, effects);
        if (!_isTransactionNew)
            return next;
        _isTransactionNew = false;
        _sender.OnTransaction(now);
        return next;
    }

    bool IsUrgent => _transaction is { IsUrgent: true } || _waits.HasFlushes || _waits.HasRoomWaiters || _closing is not null;

    void LearnView(Instant now)
    {
        _isViewNew = false;
        foreach (var topic in _topicsInOrder)
            Learn(topic);
        _waits.IsViewNew = true;
        _sender.OnClusterChanged(now);
    }

    /// <summary>Somebody writes to a topic: metadata is asked about it.</summary>
    void Rouse(ProducerTopic topic)
    {
        (topic.IsAtRest, topic.LastUse) = (false, Instant.Never);
        _topicsInOrder.Add(topic);
        _cluster.Watch(topic.Name);
        Learn(topic);
        // The next poll looks when it may rest again.
        if (_options.MetadataMaxIdle != Timeout.InfiniteTimeSpan)
            _restAt = Instant.Start;
    }

    /// <summary>Nobody waits any more for a topic that never was known: it is not to be asked about for ever.</summary>
    void Forget(ProducerTopic topic)
    {
        if (topic.IsAtRest)
            return;
        topic.Rest();
        _topicsInOrder.Remove(topic);
        _cluster.Unwatch(topic.Name);
    }

    /// <summary>Topics that nobody has written to for long are not asked about any more (KIP-526).</summary>
    /// <returns>When to look again.</returns>
    Instant RestIdle(Instant now)
    {
        if (_isClosed)
            return Instant.Never;
        if (_restAt > now)
            return _restAt;
        _restAt = Instant.Never;
        foreach (var topic in _topicsInOrder.ToArray())
        {
            topic.LastUse = Instant.Earlier(topic.LastUse, now);
            var due = topic.LastUse + _options.MetadataMaxIdle;
            if (due <= now && topic.IsIdle && !_waits.IsWanted(topic))
                Forget(topic);
            else
                _restAt = Instant.Earlier(_restAt, due > now ? due : now + _options.MetadataMaxIdle);
        }
        return _restAt;
    }

    void Learn(ProducerTopic topic)
    {
        if (_cluster.View.Topics.TryGetValue(topic.Name, out var view))
            topic.Learn(view, _cluster.View.Brokers, _options.Rack, _host);
    }

    void OnIdentity(Instant now)
    {
        _identity.HasNews = false;
        var stamp = _identity.Current;
        _endings.Log(logger => ClientLog.ProducerIdKnown(logger, stamp.Id, stamp.Epoch));
        _sender.OnIdentity(now);
    }

    void OnIdentityRefused(Instant now)
    {
        var code = _identity.Refusal;
        var help = code == ErrorCode.ClusterAuthorizationFailed
            ? "; the client's principal needs the WRITE permission on some topic or IDEMPOTENT_WRITE on the cluster, or set EnableIdempotence to false"
            : code == ErrorCode.UnsupportedVersion ? "; for brokers as old as this set EnableIdempotence to false" : "";
        _deadlines.EndUnsent($"{_identity.LastProblem}{help}", code, now);
        _identity.ClearRefusal();
        _sender.OnIdentity(now);
    }

    Instant Close(Instant now, Effects effects)
    {
        if (_closing is null)
            return Instant.Never;
        // In this order: a record that leaves its line is in a batch by then.
        var isEmpty = _accumulator.Waiting.First == long.MaxValue & _accumulator.Incomplete.Count == 0 && _transaction?.IsEnded != false;
#if NETKAFKA_CHECKED
        isEmpty |= Planted.Has(Bug.CloseDoesNotWait);
#endif
        if (!isEmpty && !_isClosed && _closing.Deadline > now)
            return _closing.Deadline;
        _accumulator.IsClosed = true;
        if (!isEmpty && !_deadlines.EndAll($"the producer was disposed before it was delivered, after {_options.CloseTimeout.TotalSeconds:0.###} s (CloseTimeout)", now))
            return now + TimeSpan.FromMilliseconds(1);
        if (_isClosed)
        {
            // A caller may have been on his way here when the end came.
            FailWaits(effects);
            return Instant.Never;
        }
        _isClosed = true;
        _endings.HandOver(effects);
        FailWaits(effects);
        _cluster.Unsubscribe(this);
        foreach (var topic in _topicsInOrder)
            _cluster.Unwatch(topic.Name);
        _closing.Succeed(isEmpty, effects);
        return Instant.Never;
    }

    void FailWaits(Effects effects)
    {
        static Exception Disposed() => new ObjectDisposedException("Producer", "The producer was disposed.");
        _waits.FailAll(Disposed, effects);
        _purges.FailAll(Disposed, effects);
        _transaction?.FailAll(Disposed, effects);
    }

    Instant EndFaulted(Instant now, Effects effects)
    {
        _deadlines.EndAll($"the producer ended on a defect: {_fault!.InnerException!.Message}", now);
        _waits.FailAll(() => _fault, effects);
        _purges.FailAll(() => _fault, effects);
        _transaction?.FailAll(() => _fault, effects);
        _endings.HandOver(effects);
        _closing?.Succeed(false, effects);
        return Instant.Never;
    }

    ProduceExchange RentExchange() => _exchanges.TryPop(out var exchange)
        ? exchange
        : new ProduceExchange(this, _options, _transaction)
        {
            Timeout = _options.RequestTimeout!.Value,
            Owner = this,
        };

    void Return(ProduceExchange exchange)
    {
        if (_exchanges.Count < MaxKeptExchanges && !exchange.IsAbandoned)
            _exchanges.Push(exchange);
    }
}
