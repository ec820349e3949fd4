namespace NetKafka.Administration;

/// <summary>A topic as it is.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Id">Its id; empty on brokers before 2.8.</param>
/// <param name="IsInternal">Whether it is Kafka's own.</param>
/// <param name="Partitions">Its partitions, in order.</param>
public sealed record TopicDescription(string Name, Guid Id, bool IsInternal, IReadOnlyList<PartitionDescription> Partitions)
{
    /// <summary>What this client may do to it; null where that was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
