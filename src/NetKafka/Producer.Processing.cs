using System.Runtime.ExceptionServices;
using NetKafka.Consuming;
using NetKafka.Protocol;

namespace NetKafka;

/// <summary>Consume, work, produce: exactly once.</summary>
public sealed partial class Producer<TKey, TValue>
{
    // As Kafka Streams commits.
    static readonly TimeSpan DefaultCommitInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Reads batches, hands each to the work, and commits what the work has produced together with the offsets of what it was given, some
    /// batches at a time in one transaction: so each record has been worked on exactly once, as readers of committed records see it,
    /// whatever fails in between. After a failure that passes the transaction is aborted and its batches are handed out again, so that the
    /// work must have no other effects than what it produces here.
    /// <para>
    /// Partitions that a rebalance takes away are given up between two transactions. Runs until the token ends it, or an error that does
    /// not pass; the open transaction is aborted then, and the same call may be made again. One such loop uses the producer, and nothing
    /// else does meanwhile.
    /// </para>
    /// </summary>
    /// <typeparam name="TSourceKey">The type of the keys that are read.</typeparam>
    /// <typeparam name="TSourceValue">The type of the values that are read.</typeparam>
    /// <param name="source">
    /// Where the records come from: a consumer with a group and without <see cref="ConsumerOptions.EnableAutoCommit"/>, from which nobody
    /// else reads. With <see cref="IsolationLevel.ReadCommitted"/> a chain of such loops is exactly once from end to end.
    /// </param>
    /// <param name="work">
    /// Works on a batch, and produces with this producer. What it has begun to produce is part of the transaction, awaited or not. What it
    /// throws ends the loop, unless it is an error of Kafka's that passes.
    /// </param>
    /// <param name="commitInterval">
    /// After which time a transaction is committed, though more is there to be read; it is committed at once where there is not. Default
    /// 100 ms; zero commits after each batch. Keep it well below <see cref="Producing.ProducerOptions.TransactionTimeout"/>.
    /// </param>
    /// <param name="cancellation">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Does not complete but by an error.</returns>
    /// <exception cref="TransactionException">The producer is over: it was fenced, or is not allowed to write.</exception>
    /// <exception cref="KafkaException">The source cannot be read or the records cannot be written, and trying again would not help.</exception>
    /// <exception cref="InvalidOperationException">The producer has no transactional id, or the source commits by itself or has no group.</exception>
    /// <exception cref="ObjectDisposedException">The producer or the source was disposed.</exception>
    public async Task ProcessAsync<TSourceKey, TSourceValue>(
        Consumer<TSourceKey, TSourceValue> source, Func<ConsumerBatch<TSourceKey, TSourceValue>, CancellationToken, ValueTask> work,
        TimeSpan? commitInterval = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        var interval = commitInterval ?? DefaultCommitInterval;
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero, nameof(commitInterval));
        source.RequireExternalCommits();
        await _runtime.Enter();
        for (var failures = 0; ; )
        {
            try
            {
                await UntilCertainAsync(InitTransactionsAsync, cancellation);
                await EndDoubtAsync(source, cancellation);
                await ProcessBatchesAsync(source, work, interval, () => failures = 0, cancellation);
            }
            catch (Exception error)
            {
                var (isAborted, end) = await AbortIfOpenAsync(cancellation);
                await source.RewindProcessedAsync(isAborted);
                cancellation.ThrowIfCancellationRequested();
                if (!MayPass(end ?? error, isAborted) && !await _sender.TryRenewAsync(cancellation))
                    ExceptionDispatchInfo.Throw(end ?? error);
            }
            await _sender.PauseAsync(++failures, cancellation);
        }
    }

    async ValueTask ProcessBatchesAsync<TSourceKey, TSourceValue>(
        Consumer<TSourceKey, TSourceValue> source, Func<ConsumerBatch<TSourceKey, TSourceValue>, CancellationToken, ValueTask> work,
        TimeSpan interval, Action onCommitted, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var batches = source.ReadBatchesAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = batches.MoveNextAsync().AsTask();
        try
        {
            var begunAt = _runtime.Now;
            while (await next)
            {
                var batch = batches.Current;
                if (source.Processed.IsEmpty)
                {
                    await BeginTransactionAsync(cancellation);
                    begunAt = _runtime.Now;
                }
                source.Process(batch);
                await work(batch, cancellation);
                if (_runtime.Now - begunAt >= interval || source.Processed.IsEndWanted)
                    await CommitProcessedAsync(source, onCommitted, cancellation);
                next = batches.MoveNextAsync().AsTask();
                // Nothing more is there: what is done is not to wait for it.
                if (!next.IsCompleted && !source.Processed.IsEmpty)
                    await CommitProcessedAsync(source, onCommitted, cancellation);
            }
        }
        finally
        {
            stop.Cancel();
            try
            {
                await next;
            }
            catch (Exception ended) when (ended is OperationCanceledException or KafkaException or ObjectDisposedException or InvalidOperationException)
            {
                // The loop is left with it, or has been left before.
            }
        }
    }

    async ValueTask CommitProcessedAsync<TSourceKey, TSourceValue>(
        Consumer<TSourceKey, TSourceValue> source, Action onCommitted, CancellationToken cancellation)
    {
        var group = await source.DescribeProcessedAsync(cancellation);
        TopicPartitionOffset[] offsets = [.. source.Processed.Partitions.Select(static taken => taken.Next)];
        await SendOffsetsToTransactionAsync(offsets, group, cancellation);
        // Once the group has them, whoever is given a partition waits for the end of this transaction. But where some was taken away before,
        // and the group has come to the same generation again under another coordinator, they may be another member's.
        await source.DescribeProcessedAsync(cancellation);
        source.Processed.IsCommitAsked = true;
        await UntilCertainAsync(_ => CommitTransactionAsync(CancellationToken.None), cancellation);
        source.Processed.Commit();
        onCommitted();
    }

    /// <summary>
    /// Finds out what became of a commit that was asked for and not heard of, before anything is read again that may have been committed.
    /// Where it was another producer's, or this one's before it began anew, that is over by now.
    /// </summary>
    async ValueTask EndDoubtAsync<TSourceKey, TSourceValue>(Consumer<TSourceKey, TSourceValue> source, CancellationToken cancellation)
    {
        if (!source.Processed.IsInDoubt)
            return;
        try
        {
            await UntilCertainAsync(CommitTransactionAsync, cancellation);
        }
        catch (TransactionException failed) when (failed.Remedy == TransactionRemedy.Abort)
        {
            await UntilCertainAsync(AbortTransactionAsync, cancellation);
        }
        catch (InvalidOperationException)
        {
            // Nothing is open: it has ended.
        }
        await source.SettleProcessedAsync(cancellation);
    }

    /// <summary>What has no answer in time is asked for again, since it goes on where it was left.</summary>
    static async ValueTask UntilCertainAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await call(cancellation);
                return;
            }
            catch (KafkaTimeoutException) when (!cancellation.IsCancellationRequested)
            {
            }
        }
    }

    /// <summary>Aborts what is open, whatever has failed in it.</summary>
    /// <returns>Whether it was; and why the producer is over, if it is: that is what its user has to know then.</returns>
    async ValueTask<(bool IsAborted, TransactionException? End)> AbortIfOpenAsync(CancellationToken cancellation)
    {
        try
        {
            await UntilCertainAsync(_ => AbortTransactionAsync(CancellationToken.None), cancellation);
            return (true, null);
        }
        catch (TransactionException over) when (over.IsFatal)
        {
            return (false, over);
        }
        catch (Exception nothingToAbort) when (nothingToAbort is InvalidOperationException or KafkaException or ObjectDisposedException)
        {
            // Whatever has ended the transaction is what is told; and the next one of this name ends what is left open.
            return (false, null);
        }
    }

    /// <summary>Whether the same may succeed when it is tried again.</summary>
    /// <param name="error">What has ended the attempt.</param>
    /// <param name="isAborted">Whether its transaction was aborted, so that the producer is as good as new.</param>
    static bool MayPass(Exception error, bool isAborted) => error switch
    {
        KafkaException { Code: ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced or ErrorCode.InvalidTxnState or ErrorCode.TransactionAbortable
            or ErrorCode.UnknownProducerId or ErrorCode.OutOfOrderSequenceNumber } when isAborted => true,
        TransactionException { Remedy: TransactionRemedy.Abort or TransactionRemedy.Retry } failed => failed.InnerException is KafkaException cause
            ? MayPass(cause, isAborted)
            : failed.Code is not (ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed),
        TransactionException => false,
        KafkaException { IsFatal: false, IsRetriable: true } => true,
        _ => false,
    };
}
