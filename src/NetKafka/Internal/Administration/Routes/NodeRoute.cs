using NetKafka.Internal.Cluster;

namespace NetKafka.Internal.Administration.Routes;

/// <summary>Each item is asked of a node that it names; of any where it names none.</summary>
/// <param name="nodeOf">The node id of an item; −1 for any broker.</param>
sealed class NodeRoute<TKey>(Func<TKey, int> nodeOf) : AdminRoute<TKey>
    where TKey : notnull
{
    public override RequestTarget? TargetOf(ICluster cluster, TKey key) => nodeOf(key) is >= 0 and var node ? RequestTarget.Broker(node) : RequestTarget.AnyBroker;

    public override void OnMoved(ICluster cluster, TKey key, int nodeId) => cluster.Refresh(cluster.View.Generation);
}
