namespace NetKafka.Administration;

/// <summary>A topic that exists.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Id">Its id; empty on brokers before 2.8.</param>
/// <param name="IsInternal">Whether it is Kafka's own, such as <c>__consumer_offsets</c>.</param>
public sealed record TopicListing(string Name, Guid Id, bool IsInternal);
