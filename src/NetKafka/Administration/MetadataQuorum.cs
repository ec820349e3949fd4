namespace NetKafka.Administration;

/// <summary>The controllers that keep the metadata of a cluster, and who follows them (KIP-595, KIP-836).</summary>
/// <param name="LeaderId">The node id of the active controller.</param>
/// <param name="LeaderEpoch">The epoch in which it leads.</param>
/// <param name="HighWatermark">The offset of the metadata log up to which most voters have it.</param>
/// <param name="Voters">The controllers that elect the leader, by node id.</param>
/// <param name="Observers">The nodes that follow without a vote, by node id: brokers, and controllers that are no voters.</param>
public sealed record MetadataQuorum(
    int LeaderId, int LeaderEpoch, long HighWatermark, IReadOnlyList<QuorumReplica> Voters, IReadOnlyList<QuorumReplica> Observers)
{
    /// <summary>Where the voters listen, by node id; empty where the controller does not tell (before DescribeQuorum 2, KIP-853).</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<RaftEndpoint>> Endpoints { get; init; } = new Dictionary<int, IReadOnlyList<RaftEndpoint>>();
}
