using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Offsets;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Protocol.Compression;
using NetKafka.Serialization;

namespace NetKafka;

/// <summary>
/// Reads records: as a member of a group, which shares the topics among its members and remembers how far they have come, or
/// of partitions that were assigned by hand. The group is joined when reading begins.
/// <para>
/// A record is finished when the reading loop asks for the next one (of batches: for the next batch). Only what is finished
/// is ever committed by itself, so every record is handled at least once, whatever happens; a record that a loop left behind
/// by <c>break</c> or by an exception is read again, unless <see cref="MarkFinished()"/> said otherwise.
/// </para>
/// <para>
/// One loop reads at a time. Everything else, pause, seek, commit and dispose, may be called from any thread meanwhile. Made
/// by <c>KafkaClient.CreateConsumer</c>.
/// </para>
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed partial class Consumer<TKey, TValue> : IRuntimeOwner, IRecordWaiter, IDisposable
{
    // Handlers that run side by side may keep as many decompressed batches.
    const int PooledCompressors = 8;

    // Past the close timeout only the loop's own turn is to be waited for.
    static readonly TimeSpan DisposeSlack = TimeSpan.FromSeconds(10);

    readonly ClientRuntime _runtime;
    readonly ConsumerOptions _options;
    readonly Assignment _assignment = new();
    readonly FetchQueue _queue;
    readonly ConsumerMachine _machine;
    readonly CompressionPool _compression = new(PooledCompressors);
    readonly RecordMaker<TKey, TValue> _maker;
    readonly RecordReader<TKey, TValue> _reader;
    int _isReading;
    volatile bool _isDisposed;
    volatile TopicSubscription? _subscription;

    internal Consumer(ClientRuntime runtime, ConsumerOptions options, IDeserializer<TKey>? keys, IDeserializer<TValue>? values,
        IEnumerable<ConsumerInterceptor<TKey, TValue>>? interceptors)
    {
        (_runtime, _options) = (runtime, options.Validated());
        var signal = new Turn((_, _) => _machine!.OnReader());
        _queue = new FetchQueue(() => runtime.Post(signal));
        ConsumerInterceptor<TKey, TValue>[] seeing = [.. interceptors ?? []];
        var context = new ConsumerContext(
            runtime.Cluster, _options, _assignment, _queue, runtime.Pool, runtime.Random, runtime.Options.RequestTimeout,
            new Backoff(runtime.Options.RetryBackoff, runtime.Options.RetryBackoffMax), runtime.NextOwner())
        {
            UnixMilliseconds = () => runtime.UnixMilliseconds,
            ReplicaLease = runtime.Options.MetadataMaxAge,
            Rack = string.IsNullOrEmpty(runtime.Options.ClientRack) ? null : runtime.Options.ClientRack,
            MakeCommitRun = seeing.Length == 0 ? null : offsets => new CommitRun(this, seeing, offsets),
            MakeCodeRun = (code, onEnd) => new CodeRun(this, code, onEnd),
        };
        _machine = new ConsumerMachine(context, runtime.Machines, new RebalanceHandlers(this));
        (keys, values) = (keys ?? Serdes.Default<TKey>(), values ?? Serdes.Default<TValue>());
        if (seeing.Length > 0 || keys is IAsyncDeserializer<TKey> || values is IAsyncDeserializer<TValue>)
            _extension = new Extension(keys, values, seeing, OnInterceptorError);
        _maker = new RecordMaker<TKey, TValue>(keys, values) { OnMarker = _options.OnTransactionMarker, Extension = _extension };
        _reader = new RecordReader<TKey, TValue>(_queue, _compression, context.IsReadCommitted, _maker)
        { KeepsUnreadable = _options.OnUnreadableRecord is not null };
        _subscription = _options.Subscription.IsEmpty ? null : _options.Subscription.Copy();
        runtime.Attach(this);
        runtime.Post(new Turn((now, _) => _machine.Start(now)));
    }

    /// <summary>The partitions that this consumer reads now, in order of topic and number. A copy.</summary>
    public IReadOnlyList<TopicPartition> Assignment => [.. _assignment.Snapshot.Select(partition => partition.Partition)];

    /// <summary>Those of <see cref="Assignment"/> that are paused (<see cref="PauseAsync"/>). A copy.</summary>
    public IReadOnlyList<TopicPartition> Paused =>
        [.. _assignment.Snapshot.Where(static partition => partition.IsPaused).Select(static partition => partition.Partition)];

    /// <summary>What is subscribed to, by the options or by <see cref="SubscribeAsync(TopicSubscription, CancellationToken)"/>; null where nothing is. A copy.</summary>
    public TopicSubscription? Subscription => _subscription?.Copy();

    /// <summary>
    /// Where the application is in a partition: the offset of the first record that it has not finished.
    /// </summary>
    /// <param name="partition">A partition of <see cref="Assignment"/>.</param>
    /// <returns>The offset; null if the partition is not assigned, or its position not known yet.</returns>
    public long? Position(TopicPartition partition) =>
        _assignment.Find(partition) is { } assigned && _queue.PositionOf(assigned).Offset is >= 0 and var offset ? offset : null;

    /// <summary>
    /// How far the application is behind the end of a partition, as the last answer to a fetch told of that: its high watermark, under
    /// read-committed its last stable offset. Asks nobody.
    /// </summary>
    /// <param name="partition">A partition of <see cref="Assignment"/>.</param>
    /// <returns>How many offsets; null if the partition is not assigned, or was not fetched yet.</returns>
    public long? CurrentLag(TopicPartition partition) =>
        _assignment.Find(partition) is { } assigned && assigned.EndOf(_options.IsolationLevel == IsolationLevel.ReadCommitted) is >= 0 and var end
            && _queue.PositionOf(assigned).Offset is >= 0 and var position
            ? Math.Max(0, end - position)
            : null;

    /// <summary>Stops fetching partitions; what was fetched of them is read later. They stay assigned.</summary>
    /// <param name="partitions">The partitions; those that are not assigned are left out.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once it is in force: from then on the loop is given none of them.</returns>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask PauseAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default) =>
        SetPausedAsync([.. partitions], isPaused: true, cancellation);

    /// <summary>Fetches paused partitions again, from where the application is.</summary>
    /// <param name="partitions">The partitions; those that are not paused are left out.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once it is in force.</returns>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask ResumeAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default) =>
        SetPausedAsync([.. partitions], isPaused: false, cancellation);

    /// <summary>
    /// Disposes in order: waits until the application has finished the record in hand, commits what is finished, leaves the
    /// group, closes the consumer's connections; all within <see cref="ConsumerOptions.CloseTimeout"/>. A loop that reads gets
    /// an <see cref="ObjectDisposedException"/>; called inside that loop's body, it has to wait for the timeout.
    /// </summary>
    /// <returns>Completes when everything is closed.</returns>
    public ValueTask DisposeAsync() => CloseAsync(GroupMembershipOperation.Default);

    /// <summary>
    /// As <see cref="DisposeAsync"/>, and says whether the group is left (KIP-1092). A consumer that is closed needs no other disposal.
    /// </summary>
    /// <param name="operation">What becomes of the membership.</param>
    /// <returns>Completes when everything is closed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The operation is none of its values.</exception>
    public async ValueTask CloseAsync(GroupMembershipOperation operation)
    {
        if (!Enum.IsDefined(operation))
            throw new ArgumentOutOfRangeException(nameof(operation), operation, "It is no value of GroupMembershipOperation.");
        _isDisposed = true;
        // What was polled last is in hand of nobody who would say so: what was not marked as finished is read again.
        if (Interlocked.CompareExchange(ref _isReading, 1, 0) == 0)
            _polls?.Abandon();
        await _runtime.Enter();
        var call = _runtime.CreateCall<bool>(_options.CloseTimeout, CancellationToken.None);
        _runtime.Post(new Turn((now, _) => _machine.Close(call, now, operation)));
        await call.Task;
        _runtime.Detach(this);
    }

    /// <summary>As <see cref="DisposeAsync"/>, and waits for it. Needs no context to run on.</summary>
    public void Dispose() => DisposeAsync().AsTask().Wait(_options.CloseTimeout + DisposeSlack);

    void IRuntimeOwner.OnFault(Exception error)
    {
        _queue.FailForGood(error);
        _runtime.Post(new Turn((_, effects) =>
        {
            _machine.Calls.FailAll(error, effects);
            _machine.EndWith(error);
        }));
    }

    ValueTask SetPausedAsync(TopicPartition[] partitions, bool isPaused, CancellationToken cancellation) =>
        Run(cancellation, (call, _, effects) =>
        {
            _machine.SetPaused(partitions, isPaused);
            call.Succeed(true, effects);
        });

    /// <summary>Brings a call into the turn and waits for its answer.</summary>
    async ValueTask Run(CancellationToken cancellation, Action<Call<bool>, Instant, Effects> start)
    {
        await Ask(cancellation, start);
    }

    ValueTask<T> Ask<T>(CancellationToken cancellation, Action<Call<T>, Instant, Effects> start) =>
        Ask(_options.DefaultApiTimeout, cancellation, start);

    ValueTask<T> Ask<T>(TimeSpan timeout, CancellationToken cancellation, Action<Call<T>, Instant, Effects> start)
    {
        // A handler that runs while the consumer closes may still commit, so the machine decides what is too late.
        cancellation.ThrowIfCancellationRequested();
        var call = _runtime.CreateCall<T>(timeout, cancellation);
        _runtime.Post(new Turn((now, effects) =>
        {
            if (TryBegin(call, effects))
                start(call, now, effects);
        }, _machine));
        return call.Task;
    }

    /// <summary>Keeps a call until it has its answer, inside a turn; once the consumer is closed that is its answer.</summary>
    bool TryBegin<T>(Call<T> call, Effects effects)
    {
        _machine.Calls.Add(call);
        if (!_machine.IsClosed)
            return true;
        call.Fail(new ObjectDisposedException(nameof(Consumer<,>), "The consumer was disposed."), effects);
        return false;
    }

    static void Check(TopicPartition partition)
    {
        if (string.IsNullOrEmpty(partition.Topic) || partition.Partition < 0)
            throw new ArgumentException($"'{partition}' is no partition: it needs a topic, and a number from "
                + "0.", nameof(partition));
    }

    /// <summary>Something to be done inside a turn. A defect of the consumer's machines stays with them.</summary>
    sealed class Turn(Action<Instant, Effects> action, Machine? machine = null) : LoopCall
    {
        public override void Run(Instant now, Effects effects)
        {
            try
            {
                action(now, effects);
            }
            catch (Exception error)
            {
                if (machine?.TakeFault(error) != true)
                    throw;
            }
        }
    }
}
