using NetKafka.Consuming;

namespace NetKafka;

/// <summary>
/// A partition has no place to be read from: its group has committed none, or the log does not hold the one that there is, and the rule
/// for that (<see cref="ConsumerOptions.AutoOffsetReset"/>, <see cref="ConsumerOptions.OutOfRangeReset"/>) is
/// <see cref="AutoOffsetReset.None"/>. A seek of <see cref="KafkaException.Partition"/> says where to go on; other partitions are read
/// meanwhile.
/// </summary>
/// <param name="message">Which partition, and what there is none for.</param>
public sealed class KafkaPositionException(string message) : KafkaException(message)
{
    /// <summary>The offset that the log does not hold; −1 where the group has committed none.</summary>
    public long Offset { get; init; } = -1;
}
