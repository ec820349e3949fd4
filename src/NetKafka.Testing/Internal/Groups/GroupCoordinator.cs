using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>The groups of the cluster and who coordinates each.</summary>
sealed class GroupCoordinator
{
    readonly ClusterState cluster;
    readonly SortedDictionary<string, ClassicGroup> groups = new(StringComparer.Ordinal);

    internal GroupCoordinator(ClusterState cluster)
    {
        this.cluster = cluster;
        Slots = new CoordinatorSlots(cluster, () => groups.Count == 0, Unload, Load);
    }

    internal CoordinatorSlots Slots { get; }

    internal IEnumerable<ClassicGroup> Groups => groups.Values;

    /// <summary>The broker that coordinates a group, or -1 while there is none.</summary>
    internal int CoordinatorOf(string groupId) => Slots.CoordinatorOf(groupId);

    internal ErrorCode Check(string groupId, Broker broker) => Slots.Check(groupId, broker);

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
    internal ErrorCode Move(string groupId, int nodeId, long nowMs) => Slots.Move(groupId, nodeId, nowMs);

    internal void OnTopicDeleted(Topic topic)
    {
        foreach (var group in groups.Values)
            group.Offsets.Forget(topic.Name);
    }

    void Unload(int slot)
    {
        foreach (var group in InSlot(slot))
            group.Unload();
    }

    void Load(int slot, long nowMs)
    {
        foreach (var group in InSlot(slot))
            group.Load(nowMs);
    }

    ClassicGroup[] InSlot(int slot) => [.. groups.Values.Where(group => CoordinatorSlots.SlotOf(group.GroupId) == slot)];
}
