namespace NetKafka.Internal.Consuming.Groups;

/// <summary>Partitions as a log line names them.</summary>
static class PartitionList
{
    const int MaxNamed = 50;

    public static string Of(IReadOnlyCollection<TopicPartition> partitions) => partitions.Count == 0
        ? "no partitions"
        : string.Join(", ", partitions.Take(MaxNamed)) + (partitions.Count > MaxNamed ? $" and {partitions.Count - MaxNamed} more" : "");
}
