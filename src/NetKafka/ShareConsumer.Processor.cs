using System.Runtime.ExceptionServices;
using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Consuming.Sharing;

namespace NetKafka;

/// <summary>The tasks of a call that works through a queue: one reads, the others work.</summary>
public sealed partial class ShareConsumer<TKey, TValue>
{
    /// <summary>One call of <see cref="ProcessAsync"/>.</summary>
    sealed class Processor
    {
        // Of the time to close; the rest is for handlers that end because their tokens do.
        const double PartForPeace = 0.75;

        readonly ShareConsumer<TKey, TValue> _consumer;
        readonly Func<ShareRecord<TKey, TValue>, CancellationToken, ValueTask> _handler;
        readonly ShareProcessingOptions _options;
        readonly CancellationToken _cancellation;
        readonly CancellationTokenSource _stop;
        readonly CancellationTokenSource _abort = new();
        readonly Lock _gate = new();
        TaskCompletionSource? _room;
        Exception? _failure;
        int _running;

        public Processor(
            ShareConsumer<TKey, TValue> consumer, Func<ShareRecord<TKey, TValue>, CancellationToken, ValueTask> handler, ShareProcessingOptions options,
            CancellationToken cancellation)
        {
            (_consumer, _handler, _options, _cancellation) = (consumer, handler, options, cancellation);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        }

        /// <summary>Completes when the call is over.</summary>
        public TaskCompletionSource Ended { get; } = new();

        public void Stop() => _stop.Cancel();

        /// <summary>Reads and works until something ends it, which it throws.</summary>
        public async Task RunAsync()
        {
            Exception? end = null;
            _consumer._reader.KeepsBytes = true;
            SetRenewal(_options.RenewLocks);
            try
            {
                await ReadAsync();
            }
            catch (Exception error)
            {
                end = error;
            }
            await DrainAsync();
            _consumer._reader.KeepsBytes = false;
            SetRenewal(false);
            if (!_consumer._machine.IsClosed)
                await _consumer.CommitAtEndAsync();
            if (_failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
            _cancellation.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_consumer._isDisposed, _consumer);
            ExceptionDispatchInfo.Throw(end!);
        }

        void SetRenewal(bool isWanted)
        {
            var machine = _consumer._machine;
            _consumer._runtime.Post(new Turn((_, _) => machine.RenewsLocks = isWanted, machine));
        }

        async ValueTask ReadAsync()
        {
            var (reader, wait) = (_consumer._reader, _consumer.CreateWait(_stop.Token));
            while (true)
            {
                _stop.Token.ThrowIfCancellationRequested();
                var free = await RoomAsync(_options.MaxConcurrency - 1);
                _stop.Token.ThrowIfCancellationRequested();
                KafkaSerializationException unreadable;
                try
                {
                    if (!reader.TryNext(_consumer._runtime.Now, out var record))
                    {
                        await wait.BeginAsync(free);
                        continue;
                    }
                    reader.Forget();
                    Begin(record, reader.TakeHold());
                    continue;
                }
                catch (KafkaSerializationException error) when (error.Offset >= 0)
                {
                    unreadable = error;
                }
                await _consumer.DecideAsync(unreadable, _stop.Token);
            }
        }

        /// <summary>Waits until no more than so many handlers run.</summary>
        /// <returns>How many more may.</returns>
        async ValueTask<int> RoomAsync(int most)
        {
            while (true)
            {
                Task wait;
                lock (_gate)
                {
                    if (_running <= most)
                        return _options.MaxConcurrency - _running;
                    _room = new TaskCompletionSource();
                    wait = _room.Task;
                }
                await wait;
            }
        }

        /// <summary>Waits for what has begun, for as long as closing may take.</summary>
        async ValueTask DrainAsync()
        {
            var time = _consumer._options.CloseTimeout;
            if (await IsDrainedWithin(time * PartForPeace))
                return;
            await _abort.CancelAsync();
            await IsDrainedWithin(time * (1 - PartForPeace));
        }

        async ValueTask<bool> IsDrainedWithin(TimeSpan time)
        {
            try
            {
                await RoomAsync(0).AsTask().WaitAsync(time, _consumer._runtime.Options.TimeProvider);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        void Begin(ShareRecord<TKey, TValue> record, HeldBatch? hold)
        {
            lock (_gate)
                _running++;
            _consumer._runtime.RunLater(() => _ = WorkAsync(record, hold));
        }

        async Task WorkAsync(ShareRecord<TKey, TValue> record, HeldBatch? hold)
        {
            var type = AcknowledgeType.Release;
            var batch = (AcquiredBatch)record.Acquired!;
            try
            {
                using var time = new CancellationTokenSource(_options.MaxHandlingTime, _consumer._runtime.Options.TimeProvider);
                await using var late = time.Token.UnsafeRegister(_ => _consumer._queue.GiveUp(batch, record.Index), null);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, _abort.Token);
                try
                {
                    await _handler(record, either.Token);
                    type = AcknowledgeType.Accept;
                }
                catch (Exception error)
                {
                    type = error is OperationCanceledException && either.IsCancellationRequested
                        ? AcknowledgeType.Release
                        : await RecoverAsync(record, error, either.Token);
                }
            }
            catch (Exception error)
            {
                Fail(error);
            }
            // Where the handler has said something itself, that stands.
            _consumer._queue.Acknowledge(batch, record.Index, (sbyte)type);
            if (hold is not null)
                _consumer._reader.LetGo(hold);
            End();
        }

        void End()
        {
            TaskCompletionSource? room;
            lock (_gate)
            {
                _running--;
                (room, _room) = (_room, null);
            }
            // As the last thing: what waits for it goes on right here.
            room?.TrySetResult();
        }

        void Fail(Exception error)
        {
            Interlocked.CompareExchange(ref _failure, error, null);
            _stop.Cancel();
        }

        /// <summary>A handler threw: decides what becomes of its record.</summary>
        async ValueTask<AcknowledgeType> RecoverAsync(ShareRecord<TKey, TValue> record, Exception error, CancellationToken cancellation)
        {
            var failure = new RecordProcessingException(
                $"The handler of the record at {record.TopicPartition}, offset {record.Offset}, threw: {error.Message}", error)
            { Partition = record.TopicPartition, Offset = record.Offset, Attempts = record.DeliveryCount };
            var type = _options.OnError is { } decide ? await decide(failure, record.DeliveryCount, cancellation) : AcknowledgeType.Release;
            if (type == AcknowledgeType.Renew)
                type = AcknowledgeType.Release;
            _consumer._runtime.Log(logger => ClientLog.FailedAcknowledged(logger, $"{record.TopicPartition}", record.Offset, type, error.Message));
            return type;
        }
    }
}
