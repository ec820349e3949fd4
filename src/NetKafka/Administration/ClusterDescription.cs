namespace NetKafka.Administration;

/// <summary>The cluster as it is.</summary>
/// <param name="ClusterId">The cluster's id; null on brokers that do not tell it.</param>
/// <param name="Controller">The broker that takes controller requests; null while there is none. With KRaft brokers that may be any.</param>
/// <param name="Brokers">The brokers that are up, by node id.</param>
public sealed record ClusterDescription(string? ClusterId, BrokerNode? Controller, IReadOnlyList<BrokerNode> Brokers)
{
    /// <summary>What this client may do to the cluster; null where that was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
