namespace NetKafka.Consuming;

/// <summary>How a transaction ended in a partition, as its coordinator has written it there (a control record).</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Offset">The marker's own place in the partition, which no record has.</param>
/// <param name="TimestampMs">When it was written, in milliseconds since 1970.</param>
/// <param name="ProducerId">The producer's id.</param>
/// <param name="ProducerEpoch">The producer's epoch.</param>
/// <param name="IsCommitted">Whether the transaction was committed, and not aborted.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that has written it.</param>
public readonly record struct TransactionMarker(
    string Topic, int Partition, long Offset, long TimestampMs, long ProducerId, short ProducerEpoch, bool IsCommitted, int CoordinatorEpoch);
