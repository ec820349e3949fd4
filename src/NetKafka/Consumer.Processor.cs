using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Consuming.Reading;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka;

/// <summary>The tasks around a <see cref="WorkPlan"/>: one reads, some work.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>One call of <see cref="ProcessAsync"/>.</summary>
    sealed class Processor
    {
        // Of the time to close; the rest is for handlers that end because their tokens do.
        const double PartForPeace = 0.75;

        readonly Consumer<TKey, TValue> _consumer;
        readonly Func<ConsumerRecord<TKey, TValue>, CancellationToken, ValueTask> _handler;
        readonly ProcessingOptions _options;
        readonly CancellationToken _cancellation;
        readonly CancellationTokenSource _stop;
        readonly TaskCompletionSource _drained = new();
        readonly Stack<Worker> _spares = new();
        readonly WorkPlan _plan;
        readonly WorkReader<TKey, TValue> _reader;
        Exception? _failure;

        public Processor(
            Consumer<TKey, TValue> consumer, Func<ConsumerRecord<TKey, TValue>, CancellationToken, ValueTask> handler, ProcessingOptions options,
            CancellationToken cancellation)
        {
            (_consumer, _handler, _options, _cancellation) = (consumer, handler, options, cancellation);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _plan = consumer._queue.CreatePlan(
                options.Order, options.MaxConcurrency, options.MaxPending, consumer._options.MaxPrefetchBytes, consumer._compression,
                work => consumer._runtime.RunLater(() => work.Feed?.Cancellation.Cancel()));
            _reader = new WorkReader<TKey, TValue>(
                consumer._queue, _plan, consumer._compression, consumer._options.IsolationLevel == IsolationLevel.ReadCommitted, consumer._maker, Call);
        }

        /// <summary>Reads and works until something ends it, which it throws.</summary>
        public async Task RunAsync()
        {
            Exception? end = null;
            _consumer.WaitUnder(_stop.Token);
            _consumer._queue.BeginWork(_plan);
            try
            {
                await ReadAsync();
            }
            catch (Exception error)
            {
                end = error;
            }
            await DrainAsync();
            _reader.Close();
            _consumer._queue.EndWork(_plan);
            _stop.Dispose();
            if (_consumer._options is { EnableAutoCommit: true, GroupId: not null } && !_consumer._isDisposed)
                await _consumer.CommitAtEndAsync();
            if (_failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
            _cancellation.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(end!);
        }

        async ValueTask ReadAsync()
        {
            var wait = _consumer.CreateWait(_stop.Token);
            while (true)
            {
                _stop.Token.ThrowIfCancellationRequested();
                if (!_reader.TryRead())
                    await wait.BeginAsync();
                else if (_reader.End is { } end)
                {
                    _reader.End = null;
                    await _consumer._options.OnPartitionEnd!(end, _stop.Token);
                }
            }
        }

        /// <summary>Waits for what has begun, for as long as closing may take.</summary>
        async ValueTask DrainAsync()
        {
            if (_consumer._queue.StopWork(_plan) == 0)
                return;
            var time = _consumer._options.CloseTimeout;
            if (await IsDrainedWithin(time * PartForPeace))
                return;
            foreach (var work in _plan.Works)
                work.Feed?.Cancellation.Cancel();
            await IsDrainedWithin(time * (1 - PartForPeace));
        }

        async ValueTask<bool> IsDrainedWithin(TimeSpan time)
        {
            try
            {
                await _drained.Task.WaitAsync(time, _consumer._runtime.Options.TimeProvider);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        void Call(int workers)
        {
            for (; workers > 0; workers--)
            {
                Worker? worker;
                lock (_spares)
                {
                    if (!_spares.TryPop(out worker))
                        worker = new Worker(this);
                }
                _consumer._runtime.RunLater(worker.Run);
            }
        }

        TypedWorkItem<TKey, TValue>? Begin() =>
            (TypedWorkItem<TKey, TValue>?)_consumer._queue.Begin(_plan, _consumer._runtime.Now);

        TypedWorkItem<TKey, TValue>? EndAndBegin(WorkItem item, bool isFinished) => (TypedWorkItem<TKey, TValue>?)_consumer._queue.EndAndBegin(
            _plan, item, isFinished, _consumer._runtime.Now, _consumer._options.MaxPollInterval);

        void Retire(Worker worker)
        {
            lock (_spares)
                _spares.Push(worker);
            // As the last thing: what waits for it goes on right here.
            if (_consumer._queue.IsDrained(_plan))
                _drained.TrySetResult();
        }

        void Fail(Exception error)
        {
            Interlocked.CompareExchange(ref _failure, error, null);
            _consumer._queue.StopWork(_plan);
            _stop.Cancel();
        }

        /// <summary>Waits for what is missing of a record.</summary>
        /// <returns>False if it is not to be handled any more.</returns>
        async ValueTask<bool> CompleteAsync(TypedWorkItem<TKey, TValue> item, CancellationToken cancellation)
        {
            try
            {
                item.Record = await _consumer.CompleteAsync(item.Record, item.Pending!, _stop.Token);
                return true;
            }
            catch (KafkaSerializationException unreadable)
            {
                item.Unreadable = unreadable;
                return true;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested || cancellation.IsCancellationRequested)
            {
                return false;
            }
        }

        /// <summary>Decides what becomes of a record that cannot be read.</summary>
        /// <returns>Whether it is finished.</returns>
        async ValueTask<bool> DecideAsync(KafkaSerializationException error, CancellationToken cancellation)
        {
            try
            {
                await _consumer.DecideAsync(error, cancellation);
                return true;
            }
            catch (Exception refused)
            {
                Fail(refused);
                return false;
            }
        }

        /// <summary>A handler threw: decides what becomes of its record.</summary>
        /// <returns>Whether it is finished.</returns>
        async ValueTask<bool> RecoverAsync(TypedWorkItem<TKey, TValue> item, Exception error, CancellationToken cancellation)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.FailedRecordIsFinished))
                return true;
#endif
            for (var attempts = 1; ; attempts++)
            {
                if (error is OperationCanceledException && cancellation.IsCancellationRequested)
                    return false;
                var (failure, action) = await AskAsync(Describe(item, error, attempts), cancellation);
                if (action == ProcessingErrorAction.Skip)
                {
                    _consumer._runtime.Log(logger => ClientLog.FailedSkipped(logger, $"{failure.Partition}", failure.Offset, failure.Message));
                    return true;
                }
                if (action != ProcessingErrorAction.Retry)
                {
                    Fail(failure);
                    return false;
                }
                if (!await PauseAsync(attempts, cancellation) || !_consumer._queue.TryBeginAgain(_plan, item, _consumer._runtime.Now))
                    return false;
                try
                {
                    await _handler(item.Record, cancellation);
                    return true;
                }
                catch (Exception again)
                {
                    error = again;
                }
            }
        }

        async ValueTask<(RecordProcessingException Failure, ProcessingErrorAction Action)> AskAsync(
            RecordProcessingException failure, CancellationToken cancellation)
        {
            if (_options.OnError is not { } decide)
                return (failure, ProcessingErrorAction.Stop);
            try
            {
                return (failure, await decide(failure, cancellation));
            }
            catch (Exception thrown)
            {
                return (new RecordProcessingException($"{failure.Message} OnError threw for it: {thrown.Message}", thrown)
                { Partition = failure.Partition, Offset = failure.Offset, Attempts = failure.Attempts }, ProcessingErrorAction.Stop);
            }
        }

        /// <summary>Waits before a handler is called again.</summary>
        /// <returns>False if it is not to be.</returns>
        async ValueTask<bool> PauseAsync(int attempts, CancellationToken cancellation)
        {
            const int MostDoublings = 20;
            var options = _consumer._runtime.Options;
            var time = options.RetryBackoff * Math.Pow(2, Math.Min(attempts - 1, MostDoublings));
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
            try
            {
                await Task.Delay(time < options.RetryBackoffMax ? time : options.RetryBackoffMax, options.TimeProvider, either.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        static RecordProcessingException Describe(TypedWorkItem<TKey, TValue> item, Exception error, int attempts) => new(
            $"The handler of the record at {item.Record.TopicPartition}, offset {item.Offset}, threw: {error.Message} The record is not finished, and "
                + "is handled again with the next call; OnError can skip it, or try it again.", error)
        { Partition = item.Record.TopicPartition, Offset = item.Offset, Attempts = attempts };

        /// <summary>Works on one record after the other for as long as some may begin. Used again for the next time.</summary>
        sealed class Worker
        {
            readonly Processor _processor;
            readonly Action _end;
            ValueTaskAwaiter _work;

            public Worker(Processor processor)
            {
                _processor = processor;
                (Run, _end) = (Begin, End);
            }

            public Action Run { get; }

            void Begin()
            {
                _work = WorkAsync().GetAwaiter();
                if (_work.IsCompleted)
                    End();
                else
                    _work.UnsafeOnCompleted(_end);
            }

            void End()
            {
                try
                {
                    _work.GetResult();
                }
                catch (Exception defect)
                {
                    _processor.Fail(defect);
                }
                _processor.Retire(this);
            }

            [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
            async ValueTask WorkAsync()
            {
                var item = _processor.Begin();
                while (item is not null)
                {
                    var cancellation = item.Owner.Feed!.Cancellation.Token;
                    bool isFinished;
                    if (item.Pending is not null && !await _processor.CompleteAsync(item, cancellation))
                        isFinished = false;
                    else if (item.Unreadable is { } unreadable)
                        isFinished = await _processor.DecideAsync(unreadable, cancellation);
                    else
                    {
                        try
                        {
                            await _processor._handler(item.Record, cancellation);
                            isFinished = true;
                        }
                        catch (Exception error)
                        {
                            isFinished = await _processor.RecoverAsync(item, error, cancellation);
                        }
                    }
                    item = _processor.EndAndBegin(item, isFinished);
                }
            }
        }
    }
}
