using System.Runtime.ExceptionServices;
using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka;

/// <summary>Records one by one, and by batch.</summary>
public sealed partial class ShareConsumer<TKey, TValue>
{
    /// <summary>
    /// Reads records one by one, for ever. With <see cref="ShareAcknowledgementMode.Implicit"/> each is accepted when the loop asks for the next; one
    /// that the loop left behind by <c>break</c> or by an exception is released. Records that were fetched and not handed out wait for the next loop,
    /// until their locks end or the consumer is disposed. Those whose lock has ended before their turn came are left out: others are given them.
    /// </summary>
    /// <param name="cancellation">
    /// Ends the loop with an <see cref="OperationCanceledException"/>. The record in hand is not accepted by it.
    /// </param>
    /// <returns>The records, for <c>await foreach</c>.</returns>
    /// <exception cref="InvalidOperationException">Another loop is reading, or there is nothing to read: no topic.</exception>
    /// <exception cref="KafkaSerializationException">
    /// A key or value cannot be read, and <see cref="ShareConsumerOptions.OnUnreadableRecord"/> did not decide. A new loop goes on behind it.
    /// </exception>
    /// <exception cref="KafkaProtocolException">
    /// A batch is damaged, and its records were rejected; a new loop goes on behind it. Or the brokers are too old, which is fatal.
    /// </exception>
    /// <exception cref="KafkaTimeoutException">
    /// For <see cref="ShareConsumerOptions.DefaultApiTimeout"/> no broker has been reached since the client was made, or no topic exists. A new loop
    /// waits again. Brokers that were reached once are waited for without an end.
    /// </exception>
    /// <exception cref="KafkaAuthorizationException">The principal lacks Read on the group or a topic.</exception>
    /// <exception cref="KafkaException">
    /// The group cannot be joined: it is of another kind, or brokers know no share groups. Unless <see cref="KafkaException.IsFatal"/> is set, a new
    /// loop goes on.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public IAsyncEnumerable<ShareRecord<TKey, TValue>> ReadAllAsync(CancellationToken cancellation = default) => new RecordSequence(this, cancellation);

    /// <summary>
    /// Reads records in lists, for ever: up to <see cref="ShareConsumerOptions.MaxPollRecords"/> of one batch, as a producer wrote it. With
    /// <see cref="ShareAcknowledgementMode.Implicit"/> all of a list are accepted when the loop asks for the next one.
    /// </summary>
    /// <param name="cancellation">
    /// Ends the loop with an <see cref="OperationCanceledException"/>. The list in hand is not accepted by it.
    /// </param>
    /// <returns>The lists, for <c>await foreach</c>. Errors are those of <see cref="ReadAllAsync"/>.</returns>
    public IAsyncEnumerable<IReadOnlyList<ShareRecord<TKey, TValue>>> ReadBatchesAsync(CancellationToken cancellation = default) =>
        new BatchSequence(this, cancellation);

