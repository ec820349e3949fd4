using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka;

/// <summary>Records one by one, and by batch.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>
    /// Reads records one by one, for ever. Partitions take turns as they were fetched; records of one partition come in order.
    /// While fetched records are at hand each step completes at once and allocates nothing for keys and values of type
    /// <see cref="ReadOnlyMemory{T}"/>. Those live until the loop asks for the next record.
    /// </summary>
    /// <param name="cancellation">
    /// Ends the loop with an <see cref="OperationCanceledException"/>. The record in hand is not finished by it.
    /// </param>
    /// <returns>The records, for <c>await foreach</c>.</returns>
    /// <exception cref="InvalidOperationException">
    /// Another loop is reading, or there is nothing to read: no topic, no partition.
    /// </exception>
    /// <exception cref="KafkaSerializationException">A key or value cannot be read; see <see cref="SkipAsync"/>.</exception>
    /// <exception cref="KafkaProtocolException">A batch is damaged; a seek leads past it.</exception>
    /// <exception cref="KafkaTimeoutException">
    /// For <see cref="ConsumerOptions.DefaultApiTimeout"/> no broker has been reached since the client was made, or nothing of
    /// what is to be read exists. A new loop waits again. Brokers that were reached once are waited for without an end.
    /// </exception>
    /// <exception cref="KafkaException">
    /// A partition cannot be read, a rebalance handler threw, or the group cannot be joined. Unless
    /// <see cref="KafkaException.IsFatal"/> is set, a new loop goes on.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public IAsyncEnumerable<ConsumerRecord<TKey, TValue>> ReadAllAsync(CancellationToken cancellation = default) =>
        new RecordSequence(this, cancellation);

    /// <summary>
    /// Reads batches of one partition each, for ever: the fastest way. A batch and all views of its bytes live until the loop
    /// asks for the next one; its records are finished then, all together.
    /// </summary>
    /// <param name="cancellation">
    /// Ends the loop with an <see cref="OperationCanceledException"/>. The batch in hand is not finished by it.
    /// </param>
    /// <returns>The batches, for <c>await foreach</c>. Errors are those of <see cref="ReadAllAsync"/>.</returns>
    public IAsyncEnumerable<ConsumerBatch<TKey, TValue>> ReadBatchesAsync(CancellationToken cancellation = default) =>
        new BatchSequence(this, cancellation);

    /// <summary>
    /// Says that a record in hand, and all before it in its partition, are finished, without asking for the next: before a
    /// <c>break</c>, or within a batch or what <see cref="PollAsync"/> returned. By who reads only.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <exception cref="InvalidOperationException">The loop has gone on already, or the record is not from it.</exception>
    public void MarkFinished(in ConsumerRecord<TKey, TValue> record)
    {
        if (!_reader.MarkFinished(record.TopicPartition, record.Offset) && _polls?.MarkFinished(record) != true)
            throw new InvalidOperationException($"{record} is not in hand: the loop has gone on or has ended.");
    }

    /// <summary>
    /// Says that everything in hand is finished: the record or batch of a loop, or all records of the last <see cref="PollAsync"/>. To be
    /// called before the last commit, or before the consumer is disposed, where nothing more is asked for.
    /// </summary>
    public void MarkFinished()
    {
        if (_polls?.MarkFinished() != true)
            _reader.MarkFinished();
    }

    /// <summary>Asks the application about a record that cannot be read. It is to be skipped if this returns.</summary>
    /// <exception cref="KafkaSerializationException">It is not to be skipped.</exception>
    async ValueTask DecideAsync(KafkaSerializationException unreadable, CancellationToken cancellation)
    {
        var action = _options.OnUnreadableRecord is { } decide ? await decide(unreadable, cancellation) : UnreadableRecordAction.Stop;
        if (action != UnreadableRecordAction.Skip)
            ExceptionDispatchInfo.Throw(unreadable);
        _runtime.Log(logger => ClientLog.UnreadableSkipped(logger, $"{unreadable.Partition}", unreadable.Offset, unreadable.Message));
    }

    void BeginReading()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_subscription is null && _assignment.Snapshot.Length == 0)
            throw new InvalidOperationException("There is nothing to read: name Topics or a TopicPattern in the options, subscribe (SubscribeAsync), "
                + "or assign partitions first (AssignAsync).");
        ClaimReading();
    }

    void ClaimReading()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
            throw new InvalidOperationException("Another loop is reading from this consumer. One reads at a time; create a "
                + "consumer for each.");
    }

    /// <summary>Who reads on in another way is done with what was polled; what was not handed out of it comes again.</summary>
    void LeavePolled()
    {
        _polls?.Settle();
        _polls?.Abandon();
    }

    void EndReading()
    {
        _reader.Abandon();
        Volatile.Write(ref _isReading, 0);
    }

    /// <summary>One loop over a consumer: waits for what is not there yet.</summary>
    abstract class Loop(Consumer<TKey, TValue> consumer, CancellationToken cancellation) : IAsyncDisposable
    {
        readonly RecordWait _wait = consumer.CreateWait(cancellation);
        bool _isOver;

        protected Consumer<TKey, TValue> Consumer => consumer;

        public ValueTask<bool> MoveNextAsync()
        {
            if (cancellation.IsCancellationRequested)
                return ValueTask.FromCanceled<bool>(cancellation);
            try
            {
                return TryMove() ? new ValueTask<bool>(true) : WaitAndMoveAsync();
            }
            catch (KafkaSerializationException unreadable) when (IsToBeDecided(unreadable))
            {
                return DecideAndMoveAsync(unreadable);
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

        /// <summary>Whether all has been read that was to be read.</summary>
        protected virtual bool IsComplete => false;

        protected abstract bool TryMove();

        // A loop that is faster than its fetches waits once for each of them, and allocates nothing for it.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        async ValueTask<bool> WaitAndMoveAsync()
        {
            await consumer._runtime.Enter();
            try
            {
                do
                {
                    if (IsComplete)
                        return false;
                    await WaitAsync();
                }
                while (!TryMove());
                return true;
            }
            catch (KafkaSerializationException error) when (IsToBeDecided(error))
            {
                return await DecideAndMoveAsync(error);
            }
        }

        // Records that cannot be read may follow each other without an end, so this one goes round.
        async ValueTask<bool> DecideAndMoveAsync(KafkaSerializationException unreadable)
        {
            await consumer._runtime.Enter();
            while (true)
            {
                try
                {
                    await consumer.DecideAsync(unreadable, cancellation);
                }
                catch
                {
                    consumer._reader.Abandon();
                    throw;
                }
                try
                {
                    while (!TryMove())
                    {
                        if (IsComplete)
                            return false;
                        await WaitAsync();
                    }
                    return true;
                }
                catch (KafkaSerializationException error) when (IsToBeDecided(error))
                {
                    unreadable = error;
                }
            }
        }

        /// <summary>Waits for something to read, unless the end of a partition is to be told first.</summary>
        ValueTask<bool> WaitAsync() => consumer._reader.TryTakeEnd(out var end) ? TellEndAsync(end) : _wait.BeginAsync();

        protected virtual async ValueTask<bool> TellEndAsync(TopicPartitionOffset end)
        {
            await consumer._options.OnPartitionEnd!(end, cancellation);
            return true;
        }

        bool IsToBeDecided(KafkaSerializationException error) => consumer._reader.KeepsUnreadable && error.Offset >= 0;
    }

    RecordWait CreateWait(CancellationToken cancellation, TimeSpan? timeout = null) =>
        new(_runtime, _machine, this, timeout ?? Timeout.InfiniteTimeSpan, cancellation);

    void IRecordWaiter.WaitForRecords(Call<bool> call, int records, Instant now, Effects effects)
    {
        if (TryBegin(call, effects))
            _machine.WaitForRecords(call, now);
    }

    sealed class RecordSequence(Consumer<TKey, TValue> consumer, CancellationToken cancellation) : IAsyncEnumerable<ConsumerRecord<TKey, TValue>>
    {
        public IAsyncEnumerator<ConsumerRecord<TKey, TValue>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            consumer.BeginReading();
            consumer.LeavePolled();
            var either = Either(cancellation, cancellationToken);
            return consumer.Waiting(new RecordLoop(consumer, either), either);
        }
    }

    /// <summary>The same loop, or, where a deserializer may have to wait, one that does.</summary>
    IAsyncEnumerator<ConsumerRecord<TKey, TValue>> Waiting(RecordLoop loop, CancellationToken cancellation) =>
        MayWait ? new WaitingLoop(this, loop, cancellation) : loop;

    class RecordLoop(Consumer<TKey, TValue> consumer, CancellationToken cancellation)
        : Loop(consumer, cancellation), IAsyncEnumerator<ConsumerRecord<TKey, TValue>>
    {
        private protected ConsumerRecord<TKey, TValue> _current;

        public ConsumerRecord<TKey, TValue> Current => _current;

        protected override bool TryMove() => Consumer._reader.TryNext(out _current);
    }

    /// <summary>A loop over records whose keys and values may have to be waited for, each before the next one is read.</summary>
    sealed class WaitingLoop : IAsyncEnumerator<ConsumerRecord<TKey, TValue>>
    {
        readonly Consumer<TKey, TValue> _consumer;
        readonly RecordLoop _loop;
        readonly CancellationToken _cancellation;

        public WaitingLoop(Consumer<TKey, TValue> consumer, RecordLoop loop, CancellationToken cancellation)
        {
            (_consumer, _loop, _cancellation) = (consumer, loop, cancellation);
            consumer.WaitUnder(cancellation);
        }

        public ConsumerRecord<TKey, TValue> Current { get; private set; }

        public async ValueTask<bool> MoveNextAsync()
        {
            await _consumer._runtime.Enter();
            while (await _loop.MoveNextAsync())
            {
                if (_consumer._maker.TakePending() is not { } pending)
                {
                    Current = _loop.Current;
                    return true;
                }
                try
                {
                    Current = await _consumer.CompleteAsync(_loop.Current, pending, _cancellation);
                    return true;
                }
                catch (KafkaSerializationException unreadable) when (_consumer._reader.KeepsUnreadable)
                {
                    await DecideAsync(unreadable);
                }
                catch
                {
                    _consumer._reader.Abandon();
                    throw;
                }
            }
            return false;
        }

        public ValueTask DisposeAsync() => _loop.DisposeAsync();

        // In hand until it is decided on; if this returns, the next move finishes it.
        async ValueTask DecideAsync(KafkaSerializationException unreadable)
        {
            try
            {
                await _consumer.DecideAsync(unreadable, _cancellation);
            }
            catch
            {
                _consumer._reader.Abandon();
                throw;
            }
        }
    }

    sealed class BatchSequence(Consumer<TKey, TValue> consumer, CancellationToken cancellation) : IAsyncEnumerable<ConsumerBatch<TKey, TValue>>
    {
        public IAsyncEnumerator<ConsumerBatch<TKey, TValue>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            if (consumer.MayWait)
                throw new InvalidOperationException("A deserializer of this consumer may have to wait (IAsyncDeserializer), and the records of a batch "
                    + "are read at once. Use ReadAllAsync, or read ReadOnlyMemory<byte> and deserialize it yourself.");
            consumer.BeginReading();
            consumer.LeavePolled();
            return new BatchLoop(consumer, Either(cancellation, cancellationToken));
        }
    }

    sealed class BatchLoop(Consumer<TKey, TValue> consumer, CancellationToken cancellation)
        : Loop(consumer, cancellation), IAsyncEnumerator<ConsumerBatch<TKey, TValue>>
    {
        public ConsumerBatch<TKey, TValue> Current { get; private set; }

        protected override bool TryMove()
        {
            if (!Consumer._reader.TryNextBatch())
                return false;
            Current = new ConsumerBatch<TKey, TValue>(Consumer._reader);
            return true;
        }
    }

    static CancellationToken Either(CancellationToken first, CancellationToken second) =>
        !second.CanBeCanceled || first == second ? first
        : !first.CanBeCanceled ? second
        : CancellationTokenSource.CreateLinkedTokenSource(first, second).Token;
}
