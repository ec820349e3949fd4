using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Internal.Producing.Transactions;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// A producer but for the types of its keys and values: puts records into batches on the caller's thread, waits where it
/// must, and ends with everything delivered or failed. Safe from any thread.
/// </summary>
sealed class RecordSender : IProducerHost
{
    readonly ClientRuntime _runtime;
    readonly ProducerOptions _options;
    readonly Accumulator _accumulator;
    readonly ProducerMachine _machine;
    readonly ProduceCallPool _calls;
    readonly Backoff _backoff;
    readonly RandomSource _pauseRandom;
    readonly Lock _closeGate = new();
    Task? _close;
    int _isDisposed;

    public RecordSender(ClientRuntime runtime, ProducerOptions options)
    {
        (_runtime, _options) = (runtime, options);
        _calls = new ProduceCallPool(runtime);
        _backoff = new Backoff(runtime.Options.RetryBackoff, runtime.Options.RetryBackoffMax);
        _accumulator = new Accumulator(options, this, runtime.Pool, new RandomSource(runtime.Random.NextUInt64()));
        _machine = new ProducerMachine(
            runtime.Cluster, options, _accumulator, this, _backoff,
            new RandomSource(runtime.Random.NextUInt64()), () => runtime.Cluster.LastFailure);
        _pauseRandom = new RandomSource(runtime.Random.NextUInt64());
        runtime.Post(new AddMachine(runtime.Machines, _machine));
    }

    public ScratchPool Scratch { get; } = new();

    public Instant Now => _runtime.Now;

    public long UnixMilliseconds => _runtime.UnixMilliseconds;

    public IPartitionSignal CreateSignal(PartitionQueue queue) => new PartitionSignal(_runtime, _machine, queue);

    public void OnRoomMade() => _runtime.Post(new ProducerCall(_machine, static machine => machine.OnWaitEnded()));

    public void OnCallbackError(Exception error)
    {
        ClientLog.CallbackFailed(_runtime.Logger, error);
        try
        {
            _options.OnCallbackError?.Invoke(error);
        }
        catch (Exception second)
        {
            ClientLog.CallbackFailed(_runtime.Logger, second);
        }
    }

    /// <summary>Puts a record in; the task ends with its outcome.</summary>
    /// <param name="record">The record.</param>
    /// <param name="scratch">What the record's bytes lie in, to be given back once they are copied; null for bytes of the caller.</param>
    /// <param name="cancellation">Ends the wait; the record only if it is not in yet.</param>
    /// <param name="ticket">The place of a record that was taken before, and has waited for its bytes; null for any other.</param>
    public ValueTask<RecordMetadata> SendAsync(
        in RecordData record, GrowingBuffer? scratch, CancellationToken cancellation, LinkedListNode<long>? ticket = null)
    {
        if (cancellation.IsCancellationRequested)
        {
            Leave(ticket);
            GiveBack(scratch);
            return ValueTask.FromCanceled<RecordMetadata>(cancellation);
        }
        var call = _calls.Rent();
        try
        {
            call.Watch(cancellation);
            // Read before the record is handed over: afterwards the call may have ended, and be in use again.
            var task = call.Task;
            _accumulator.Check(record, ticket is not null);
            var completion = new RecordCompletion(call, null, record.TimestampMs);
            if (TryAppend(record, completion, ticket is not null))
            {
                Leave(ticket);
                GiveBack(scratch);
            }
            else
            {
                Wait(record, completion, call, isPosted: false, scratch, ticket);
            }
            return task;
        }
        catch (Exception error)
        {
            OnRecordLost(error, ticket is not null);
            Leave(ticket);
            GiveBack(scratch);
            call.Drop();
            return ValueTask.FromException<RecordMetadata>(error);
        }
    }

    /// <summary>
    /// A record ended before it was in a batch, and perhaps nobody looks at its task: the transaction that it was to be part of cannot be
    /// committed. Who gave up by himself knows it.
    /// </summary>
    /// <param name="error">Why it ended.</param>
    /// <param name="isAdmitted">Whether it was taken into the transaction; else it was refused where it was produced, perhaps outside of any.</param>
    public void OnRecordLost(Exception error, bool isAdmitted)
    {
        if (_machine.Transaction is null || error is not KafkaException lost || error is TransactionException || (!isAdmitted && _accumulator.Refusal is not null))
            return;
        _accumulator.NoteLoss(lost);
        OnRoomMade();
    }

    /// <summary>Why no record may be produced at present; null where records may.</summary>
    public Func<Exception>? Refusal => _accumulator.Refusal;

