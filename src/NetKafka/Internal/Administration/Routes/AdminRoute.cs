using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Administration.Routes;

/// <summary>Which broker the items of a call are asked of.</summary>
abstract class AdminRoute<TKey>
    where TKey : notnull
{
    /// <summary>Whether only brokers can be asked, since controllers know nothing of leaders of partitions and coordinators of groups.</summary>
    public virtual bool IsOfBrokers => false;

    /// <summary>The broker for one item; null while it has to be looked up.</summary>
    public abstract RequestTarget? TargetOf(ICluster cluster, TKey key);

    /// <summary>A broker said that it is not the one.</summary>
    public abstract void OnMoved(ICluster cluster, TKey key, int nodeId);

    /// <summary>The request that looks up items whose broker is not known; of a route that knows all there is none.</summary>
    /// <param name="keys">The items.</param>
    /// <param name="onFailure">Told why a look-up failed, for all of them.</param>
    /// <param name="onRefused">Told that one cannot be found, for good.</param>
    /// <param name="onOver">Told when it is over.</param>
    public virtual BrokerRequest LookUp(
        IReadOnlyList<TKey> keys, Action<RequestFailure> onFailure, Action<TKey, KafkaException> onRefused, Action onOver) =>
        throw new InvalidOperationException("This route knows every broker.");
}
