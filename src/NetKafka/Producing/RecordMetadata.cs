namespace NetKafka.Producing;

/// <summary>Where a record was written.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">
/// The record's offset; −1 where it is not known: with <see cref="Acks.None"/>, or where the broker only said that it has
/// the record already.
/// </param>
/// <param name="TimestampMs">
/// The record's timestamp in milliseconds since 1970: the one it was produced with, or the broker's if the topic has
/// <c>message.timestamp.type=LogAppendTime</c>.
/// </param>
public readonly record struct RecordMetadata(string Topic, int Partition, long Offset, long TimestampMs)
{
    /// <summary>Topic and partition.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>The record's timestamp, in UTC.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(
        Math.Clamp(TimestampMs, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <summary>The place as Kafka's tools write it: <c>payments-3@42</c>.</summary>
    /// <returns>Topic, partition and offset.</returns>
    public override string ToString() => $"{Topic}-{Partition}@{Offset}";
}
