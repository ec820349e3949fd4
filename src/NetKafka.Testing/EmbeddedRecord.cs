namespace NetKafka.Testing;

/// <summary>One record as it lies in a partition of the embedded Kafka. Its bytes are copies of its own.</summary>
/// <param name="Offset">Its place in the partition.</param>
/// <param name="Timestamp">
/// The producer's time, or the broker's where the topic's <c>message.timestamp.type</c> is <c>LogAppendTime</c>; in milliseconds.
/// </param>
/// <param name="Key">The key; null where the record has none.</param>
/// <param name="Value">The value; null in a tombstone.</param>
/// <param name="Headers">The headers in their order; names may repeat, values may be null.</param>
public sealed record EmbeddedRecord(
    long Offset,
    DateTimeOffset Timestamp,
    ReadOnlyMemory<byte>? Key,
    ReadOnlyMemory<byte>? Value,
    IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>?>> Headers);