    void BeginReading()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isSubscribed)
            throw new InvalidOperationException("There is nothing to read: name Topics in the options, or subscribe first (SubscribeAsync).");
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
            throw new InvalidOperationException("Another loop is reading from this consumer. One reads at a time; create a consumer for each.");
    }

    void EndReading()
    {
        _reader.Finish(AcknowledgeType.Release);
        if (_isDisposed)
            _reader.Abandon();
        Volatile.Write(ref _isReading, 0);
    }

    /// <summary>Decides what becomes of a record that cannot be read, by the application's handler. Reading goes on if this returns.</summary>
    /// <exception cref="KafkaSerializationException">It is the application's to decide.</exception>
    async ValueTask DecideAsync(KafkaSerializationException error, CancellationToken cancellation)
    {
        if (_reader.Unreadable is not { } unreadable)
            throw error;
        var isImplicit = _options.AcknowledgementMode == ShareAcknowledgementMode.Implicit;
        if (_options.OnUnreadableRecord is not { } decide)
        {
            if (isImplicit)
                _queue.Acknowledge(unreadable.Batch, unreadable.Index, (sbyte)AcknowledgeType.Release);
            ExceptionDispatchInfo.Throw(error);
            return;
        }
        var type = AcknowledgeType.Release;
        try
        {
            type = await decide(error, cancellation);
        }
        finally
        {
            _queue.Acknowledge(unreadable.Batch, unreadable.Index, (sbyte)type);
        }
        _runtime.Log(logger => ClientLog.UnreadableAcknowledged(logger, $"{error.Partition}", error.Offset, type, error.Message));
    }

    /// <summary>One loop over a consumer: waits for what is not there yet.</summary>
    abstract class Loop(ShareConsumer<TKey, TValue> consumer, CancellationToken cancellation) : IAsyncDisposable
    {
        readonly RecordWait _wait = consumer.CreateWait(cancellation);
        bool _isOver;

        protected ShareConsumer<TKey, TValue> Consumer => consumer;

        public async ValueTask<bool> MoveNextAsync()
        {
            cancellation.ThrowIfCancellationRequested();
            while (true)
            {
                KafkaSerializationException unreadable;
                try
                {
                    if (TryMove())
                        return true;
                    await consumer._runtime.Enter();
                    while (!TryMove())
                        await _wait.BeginAsync(consumer._options.MaxPollRecords);
                    return true;
                }
                catch (KafkaSerializationException error) when (error.Offset >= 0)
                {
                    unreadable = error;
                }
                await consumer.DecideAsync(unreadable, cancellation);
            }
        }

        public ValueTask DisposeAsync()
        {
            if (!_isOver)
            {
                _isOver = true;
                consumer.EndReading();
            }
            return ValueTask.CompletedTask;
        }

        protected abstract bool TryMove();
    }

    RecordWait CreateWait(CancellationToken cancellation) => new(_runtime, _machine, this, Timeout.InfiniteTimeSpan, cancellation);

    void IRecordWaiter.WaitForRecords(Call<bool> call, int records, Instant now, Effects effects)
    {
        if (TryBegin(call, effects))
            _machine.WaitForRecords(call, records);
    }

    sealed class RecordSequence(ShareConsumer<TKey, TValue> consumer, CancellationToken cancellation) : IAsyncEnumerable<ShareRecord<TKey, TValue>>
    {
        public IAsyncEnumerator<ShareRecord<TKey, TValue>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            consumer.BeginReading();
            return new RecordLoop(consumer, Either(cancellation, cancellationToken));
        }
    }

    sealed class RecordLoop(ShareConsumer<TKey, TValue> consumer, CancellationToken cancellation)
        : Loop(consumer, cancellation), IAsyncEnumerator<ShareRecord<TKey, TValue>>
    {
        ShareRecord<TKey, TValue> _current;

        public ShareRecord<TKey, TValue> Current => _current;

        protected override bool TryMove() => Consumer._reader.TryNext(Consumer._runtime.Now, out _current);
    }

    sealed class BatchSequence(ShareConsumer<TKey, TValue> consumer, CancellationToken cancellation) : IAsyncEnumerable<IReadOnlyList<ShareRecord<TKey, TValue>>>
    {
        public IAsyncEnumerator<IReadOnlyList<ShareRecord<TKey, TValue>>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            consumer.BeginReading();
            return new BatchLoop(consumer, Either(cancellation, cancellationToken));
        }
    }

    sealed class BatchLoop(ShareConsumer<TKey, TValue> consumer, CancellationToken cancellation)
        : Loop(consumer, cancellation), IAsyncEnumerator<IReadOnlyList<ShareRecord<TKey, TValue>>>
    {
        public IReadOnlyList<ShareRecord<TKey, TValue>> Current { get; private set; } = [];

        protected override bool TryMove()
        {
            Current = Consumer._reader.NextBatch(Consumer._options.MaxPollRecords, Consumer._runtime.Now);
            return Current.Count > 0;
        }
    }

    static CancellationToken Either(CancellationToken first, CancellationToken second) =>
        !second.CanBeCanceled || first == second ? first
        : !first.CanBeCanceled ? second
        : CancellationTokenSource.CreateLinkedTokenSource(first, second).Token;
}
