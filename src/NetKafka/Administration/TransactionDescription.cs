namespace NetKafka.Administration;

/// <summary>A transactional id and its transaction, as its coordinator sees it (KIP-664).</summary>
/// <param name="TransactionalId">The id.</param>
/// <param name="State">Where its transaction stands.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="ProducerEpoch">The epoch of its producer: whoever has a lower one is fenced.</param>
public sealed record TransactionDescription(string TransactionalId, TransactionState State, long ProducerId, short ProducerEpoch)
{
    /// <summary>The broker that coordinates it; null where that is not known any more.</summary>
    public BrokerNode? Coordinator { get; init; }

    /// <summary>How long a transaction of its producer may be open.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Since when the transaction is open; null where none is.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>The partitions in the open transaction whose markers are not written yet; empty where none is open.</summary>
    public IReadOnlyList<TopicPartition> Partitions { get; init; } = [];
}
