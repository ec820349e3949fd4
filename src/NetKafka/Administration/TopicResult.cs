namespace NetKafka.Administration;

/// <summary>What became of one topic in a call on several.</summary>
/// <param name="Name">The topic.</param>
/// <param name="Id">Its id, where the broker told it (Kafka 2.8 and later); else empty.</param>
/// <param name="Partitions">How many partitions it has, where the broker told it; else −1.</param>
/// <param name="ReplicationFactor">How many copies, where the broker told it; else −1.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record TopicResult(string Name, Guid Id, int Partitions, int ReplicationFactor, KafkaException? Error)
{
    /// <summary>Whether the topic is as the call wanted it.</summary>
    public bool Succeeded => Error is null;
}
