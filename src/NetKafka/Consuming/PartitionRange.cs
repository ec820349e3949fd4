namespace NetKafka.Consuming;

/// <summary>Records of a partition between two offsets, for <see cref="Consumer{TKey, TValue}.ReadRangeAsync(IEnumerable{PartitionRange}, CancellationToken)"/>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">The offset of the first record; where the log begins later, it begins there.</param>
/// <param name="Until">The offset behind the last record; where the log ends earlier, it ends there.</param>
public readonly record struct PartitionRange(TopicPartition Partition, long From = 0, long Until = long.MaxValue)
{
    /// <summary>Partition and offsets, as <c>payments-3@42..50</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Partition}@{From}..{Until}";
}
