using NetKafka.Internal.Cluster;

namespace NetKafka.Internal.Administration.Routes;

/// <summary>All items are asked of the controller, or of any broker.</summary>
sealed class FixedRoute<TKey>(RequestTarget target) : AdminRoute<TKey>
    where TKey : notnull
{
    public override RequestTarget? TargetOf(ICluster cluster, TKey key) => target;

    public override void OnMoved(ICluster cluster, TKey key, int nodeId) => cluster.Refresh(cluster.View.Generation);
}
