namespace NetKafka.Administration;

/// <summary>A partition as it is.</summary>
/// <param name="Partition">Its number, from 0.</param>
/// <param name="Leader">The broker that leads it; null while there is none.</param>
/// <param name="LeaderEpoch">How often leadership has changed; −1 on brokers before 2.1.</param>
/// <param name="Replicas">The node ids of its copies, the preferred leader first.</param>
/// <param name="InSyncReplicas">The node ids of the copies that are up to date.</param>
public sealed record PartitionDescription(
    int Partition, BrokerNode? Leader, int LeaderEpoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas);
