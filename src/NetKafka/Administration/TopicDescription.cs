namespace NetKafka.Administration;

/// <summary>A topic as it is, or why it could not be described.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Id">Its id; empty on brokers before 2.8.</param>
/// <param name="IsInternal">Whether it is Kafka's own.</param>
/// <param name="Partitions">Its partitions, in order; empty where there is an error.</param>
/// <param name="Error">Why it could not be described; null where it could.</param>
public sealed record TopicDescription(
    string Name, Guid Id, bool IsInternal, IReadOnlyList<PartitionDescription> Partitions, KafkaException? Error);
