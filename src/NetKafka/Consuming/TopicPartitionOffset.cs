namespace NetKafka.Consuming;

/// <summary>A place in a partition: the offset of the record to be read next.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Offset">
/// The offset of the record to be read next; what is committed is one more than the last record done.
/// </param>
/// <param name="LeaderEpoch">
/// The epoch of the leader that wrote the record before it, by which a log that was cut off can be told (KIP-320); −1 if it is
/// not known.
/// </param>
public readonly record struct TopicPartitionOffset(string Topic, int Partition, long Offset, int LeaderEpoch = -1)
{
    /// <summary>Creates a place from a partition and an offset.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset of the record to be read next.</param>
    /// <param name="leaderEpoch">The epoch of the leader that wrote the record before it; −1 if it is not known.</param>
    public TopicPartitionOffset(TopicPartition partition, long offset, int leaderEpoch = -1)
        : this(partition.Topic, partition.Partition, offset, leaderEpoch)
    {
    }

    /// <summary>
    /// What is committed together with the offset, for the application's own use: up to <c>offset.metadata.max.bytes</c> of the broker (4 KiB).
    /// Null for nothing. Commits that the consumer makes by itself have none, and take the place of one that had.
    /// </summary>
    public string? Metadata { get; init; }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>Partition and offset, as <c>payments-3@42</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Topic}-{Partition}@{Offset}";
}
