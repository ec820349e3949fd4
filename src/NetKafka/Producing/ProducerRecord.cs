using NetKafka.Protocol.Records;

namespace NetKafka.Producing;

/// <summary>A record to be written, with everything that can be said of it.</summary>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <param name="Topic">The topic.</param>
/// <param name="Key">
/// The key. Records with equal keys go to the same partition, by the murmur2 hash of the key's bytes as in the Java client (or as
/// <see cref="ProducerOptions.Partitioner"/> says), as long as the number of partitions stays; records without keys are spread evenly.
/// </param>
/// <param name="Value">The value; a null is a tombstone in a compacted topic.</param>
public readonly record struct ProducerRecord<TKey, TValue>(string Topic, TKey Key, TValue Value)
{
    /// <summary>The partition to write to, whatever the key; null (the default) leaves the choice to the key.</summary>
    public int? Partition { get; init; }

    /// <summary>The record's timestamp, kept to the millisecond; null (the default) is the time of the call.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The headers, in order; none by default. An array of <see cref="Header"/> can be assigned.</summary>
    public ReadOnlyMemory<Header> Headers { get; init; }
}
