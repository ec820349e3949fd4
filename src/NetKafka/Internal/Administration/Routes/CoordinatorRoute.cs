using NetKafka.Internal.Cluster;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Administration.Routes;

/// <summary>Each item is asked of a coordinator, those of one node together.</summary>
/// <param name="keyOf">The group or transactional id of an item.</param>
sealed class CoordinatorRoute<TKey>(Func<TKey, CoordinatorKey> keyOf) : AdminRoute<TKey>
    where TKey : notnull
{
    public override bool IsOfBrokers => true;

    public override RequestTarget? TargetOf(ICluster cluster, TKey key)
    {
        var coordinated = keyOf(key);
        var node = cluster.CoordinatorOf(coordinated);
        return node >= 0 && cluster.View.Brokers.ContainsKey(node) ? RequestTarget.Broker(node) : RequestTarget.Coordinator(coordinated);
    }

    public override void OnMoved(ICluster cluster, TKey key, int nodeId)
    {
        var coordinated = keyOf(key);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.MovedCoordinatorIsAskedOn))
            return;
#endif
        cluster.ForgetCoordinator(coordinated, nodeId >= 0 ? nodeId : cluster.CoordinatorOf(coordinated));
        cluster.Refresh(cluster.View.Generation);
    }
}
