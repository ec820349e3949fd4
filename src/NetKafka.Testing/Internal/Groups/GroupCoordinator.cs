using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>
/// The groups of the cluster and who coordinates each. As on brokers a group hashes to one of fifty slots, each led by a broker;
/// a slot moves when its broker stops, or when a test says so.
/// </summary>
sealed class GroupCoordinator(ClusterState cluster)
{
    internal const int Slots = 50;
    const int Nobody = -1;

    readonly SortedDictionary<string, ClassicGroup> groups = new(StringComparer.Ordinal);
    readonly int[] leaders = [.. Enumerable.Repeat(Nobody, Slots)];

    internal IEnumerable<ClassicGroup> Groups => groups.Values;

    /// <summary>The slot of a group: Java's hash of the name, its sign dropped, over the number of slots.</summary>
    internal static int SlotOf(string key)
    {
        var hash = 0;
        foreach (var c in key)
            hash = unchecked((31 * hash) + c);
        return (hash & int.MaxValue) % Slots;
    }

    /// <summary>The broker that coordinates a group, or -1 while there is none.</summary>
    internal int CoordinatorOf(string groupId) => leaders[SlotOf(groupId)];

    internal ErrorCode Check(string groupId, Broker broker) =>
        CoordinatorOf(groupId) == broker.NodeId ? ErrorCode.None : ErrorCode.NotCoordinator;

    internal ClassicGroup? Find(string groupId) => groups.GetValueOrDefault(groupId);

    internal ClassicGroup GetOrAdd(string groupId)
    {
        if (!groups.TryGetValue(groupId, out var group))
            groups.Add(groupId, group = new ClassicGroup(groupId, cluster));
        return group;
    }

    /// <summary>Deletes a group that nobody is in.</summary>
    internal ErrorCode Delete(string groupId)
    {
        if (Find(groupId) is not { } group)
            return ErrorCode.GroupIdNotFound;
        if (group.State != GroupState.Empty)
            return ErrorCode.NonEmptyGroup;
        groups.Remove(groupId);
        return ErrorCode.None;
    }

    /// <summary>Moves the coordination of a group, and of all that share its slot, to another broker.</summary>
    internal ErrorCode Move(string groupId, int nodeId, long nowMs)
    {
        if (!cluster.IsUp(nodeId))
            return ErrorCode.CoordinatorNotAvailable;
        Move(SlotOf(groupId), nodeId, nowMs);
        return ErrorCode.None;
    }

    /// <summary>Spreads the slots over the brokers; before any group there is nothing to move.</summary>
    internal void OnBrokerAdded()
    {
        var nodes = LiveNodes();
        for (var slot = 0; slot < Slots && groups.Count == 0; slot++)
            leaders[slot] = nodes[slot % nodes.Length];
    }

    internal void OnBrokersChanged(long nowMs)
    {
        var nodes = LiveNodes();
        for (var slot = 0; slot < Slots; slot++)
        {
            if (!cluster.IsUp(leaders[slot]))
                Move(slot, nodes.Length == 0 ? Nobody : nodes[slot % nodes.Length], nowMs);
        }
    }

    internal void OnTopicDeleted(Topic topic)
    {
        foreach (var group in groups.Values)
            group.Offsets.Forget(topic.Name);
    }

    void Move(int slot, int nodeId, long nowMs)
    {
        if (leaders[slot] == nodeId)
            return;
        var moved = groups.Values.Where(group => SlotOf(group.GroupId) == slot).ToArray();
        if (leaders[slot] != Nobody)
        {
            foreach (var group in moved)
                group.Unload();
        }

        leaders[slot] = nodeId;
        if (nodeId == Nobody)
            return;
        foreach (var group in moved)
            group.Load(nowMs);
    }

    int[] LiveNodes() => [.. cluster.Brokers.Where(broker => broker.IsUp).Select(broker => broker.NodeId)];
}
