using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
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
    int _isDisposed;

    public RecordSender(ClientRuntime runtime, ProducerOptions options)
    {
        (_runtime, _options) = (runtime, options);
        _calls = new ProduceCallPool(runtime);
        _accumulator = new Accumulator(options, this, runtime.Pool, new RandomSource(runtime.Random.NextUInt64()));
        _machine = new ProducerMachine(
            runtime.Cluster, options, _accumulator, this, new Backoff(runtime.Options.RetryBackoff, runtime.Options.RetryBackoffMax),
            new RandomSource(runtime.Random.NextUInt64()), () => runtime.Cluster.LastFailure);
        runtime.Post(new AddMachine(runtime.Machines, _machine));
    }

    public ScratchPool Scratch { get; } = new();

    public Instant Now => _runtime.Now;

    public long UnixMilliseconds => _runtime.UnixMilliseconds;

    public IPartitionSignal CreateSignal(PartitionQueue queue) => new PartitionSignal(_runtime, _machine, queue);

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
    /// <param name="cancellation">Ends the wait, never the record.</param>
    public ValueTask<RecordMetadata> SendAsync(in RecordData record, GrowingBuffer? scratch, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            GiveBack(scratch);
            return ValueTask.FromCanceled<RecordMetadata>(cancellation);
        }
        var call = _calls.Rent();
        try
        {
            call.Watch(cancellation);
            var task = call.Task;
            _accumulator.CheckSize(record);
            var completion = new RecordCompletion(call, null, record.TimestampMs);
            if (_accumulator.TryAppend(record, completion) != AppendResult.Appended)
                return SendSlowlyAsync(record, completion, scratch, call, cancellation);
            GiveBack(scratch);
            return task;
        }
        catch (Exception error)
        {
            GiveBack(scratch);
            call.Drop();
            return ValueTask.FromException<RecordMetadata>(error);
        }
    }

    /// <summary>Puts a record in; the task ends when it is in, and the completion is told of the outcome.</summary>
    public ValueTask PostAsync(in RecordData record, in RecordCompletion completion, GrowingBuffer? scratch, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            _accumulator.CheckSize(record);
            if (_accumulator.TryAppend(record, completion) != AppendResult.Appended)
                return AppendSlowlyAsync(record, completion, scratch, cancellation);
            GiveBack(scratch);
            return ValueTask.CompletedTask;
        }
        catch (OperationCanceledException)
        {
            GiveBack(scratch);
            return ValueTask.FromCanceled(cancellation);
        }
        catch (Exception error)
        {
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

    public void Fault(Exception error) => _runtime.Post(new ProducerCall(_machine, machine => machine.TakeFault(error)));

    /// <summary>Waits for what is under way, up to the timeout, fails the rest, and takes no more.</summary>
    public async ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _runtime.Enter();
        var call = _runtime.CreateCall<bool>(_options.CloseTimeout, CancellationToken.None);
        _runtime.Post(new ProducerCall(_machine, machine => machine.OnClose(call)));
        await call.Task;
    }

    async ValueTask<RecordMetadata> SendSlowlyAsync(
        RecordData record, RecordCompletion completion, GrowingBuffer? scratch, ProduceCall call, CancellationToken cancellation)
    {
        await _runtime.Enter();
        try
        {
            await AppendSlowlyAsync(record, completion, scratch, cancellation);
        }
        catch
        {
            call.Drop();
            throw;
        }
        return await call.Task;
    }

    /// <summary>Waits for metadata and for room as often as it takes, within MaxBlock.</summary>
    async ValueTask AppendSlowlyAsync(RecordData record, RecordCompletion completion, GrowingBuffer? scratch, CancellationToken cancellation)
    {
        await _runtime.Enter();
        try
        {
            var deadline = _runtime.Now + _options.MaxBlock;
            var hasWaited = false;
            while (true)
            {
                var result = _accumulator.TryAppend(record, completion, hasWaited);
                if (result == AppendResult.Appended)
                    return;
                var left = deadline - _runtime.Now;
                var call = _runtime.CreateCall<bool>(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
                if (result == AppendResult.NoMetadata)
                {
                    var wait = new TopicWait(_accumulator.GetTopic(record.Topic), record.Partition, call);
                    _runtime.Post(new ProducerCall(_machine, machine => machine.OnTopicWanted(wait)));
                }
                else
                {
                    var (bytes, isAgain) = (_accumulator.BatchCapacity(record), hasWaited);
                    _runtime.Post(new ProducerCall(_machine, machine => machine.OnRoomWanted(bytes, call, isAgain)));
                    hasWaited = true;
                }
                await call.Task;
            }
        }
        catch (OperationCanceledException)
        {
            _runtime.Post(new ProducerCall(_machine, static machine => machine.OnWaitEnded()));
            throw;
        }
        finally
        {
            GiveBack(scratch);
        }
    }

    void GiveBack(GrowingBuffer? scratch)
    {
        if (scratch is not null)
            Scratch.Return(scratch);
    }
}
