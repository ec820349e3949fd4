using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>The groups of the cluster and who coordinates each.</summary>
sealed class GroupCoordinator(ClusterState cluster)
{
    internal ClusterState Cluster { get; } = cluster;

    internal void OnBrokersChanged() { }
    internal void OnTopicsChanged(long nowMs) { }
    internal void OnTopicDeleted(Topic topic) { }
}
