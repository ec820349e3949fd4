using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>
/// Who coordinates what. As on brokers a key (a group, a transactional id) hashes to one of fifty slots, each led by a broker under an
/// epoch; a slot moves when its broker stops, or when a test says so.
/// </summary>
/// <param name="cluster">The brokers.</param>
/// <param name="isEmpty">Whether nothing is coordinated yet, so that slots can be spread anew.</param>
/// <param name="unload">Told of a slot that its broker has lost.</param>
/// <param name="load">Told of a slot that has another broker, and when.</param>
sealed class CoordinatorSlots(ClusterState cluster, Func<bool> isEmpty, Action<int> unload, Action<int, long> load)
{
    internal const int Count = 50;
    const int Nobody = -1;

    readonly int[] leaders = [.. Enumerable.Repeat(Nobody, Count)];
    readonly int[] epochs = new int[Count];

    /// <summary>The slot of a key: Java's hash of the string, its sign dropped, over the number of slots.</summary>
    internal static int SlotOf(string key)
    {
        var hash = 0;
        foreach (var c in key)
            hash = unchecked((31 * hash) + c);
        return (hash & int.MaxValue) % Count;
    }

    /// <summary>The broker that coordinates a key, or -1 while there is none.</summary>
    internal int CoordinatorOf(string key) => leaders[SlotOf(key)];

    /// <summary>How often the coordinator of a key has changed.</summary>
    internal int EpochOf(string key) => epochs[SlotOf(key)];

    internal ErrorCode Check(string key, Broker broker) => CoordinatorOf(key) == broker.NodeId ? ErrorCode.None : ErrorCode.NotCoordinator;

    /// <summary>Moves the coordination of a key, and of all that share its slot, to another broker.</summary>
    internal ErrorCode Move(string key, int nodeId, long nowMs)
    {
        if (!cluster.IsUp(nodeId))
            return ErrorCode.CoordinatorNotAvailable;
        Move(SlotOf(key), nodeId, nowMs);
        return ErrorCode.None;
    }

    /// <summary>Spreads the slots over the brokers; before any key there is nothing to move.</summary>
    internal void OnBrokerAdded()
    {
        var nodes = LiveNodes();
        for (var slot = 0; slot < Count && isEmpty(); slot++)
            leaders[slot] = nodes[slot % nodes.Length];
    }

    internal void OnBrokersChanged(long nowMs)
    {
        var nodes = LiveNodes();
        for (var slot = 0; slot < Count; slot++)
        {
            if (!cluster.IsUp(leaders[slot]))
                Move(slot, nodes.Length == 0 ? Nobody : nodes[slot % nodes.Length], nowMs);
        }
    }

    void Move(int slot, int nodeId, long nowMs)
    {
        if (leaders[slot] == nodeId)
            return;
        if (leaders[slot] != Nobody)
            unload(slot);
        leaders[slot] = nodeId;
        epochs[slot]++;
        if (nodeId != Nobody)
            load(slot, nowMs);
    }

    int[] LiveNodes() => [.. cluster.Brokers.Where(broker => broker.IsUp).Select(broker => broker.NodeId)];
}
