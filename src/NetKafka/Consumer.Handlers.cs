using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Kernel;

namespace NetKafka;

/// <summary>The application's rebalance handlers and assignors, run on the dispatcher.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>Makes runs of the handlers that the options name. One runs at a time.</summary>
    sealed class RebalanceHandlers(Consumer<TKey, TValue> consumer) : IRebalanceHandlers
    {
        HandlerRun? _latest;

        public Dispatch? MakeRun(HandoverKind kind, IReadOnlyList<TopicPartition> partitions, int token)
        {
            var options = consumer._options;
            var handler = kind switch
            {
                HandoverKind.Assigned => options.OnPartitionsAssigned,
                HandoverKind.Revoked => options.OnPartitionsRevoked,
                _ => options.OnPartitionsLost ?? options.OnPartitionsRevoked,
            };
            return handler is null ? null : _latest = new HandlerRun(consumer, handler, partitions, token);
        }

        public void Cancel(int token)
        {
            if (_latest is { } run && run.Token == token)
                run.Cancel();
        }
    }

    /// <summary>One run of one handler.</summary>
    sealed class HandlerRun(
        Consumer<TKey, TValue> consumer, Func<RebalanceContext, ValueTask> handler, IReadOnlyList<TopicPartition> partitions, int token) : Dispatch
    {
        readonly CancellationTokenSource _cancellation = new();
        int _isRun;

        public int Token => token;

        public override void Run()
        {
            if (Interlocked.Exchange(ref _isRun, 1) == 0)
                _ = RunAsync();
        }

        public void Cancel() => _cancellation.CancelAsync();

        async Task RunAsync()
        {
            Exception? error = null;
            try
            {
                await handler(new HandlerContext(consumer, partitions, _cancellation.Token));
            }
            catch (Exception thrown)
            {
                error = thrown;
            }
            consumer._runtime.Post(new Turn((_, _) => consumer._machine.OnHandlerEnded(token, error), consumer._machine));
        }
    }

    void OnInterceptorError(Exception error) => _runtime.Log(logger => ClientLog.InterceptorFailed(logger, error));

    /// <summary>Tells interceptors of committed offsets.</summary>
    sealed class CommitRun(
        Consumer<TKey, TValue> consumer, ConsumerInterceptor<TKey, TValue>[] interceptors, IReadOnlyList<TopicPartitionOffset> offsets) : Dispatch
    {
        int _next;

        public override int Progress => Volatile.Read(ref _next);

        public override bool HasMany => interceptors.Length > 1;

        public override void Run()
        {
            while (Interlocked.Increment(ref _next) - 1 is var index && index < interceptors.Length)
            {
                try
                {
                    interceptors[index].OnCommit(offsets);
                }
                catch (Exception error)
                {
                    consumer.OnInterceptorError(error);
                }
            }
        }
    }

    /// <summary>One call of an assignor of the application.</summary>
    sealed class CodeRun(Consumer<TKey, TValue> consumer, Action code, Action<Exception?> onEnd) : Dispatch
    {
        int _isRun;

        public override void Run()
        {
            if (Interlocked.Exchange(ref _isRun, 1) != 0)
                return;
            Exception? error = null;
            try
            {
                code();
            }
            catch (Exception thrown)
            {
                error = thrown;
            }
            consumer._runtime.Post(new Turn((_, _) => onEnd(error), consumer._machine));
        }
    }

    /// <summary>What a handler may do.</summary>
    sealed class HandlerContext(Consumer<TKey, TValue> consumer, IReadOnlyList<TopicPartition> partitions, CancellationToken cancellation)
        : RebalanceContext(partitions, cancellation)
    {
        public override IReadOnlyList<TopicPartitionOffset> Positions
        {
            get
            {
                var positions = new List<TopicPartitionOffset>();
                foreach (var partition in Partitions)
                {
                    if (consumer._assignment.Find(partition) is { } assigned && consumer._queue.PositionOf(assigned) is { Offset: >= 0 } position)
                        positions.Add(new TopicPartitionOffset(partition, position.Offset, position.Epoch));
                }
                return positions;
            }
        }

        public override ValueTask SeekAsync(TopicPartitionOffset position) => consumer.SeekAsync(position, Cancellation);

        public override ValueTask SeekToTimeAsync(DateTimeOffset time) =>
            consumer.SeekToTimeAsync(time, Partitions, Cancellation);

        public override ValueTask SeekToBeginningAsync() => consumer.SeekToBeginningAsync(Partitions, Cancellation);

        public override ValueTask SeekToEndAsync() => consumer.SeekToEndAsync(Partitions, Cancellation);

        public override ValueTask CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets) =>
            consumer.CommitAsync(offsets, Cancellation);
    }
}
