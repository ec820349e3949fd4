using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Consuming.Sharing;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Protocol.Compression;
using NetKafka.Serialization;

namespace NetKafka;

/// <summary>
/// Works through topics as a queue, as a member of a share group (KIP-932): each record is handed to one member at a time, which has a lock on it
/// for some time and says what has become of it. More members than partitions can work, and records are not in order.
/// <para>
/// A record that is not acknowledged before its lock ends comes again, to this or another member, up to
/// <c>share.delivery.count.limit</c> times, by default 5; so each is handled at least once, and one that always fails is done away with. Where a
/// group begins (by default at the <b>latest</b> records), which records of transactions it is given and how long locks last are settings of the
/// group, not of the consumer: see <see cref="GroupSettings"/>.
/// </para>
/// <para>
/// Locks belong to the connection that the records came on: if it ends, its records are given to others, and acknowledgements of them do not
/// count, which <see cref="ShareConsumerOptions.OnAcknowledged"/> and <see cref="CommitAsync"/> tell.
/// </para>
/// <para>
/// One loop reads at a time. Everything else may be called from any thread meanwhile. Made by <c>KafkaClient.CreateShareConsumer</c>. Takes
/// brokers from 4.1 on, whose feature <c>share.version</c> is finalized.
/// </para>
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed partial class ShareConsumer<TKey, TValue> : IRuntimeOwner, IRecordWaiter, IDisposable
{
    // Handlers that run side by side may keep as many decompressed batches.
    const int PooledCompressors = 8;

    // Past the close timeout only the loop's own turn is to be waited for.
    static readonly TimeSpan DisposeSlack = TimeSpan.FromSeconds(10);

    readonly ClientRuntime _runtime;
    readonly ShareConsumerOptions _options;
    readonly ShareQueue _queue;
    readonly ShareMachine _machine;
    readonly ShareReader<TKey, TValue> _reader;
    volatile bool _isDisposed;
    volatile bool _isSubscribed;
    int _isReading;

    internal ShareConsumer(ClientRuntime runtime, ShareConsumerOptions options, IDeserializer<TKey>? keys, IDeserializer<TValue>? values)
    {
        (_runtime, _options) = (runtime, options.Validated());
        var signal = new Turn((_, _) => _machine!.OnApplication());
        _queue = new ShareQueue(() => runtime.Post(signal));
        var context = new ShareContext(
            runtime.Cluster, _options, _queue, runtime.Pool, runtime.Random, runtime.Options.RequestTimeout,
            new Backoff(runtime.Options.RetryBackoff, runtime.Options.RetryBackoffMax), runtime.NextOwner())
        {
            Rack = string.IsNullOrEmpty(runtime.Options.ClientRack) ? null : runtime.Options.ClientRack,
        };
        _machine = new ShareMachine(context, runtime.Machines, _options.OnAcknowledged is { } handler ? results => new HandlerRun(handler, results) : null);
        var maker = new RecordMaker<TKey, TValue>(keys ?? Serdes.Default<TKey>(), values ?? Serdes.Default<TValue>());
        _reader = new ShareReader<TKey, TValue>(
            _queue, new CompressionPool(PooledCompressors), maker, _options.AcknowledgementMode == ShareAcknowledgementMode.Implicit);
        _isSubscribed = _options.Topics.Count > 0;
        runtime.Attach(this);
        runtime.Post(new Turn((_, _) => _machine.Start()));
    }

    /// <summary>The id that this member has given itself, by which tools show it. It is new for each consumer.</summary>
    public string MemberId => _machine.MemberId;

    /// <summary>
    /// What the group is set to, read when it was joined; null before, and where this principal may not know (DescribeConfigs on the group). An
    /// admin changes it.
    /// </summary>
    public ShareGroupSettings? GroupSettings => _machine.GroupSettings;

    /// <summary>For how long a record is locked, as the last fetch that brought some has said; null before the first.</summary>
    public TimeSpan? AcquisitionLockTimeout => _machine.LockTime;

    /// <summary>Works through these topics from now on, and no others. Records in hand stay in hand.</summary>
    /// <param name="topics">The topics, at least one; to work through none, <see cref="UnsubscribeAsync"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once the wish is in force here; the group is told with the next heartbeat, which leaves at once.</returns>
    /// <exception cref="ArgumentException">There is no topic, or an empty name.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask SubscribeAsync(IEnumerable<string> topics, CancellationToken cancellation = default)
    {
        string[] wanted = [.. topics.Distinct().Order(StringComparer.Ordinal)];
        if (wanted.Length == 0 || wanted.Any(string.IsNullOrEmpty))
            throw new ArgumentException("Name at least one topic, and no empty one.", nameof(topics));
        await Ask<bool>(_options.DefaultApiTimeout, cancellation, (call, effects) =>
        {
            _machine.Subscribe(wanted);
            call.Succeed(true, effects);
        });
        _isSubscribed = true;
    }

    /// <summary>
    /// Stops working: what was acknowledged is sent, other records in hand are released, and the group is left.
    /// <see cref="SubscribeAsync"/> begins again. A loop that waits for records goes on waiting.
    /// </summary>
    /// <param name="cancellation">Ends the wait; it is done all the same.</param>
    /// <returns>Completes once brokers have answered.</returns>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask UnsubscribeAsync(CancellationToken cancellation = default)
    {
        _isSubscribed = false;
        await Ask<bool>(_options.DefaultApiTimeout, cancellation, (call, _) => _machine.Unsubscribe(call));
    }

    /// <summary>
    /// Says what has become of a record. It is sent with the next fetch, by <see cref="CommitAsync"/>, or after
    /// <see cref="ShareConsumerOptions.FetchMaxWait"/>; a renewal at once. What the broker says of it <see cref="CommitAsync"/> and
    /// <see cref="ShareConsumerOptions.OnAcknowledged"/> tell, as that the lock had ended before.
    /// </summary>
    /// <param name="record">A record that this consumer has handed out.</param>
    /// <param name="type">What has become of it. After <see cref="AcknowledgeType.Renew"/> another word follows.</param>
    /// <exception cref="InvalidOperationException">
    /// The consumer acknowledges by itself (<see cref="ShareConsumerOptions.AcknowledgementMode"/>), the record was acknowledged before, or is not
    /// from this consumer.
    /// </exception>
    public void Acknowledge(in ShareRecord<TKey, TValue> record, AcknowledgeType type = AcknowledgeType.Accept)
    {
        RequireExplicit(type);
        if (record.Acquired is not AcquiredBatch batch)
            throw new InvalidOperationException($"{record} is not from this consumer, so it cannot be acknowledged.");
        Acknowledge(batch, record.Index, type);
    }

    /// <summary>Says what becomes of a record that could not be read, as <see cref="Acknowledge(in ShareRecord{TKey, TValue}, AcknowledgeType)"/>.</summary>
    /// <param name="error">What the loop threw last.</param>
    /// <param name="type">What becomes of the record.</param>
    /// <exception cref="InvalidOperationException">
    /// The consumer acknowledges by itself, the record was acknowledged before, or it is not the last one that could not be read.
    /// </exception>
    public void Acknowledge(KafkaSerializationException error, AcknowledgeType type)
    {
        ArgumentNullException.ThrowIfNull(error);
        RequireExplicit(type);
        if (_reader.Unreadable is not { } unreadable || unreadable.Batch.Partition != error.Partition || unreadable.Batch.OffsetOf(unreadable.Index) != error.Offset)
            throw new InvalidOperationException("The exception is not what this consumer threw last for a record that it could not read.");
        Acknowledge(unreadable.Batch, unreadable.Index, type);
    }

    /// <summary>
    /// Sends what was acknowledged so far, with <see cref="ShareAcknowledgementMode.Implicit"/> all records before the one in hand, and waits for what brokers
    /// say. A record counts as acknowledged only where its result has no error.
    /// </summary>
    /// <param name="cancellation">Ends the wait; what was acknowledged is sent all the same.</param>
    /// <returns>
    /// The outcomes of what was on its way or waiting, by partition; none where nothing was. Errors of single partitions are in
    /// <see cref="ShareAcknowledgement.Error"/> and are not thrown.
    /// </returns>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ShareConsumerOptions.DefaultApiTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask<IReadOnlyList<ShareAcknowledgement>> CommitAsync(CancellationToken cancellation = default) =>
        Ask<IReadOnlyList<ShareAcknowledgement>>(_options.DefaultApiTimeout, cancellation, (call, _) => _machine.Commit(call));

    /// <summary>
    /// Disposes in order: sends what was acknowledged, has brokers release what was not (which counts as a delivery of it), leaves the group,
    /// closes the consumer's connections; all within <see cref="ShareConsumerOptions.CloseTimeout"/>. A loop that reads gets an <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <returns>Completes when everything is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _runtime.Enter();
        var begun = _runtime.Now;
        await StopProcessingAsync();
        var left = _options.CloseTimeout - (_runtime.Now - begun);
        var call = _runtime.CreateCall<bool>(left > TimeSpan.Zero ? left : TimeSpan.Zero, CancellationToken.None);
        _runtime.Post(new Turn((_, _) => _machine.Close(call)));
        await call.Task;
        // A loop that still reads lets go of what it has in hand as it ends.
        if (Interlocked.Exchange(ref _isReading, 1) == 0)
            _reader.Abandon();
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

    void RequireExplicit(AcknowledgeType type)
    {
        if (!Enum.IsDefined(type))
            throw new ArgumentOutOfRangeException(nameof(type), type, "It is no value of AcknowledgeType.");
        if (_options.AcknowledgementMode != ShareAcknowledgementMode.Explicit)
            throw new InvalidOperationException("AcknowledgementMode is Implicit: a record is accepted when the loop asks for the next one. Set it to Explicit to "
                + "acknowledge records yourself.");
    }

    void Acknowledge(AcquiredBatch batch, int index, AcknowledgeType type)
    {
        if (!_queue.Acknowledge(batch, index, (sbyte)type))
            throw new InvalidOperationException($"The record at {batch.Partition}, offset {batch.OffsetOf(index)}, was acknowledged before, and that stands.");
    }

    ValueTask<T> Ask<T>(TimeSpan timeout, CancellationToken cancellation, Action<Call<T>, Effects> start)
    {
        cancellation.ThrowIfCancellationRequested();
        var call = _runtime.CreateCall<T>(timeout, cancellation);
        _runtime.Post(new Turn((_, effects) =>
        {
            if (TryBegin(call, effects))
                start(call, effects);
        }, _machine));
        return call.Task;
    }

    /// <summary>Keeps a call until it has its answer, inside a turn; once the consumer is closed that is its answer.</summary>
    bool TryBegin<T>(Call<T> call, Effects effects)
    {
        _machine.Calls.Add(call);
        if (!_machine.IsClosed)
            return true;
        call.Fail(new ObjectDisposedException("ShareConsumer", "The consumer was disposed."), effects);
        return false;
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

    /// <summary>One run of the application's handler of acknowledgements.</summary>
    sealed class HandlerRun(Action<IReadOnlyList<ShareAcknowledgement>> handler, IReadOnlyList<ShareAcknowledgement> results) : Dispatch
    {
        int _isRun;

        public override bool IsBrief => true;

        public override void Run()
        {
            if (Interlocked.Exchange(ref _isRun, 1) == 0)
                handler(results);
        }
    }
}
