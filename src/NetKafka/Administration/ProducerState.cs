namespace NetKafka.Administration;

/// <summary>A producer with an id that has written to a partition, as the partition's replica remembers it (KIP-664).</summary>
/// <param name="ProducerId">Its id.</param>
/// <param name="ProducerEpoch">Its epoch.</param>
/// <param name="LastSequence">The sequence of its last record; −1 where it has written none in this epoch.</param>
public sealed record ProducerState(long ProducerId, short ProducerEpoch, int LastSequence)
{
    /// <summary>The time of its last record or marker; null where there is none.</summary>
    public DateTimeOffset? LastTimestamp { get; init; }

    /// <summary>The epoch of the coordinator that ended its last transaction here; null where none ended.</summary>
    public int? CoordinatorEpoch { get; init; }

    /// <summary>The offset at which its open transaction begins here; null where none is open. Readers of committed records do not get past it.</summary>
    public long? TransactionStartOffset { get; init; }

    /// <summary>Its open transaction, for <see cref="Admin.AbortTransactionsAsync"/>.</summary>
    /// <param name="partition">The partition that was described.</param>
    /// <returns>The transaction.</returns>
    public PartitionTransaction In(TopicPartition partition) => new(partition, ProducerId, ProducerEpoch, CoordinatorEpoch ?? 0);
}
