namespace NetKafka.Administration;

/// <summary>
/// What is open of a transaction in one partition (KIP-664). <see cref="Admin.DescribeProducersAsync"/> tells of it, also where its coordinator
/// knows nothing of it any more, so that it would hold up readers of committed records for ever.
/// </summary>
/// <param name="Partition">The partition.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="ProducerEpoch">The producer's epoch, as the partition knows it.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that wrote the last marker; 0 where there was none.</param>
public sealed record PartitionTransaction(TopicPartition Partition, long ProducerId, short ProducerEpoch, int CoordinatorEpoch);
