namespace NetKafka.Consuming;

/// <summary>The first record of a partition from a moment on.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Offset">The offset of the first record that is not older than the moment; −1 if there is none yet.</param>
/// <param name="TimestampMs">That record's timestamp in milliseconds since 1970; −1 if there is none.</param>
public readonly record struct TopicPartitionTime(string Topic, int Partition, long Offset, long TimestampMs)
{
    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>Whether there is a record that is not older than the moment.</summary>
    public bool IsFound => Offset >= 0;
}
