using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>What a transaction has taken of one partition of its source.</summary>
/// <param name="Partition">The partition, in this assignment of it.</param>
/// <param name="StartOffset">Where the transaction has begun to read.</param>
/// <param name="StartEpoch">The epoch of what lies before.</param>
/// <param name="Next">Where reading goes on behind it.</param>
readonly record struct ProcessedPartition(AssignedPartition Partition, long StartOffset, int StartEpoch, TopicPartitionOffset Next);
