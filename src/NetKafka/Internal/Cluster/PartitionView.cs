using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Internal.Cluster;

/// <summary>A partition as metadata names it. Leader −1: none is known. Epoch −1: the broker is too old to tell.</summary>
sealed record PartitionView(int Index, int LeaderId, int LeaderEpoch, int[] Replicas, int[] InSyncReplicas, ErrorCode Error)
{
    /// <summary>What users see of it.</summary>
    public PartitionDescription Describe(ClusterView view)
    {
        var leader = view.Brokers.GetValueOrDefault(LeaderId);
        return new PartitionDescription(
            Index, leader is null ? null : new BrokerNode(leader.NodeId, leader.Host, leader.Port, leader.Rack), LeaderEpoch, [.. Replicas], [.. InSyncReplicas]);
    }
}