    /// <summary>The order of records whose serializers wait.</summary>
    public RecordTurns CreateTurns() => new(_accumulator.Waiting, OnRoomMade);

    /// <summary>Whether a record that waits is not wanted any more.</summary>
    public bool IsPurged(long ticket) => ticket <= _accumulator.PurgedTo;

    /// <summary>Puts a record in, if that needs no waiting. The bytes are copied then, and the caller's again.</summary>
    public bool TryPost(in RecordData record, in RecordCompletion completion)
    {
        _accumulator.Check(record);
        return TryAppend(record, completion, isAdmitted: false);
    }

    /// <summary>Puts a record in; the task ends when it is in, and the completion is told of the outcome.</summary>
    public ValueTask PostAsync(
        in RecordData record, in RecordCompletion completion, GrowingBuffer? scratch, CancellationToken cancellation,
        LinkedListNode<long>? ticket = null)
    {
        if (cancellation.IsCancellationRequested)
        {
            Leave(ticket);
            GiveBack(scratch);
            return ValueTask.FromCanceled(cancellation);
        }
        try
        {
            _accumulator.Check(record, ticket is not null);
            if (TryAppend(record, completion, ticket is not null))
            {
                Leave(ticket);
                GiveBack(scratch);
                return ValueTask.CompletedTask;
            }
            var call = _calls.Rent();
            call.Watch(cancellation);
            var task = call.PostTask;
            Wait(record, completion, call, isPosted: true, scratch, ticket);
            return task;
        }
        catch (Exception error)
        {
            OnRecordLost(error, ticket is not null);
            Leave(ticket);
            GiveBack(scratch);
            return ValueTask.FromException(error);
        }
    }

