namespace NetKafka.Administration;

/// <summary>A partition as it is.</summary>
/// <param name="Partition">Its number, from 0.</param>
/// <param name="Leader">The broker that leads it; null while there is none.</param>
/// <param name="LeaderEpoch">How often leadership has changed; −1 on brokers before 2.1.</param>
/// <param name="Replicas">The node ids of its copies, the preferred leader first.</param>
/// <param name="InSyncReplicas">The node ids of the copies that are up to date.</param>
public sealed record PartitionDescription(
    int Partition, BrokerNode? Leader, int LeaderEpoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas)
{
    /// <summary>The node ids of copies that are away.</summary>
    public IReadOnlyList<int> OfflineReplicas { get; init; } = [];

    /// <summary>The node ids of copies that may lead without loss though they are not up to date (KIP-966); null where the broker does not tell.</summary>
    public IReadOnlyList<int>? EligibleLeaderReplicas { get; init; }

    /// <summary>The node ids of copies that were eligible last (KIP-966); null where the broker does not tell.</summary>
    public IReadOnlyList<int>? LastKnownEligibleLeaderReplicas { get; init; }
}
