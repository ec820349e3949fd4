namespace NetKafka.Producing;

/// <summary>
/// By which rule a record that names no partition gets one. All clients that write keyed records to one topic should use the same,
/// since equal keys end up in one partition only then.
/// </summary>
public enum Partitioner
{
    /// <summary>
    /// Keys by murmur2, as in the Java client. Records without a key are spread evenly, a batch's worth to one partition at a time, and
    /// fewer to partitions whose broker is slow (KIP-480, KIP-794). librdkafka's name: <c>murmur2_random</c>.
    /// </summary>
    Murmur2,

    /// <summary>
    /// Keys by CRC-32, as in Confluent.Kafka and every other client built on librdkafka. An empty key counts as none there, and so it
    /// does here. Records without a key are spread as with <see cref="Murmur2"/>. librdkafka's name: <c>consistent_random</c>.
    /// </summary>
    Crc32,

    /// <summary>
    /// Keys by FNV-1a, as in Sarama and kafka-go. Records without a key are spread as with <see cref="Murmur2"/>. librdkafka's name:
    /// <c>fnv1a_random</c>.
    /// </summary>
    Fnv1a,

    /// <summary>
    /// Each record of a topic to the next partition that has a leader, whatever its key. Batches fill more slowly by it. Java's name:
    /// <c>RoundRobinPartitioner</c>.
    /// </summary>
    RoundRobin,
}
