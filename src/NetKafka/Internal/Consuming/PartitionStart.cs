using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming;

/// <summary>How reading of a partition that is assigned by hand begins.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Position">At an offset; null for where <paramref name="TimestampMs"/> says.</param>
/// <param name="TimestampMs">
/// At a moment, the beginning or the end; null, beside no position, for the committed offset or the rule where to begin.
/// </param>
readonly record struct PartitionStart(TopicPartition Partition, TopicPartitionOffset? Position = null, long? TimestampMs = null)
{
    /// <summary>The offset that is not read any more.</summary>
    public long Bound { get; init; } = long.MaxValue;

    /// <summary>Of a place by offset, where a negative one stands for the committed offset.</summary>
    public static PartitionStart At(TopicPartitionOffset place) => new(place.TopicPartition, place.Offset >= 0 ? place : null);
}
