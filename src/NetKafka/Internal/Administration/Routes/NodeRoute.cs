using NetKafka.Internal.Cluster;

namespace NetKafka.Internal.Administration.Routes;

/// <summary>Each item is asked of a node that it names; of another where it names none.</summary>
/// <param name="nodeOf">The node id of an item; −1 for none.</param>
/// <param name="otherwise">Who is asked for an item that names no node; null for any broker.</param>
sealed class NodeRoute<TKey>(Func<TKey, int> nodeOf, RequestTarget? otherwise = null) : AdminRoute<TKey>
    where TKey : notnull
{
    public override RequestTarget? TargetOf(ICluster cluster, TKey key) =>
        nodeOf(key) is >= 0 and var node ? RequestTarget.Broker(node) : otherwise ?? RequestTarget.AnyBroker;

    public override void OnMoved(ICluster cluster, TKey key, int nodeId) => cluster.Refresh(cluster.View.Generation);
}