    public ValueTask<bool> FlushAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(RecordSender));
        var call = _runtime.CreateCall<bool>(Timeout.InfiniteTimeSpan, cancellation);
        _runtime.Post(new ProducerCall(_machine, machine => machine.OnFlush(call)));
        return call.Task;
    }

    public ValueTask<bool> PurgeAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(RecordSender));
        var call = _runtime.CreateCall<bool>(Timeout.InfiniteTimeSpan, cancellation);
        _runtime.Post(new ProducerCall(_machine, machine => machine.OnPurge(call)));
        return call.Task;
    }

    /// <summary>Waits until a topic is known, within MaxBlock.</summary>
    public async ValueTask<(TopicView Topic, ClusterView Cluster)> LearnAsync(string name, CancellationToken cancellation)
    {
        var topic = _accumulator.GetTopic(name);
        var deadline = _runtime.Now + _options.MaxBlock;
        while (true)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(RecordSender));
            if (topic.Described is { } view)
                return (view, _runtime.Cluster.View);
            var left = deadline - _runtime.Now;
            var call = _runtime.CreateCall<bool>(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
            var wait = new TopicWait(topic, -1, call);
            _runtime.Post(new ProducerCall(_machine, machine => machine.OnTopicWanted(wait)));
            await call.Task;
        }
    }

    /// <summary>Asks the transactions for something, which is answered within MaxBlock.</summary>
    public ValueTask<bool> TransactAsync(Action<TransactionMachine, Call<bool>, Instant, Effects> ask, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(RecordSender));
        if (_machine.Transaction is not { } transaction)
            throw new InvalidOperationException("This producer has no transactions: set TransactionalId in its options.");
        var call = _runtime.CreateCall<bool>(_options.MaxBlock, cancellation);
        _runtime.Post(new TransactionCall(_machine, (now, effects) => ask(transaction, call, now, effects)));
        return call.Task;
    }

    /// <summary>Begins anew after the end of the producer, where that can shut out nobody.</summary>
    /// <returns>Whether it did.</returns>
    public ValueTask<bool> TryRenewAsync(CancellationToken cancellation) =>
        TransactAsync(static (transaction, call, _, effects) => transaction.TryRenew(call, effects), cancellation);

    /// <summary>Waits before something is tried again, the longer the more often it has failed.</summary>
    public async ValueTask PauseAsync(int failures, CancellationToken cancellation)
    {
        var time = _backoff.After(failures, _pauseRandom);
        var call = _runtime.CreateCall<bool>(time, cancellation);
        _runtime.Post(new TransactionCall(_machine, (_, _) => _machine.Transaction!.Pause(call)));
        await call.Task;
    }

    public void Fault(Exception error) => _runtime.Post(new ProducerCall(_machine, machine => machine.TakeFault(error)));

    /// <summary>Takes no more, waits for what is under way, up to the timeout, and fails the rest. Every caller waits for it.</summary>
    public Task CloseAsync()
    {
        lock (_closeGate)
            return _close ??= CloseOnceAsync();
    }

    async Task CloseOnceAsync()
    {
        Volatile.Write(ref _isDisposed, 1);
        await _runtime.Enter();
        var call = _runtime.CreateCall<bool>(_options.CloseTimeout, CancellationToken.None);
        _runtime.Post(new ProducerCall(_machine, machine => machine.OnClose(call)));
        await call.Task;
        _accumulator.Dispose();
    }

    bool TryAppend(in RecordData record, in RecordCompletion completion, bool isAdmitted)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0 && !isAdmitted, typeof(RecordSender));
        return !_accumulator.GetTopic(record.Topic).Line.IsOpen && _accumulator.TryAppend(record, completion, false, out _) == AppendResult.Appended;
    }

    void Wait(
        in RecordData record, in RecordCompletion completion, AwaitedRecord call, bool isPosted, GrowingBuffer? scratch, LinkedListNode<long>? ticket)
    {
        var topic = _accumulator.GetTopic(record.Topic);
        // A partition that may never come must not hold up the others.
        var isStranger = topic.Partitions is { } partitions && record.Partition >= partitions.All.Length;
        var line = isStranger ? new WaitingLine() : topic.Line;
        var waiting = new WaitingRecord(
            record, completion, call, isPosted, scratch, _runtime.Now + _options.MaxBlock, ticket ?? _accumulator.Waiting.Add());
        if (line.Enter(waiting))
            _ = ServeAsync(line);
    }

    /// <summary>Takes the records of a line one after another, waiting as each needs it.</summary>
    async Task ServeAsync(WaitingLine line)
    {
        await _runtime.Enter();
        while (line.First() is { } record)
        {
            try
            {
                if (!record.Call.IsOver)
                    await AppendAsync(record);
                if (record.IsPosted)
                    End(record, null);
            }
            catch (Exception error)
            {
                OnRecordLost(error, isAdmitted: true);
                End(record, error);
            }
            GiveBack(record.Scratch);
            line.Leave();
            Leave(record.Ticket);
        }
    }

    /// <summary>Waits for metadata, for room and for a busy broker as often as it takes, within MaxBlock.</summary>
    async ValueTask AppendAsync(WaitingRecord waiting)
    {
        var hasWaited = false;
        while (!waiting.Call.IsOver)
        {
            if (waiting.Ticket.Value <= _accumulator.PurgedTo)
                throw Purges.ForRecord(waiting.Record.Topic);
            var result = _accumulator.TryAppend(waiting.Record, waiting.Completion, hasWaited, out var busy);
            if (result == AppendResult.Appended)
                return;
            var left = waiting.Deadline - _runtime.Now;
            var call = _runtime.CreateCall<bool>(left > TimeSpan.Zero ? left : TimeSpan.Zero, CancellationToken.None);
            if (result == AppendResult.NoMetadata)
            {
                var wait = new TopicWait(_accumulator.GetTopic(waiting.Record.Topic), waiting.Record.Partition, call);
                _runtime.Post(new ProducerCall(_machine, machine => machine.OnTopicWanted(wait)));
            }
            else if (busy is not null)
            {
                _runtime.Post(new ProducerCall(_machine, machine => machine.OnBrokerAwaited(busy, call)));
                hasWaited = true;
            }
            else
            {
                var (bytes, isAgain) = (_accumulator.BatchCapacity(waiting.Record), hasWaited);
                _runtime.Post(new ProducerCall(_machine, machine => machine.OnRoomWanted(bytes, call, isAgain)));
                hasWaited = true;
            }
            await call.Task;
        }
        // Its caller gave up while it waited, and room that it was given belongs to the next in some line.
        if (hasWaited)
            OnRoomMade();
    }

    void End(WaitingRecord record, Exception? error)
    {
        if (error is null)
            record.Call.Complete(default);
        else
            record.Call.Fail(error);
        _runtime.Dispatch(new Continuation(record.Call));
    }

    /// <summary>A record waits no more; whoever waits for that is told.</summary>
    void Leave(LinkedListNode<long>? ticket)
    {
        if (ticket is null)
            return;
        _accumulator.Waiting.Remove(ticket);
        if (_accumulator.Waiting.IsAwaited)
            OnRoomMade();
    }

    void GiveBack(GrowingBuffer? scratch)
    {
        if (scratch is not null)
            Scratch.Return(scratch);
    }

    /// <summary>Runs what a sender does after his record was taken, or was not.</summary>
    sealed class Continuation(AwaitedRecord call) : Dispatch
    {
        int _isRun;

        public override void Run()
        {
            if (Interlocked.Exchange(ref _isRun, 1) == 0)
                call.RunContinuation();
        }
    }
}
