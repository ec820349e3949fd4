using NetKafka.Consuming;

namespace NetKafka;

/// <summary>Transactions: records to several partitions, and the offsets of what they come from, of which all count or none.</summary>
public sealed partial class Producer<TKey, TValue>
{
    /// <summary>
    /// Fences the producers that have begun under the same <see cref="Producing.ProducerOptions.TransactionalId"/> before, and ends what
    /// they have left open. To be called before anything is read that will be written again in transactions: until it returns, an older
    /// producer may still commit. The first <see cref="BeginTransactionAsync"/> calls it where it was not.
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes when this producer is the only one of its name.</returns>
    /// <exception cref="KafkaTimeoutException">The coordinator did not answer within <see cref="Producing.ProducerOptions.MaxBlock"/>; the same call may be made again.</exception>
    /// <exception cref="TransactionException">The producer is over; <see cref="TransactionException.Remedy"/> tells what helps.</exception>
    /// <exception cref="InvalidOperationException">The producer has no transactional id.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask InitTransactionsAsync(CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        await _sender.TransactAsync(static (transaction, call, _, effects) => transaction.Init(call, effects), cancellation);
    }

    /// <summary>Begins a transaction: what is produced from now on is part of it.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes at once, but where a new epoch is waited for: the first time, after an end that left doubts, and where the cluster has gone over to <c>transaction.version</c> 2 since.</returns>
    /// <exception cref="KafkaTimeoutException">The coordinator did not answer within <see cref="Producing.ProducerOptions.MaxBlock"/>; the same call may be made again.</exception>
    /// <exception cref="TransactionException">The producer is over; <see cref="TransactionException.Remedy"/> tells what helps.</exception>
    /// <exception cref="InvalidOperationException">A transaction is open already, or the producer has no transactional id.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask BeginTransactionAsync(CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        await _sender.TransactAsync(static (transaction, call, now, effects) => transaction.Begin(call, now, effects), cancellation);
    }

    /// <summary>
    /// Makes the offsets of a group part of the transaction: they are committed with it, and with its abort they are as they were. The
    /// consumer must not commit them itself.
    /// </summary>
    /// <param name="offsets">Where the group goes on, one a partition: the offset behind the last record that was worked on.</param>
    /// <param name="group">What <see cref="Consumer{TKey, TValue}.GetGroupMetadataAsync"/> says at this moment, by which a member that was shut out of its group is refused (KIP-447).</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes when the group's coordinator has them.</returns>
    /// <exception cref="KafkaTimeoutException">No answer came within <see cref="Producing.ProducerOptions.MaxBlock"/>; the commit waits for it.</exception>
    /// <exception cref="TransactionException">The transaction cannot be committed any more, or the producer is over; <see cref="TransactionException.Remedy"/> tells what helps.</exception>
    /// <exception cref="InvalidOperationException">No transaction is open, or the producer has no transactional id.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask SendOffsetsToTransactionAsync(
        IReadOnlyList<TopicPartitionOffset> offsets, ConsumerGroupMetadata group, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        ArgumentNullException.ThrowIfNull(group);
        await _runtime.Enter();
        TopicPartitionOffset[] copy = [.. offsets];
        await _sender.TransactAsync((transaction, call, _, effects) => transaction.SendOffsets(group, copy, call, effects), cancellation);
    }

    /// <summary>
    /// Sends what the transaction still holds, and commits it: from then on readers of committed records see all of it. Records whose
    /// producing has begun before are part of it.
    /// </summary>
    /// <param name="cancellation">Ends the wait, not the commit.</param>
    /// <returns>Completes when the transaction is committed.</returns>
    /// <exception cref="KafkaTimeoutException">
    /// No answer came within <see cref="Producing.ProducerOptions.MaxBlock"/>, and whether it is committed is not known: call it again,
    /// which goes on asking.
    /// </exception>
    /// <exception cref="TransactionException">It is not committed; <see cref="TransactionException.Remedy"/> tells what helps.</exception>
    /// <exception cref="InvalidOperationException">No transaction is open, or the producer has no transactional id.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask CommitTransactionAsync(CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        await _sender.TransactAsync(static (transaction, call, _, effects) => transaction.Commit(call, effects), cancellation);
    }

    /// <summary>Drops the transaction: what was not sent fails, and readers of committed records see none of it.</summary>
    /// <param name="cancellation">Ends the wait, not the abort.</param>
    /// <returns>Completes when the transaction is aborted.</returns>
    /// <exception cref="KafkaTimeoutException">No answer came within <see cref="Producing.ProducerOptions.MaxBlock"/>; the same call may be made again.</exception>
    /// <exception cref="TransactionException">The producer is over, or a commit was asked for that may have happened.</exception>
    /// <exception cref="InvalidOperationException">No transaction is open, or the producer has no transactional id.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask AbortTransactionAsync(CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        await _sender.TransactAsync(static (transaction, call, _, effects) => transaction.Abort(call, effects), cancellation);
    }
}
