using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>
/// The share partitions of all groups: what is persisted of each, and what its leader has in memory. On a broker the two are apart; here
/// a leader always reaches what is persisted.
/// </summary>
sealed class SharePartitions(ClusterState cluster)
{
    readonly SortedDictionary<string, SortedDictionary<TopicIdPartition, Slot>> groups = new(StringComparer.Ordinal);

    /// <summary>The share partition at its leader, made from what is persisted where the leader has none.</summary>
    internal SharePartition Open(string groupId, Partition partition, long nowMs)
    {
        var slot = SlotOf(groupId, new TopicIdPartition(partition.Topic.Id, partition.Index));
        if (slot.Led is { IsLed: true } led)
            return led;
        slot.Led?.Drop();
        return slot.Led = new SharePartition(groupId, partition, slot.State, cluster, nowMs);
    }

    /// <summary>The share partition at its leader; null where the leader has none, since nobody has fetched there.</summary>
    internal SharePartition? Find(string groupId, TopicIdPartition key) =>
        groups.TryGetValue(groupId, out var slots) && slots.TryGetValue(key, out var slot) && slot.Led is { IsLed: true } led ? led : null;

    /// <summary>What is persisted of a share partition; null for nothing.</summary>
    internal ShareState? StateOf(string groupId, TopicIdPartition key) =>
        groups.TryGetValue(groupId, out var slots) && slots.TryGetValue(key, out var slot) ? slot.State : null;

    /// <summary>Sets where a share partition begins. Its leader learns of it by the next acknowledgement, which is refused.</summary>
    internal void Reset(string groupId, TopicIdPartition key, long startOffset)
    {
        var slot = SlotOf(groupId, key);
        slot.Led?.Fence(ErrorCode.NotLeaderOrFollower);
        slot.State = new ShareState();
        slot.State.Reset(startOffset);
    }

    /// <summary>A broker forgets what it has in memory of a group; what is persisted stays.</summary>
    internal void Drop(string groupId, int nodeId)
    {
        if (!groups.TryGetValue(groupId, out var slots))
            return;
        foreach (var slot in slots.Values)
        {
            if (slot.Led?.NodeId == nodeId)
                slot.Led.Drop();
        }
    }

    /// <summary>All that is persisted of a group, or of a topic in it, is deleted. Its leaders keep what they have in memory.</summary>
    internal void Forget(string groupId, Guid? topicId = null)
    {
        if (!groups.TryGetValue(groupId, out var slots))
            return;
        foreach (var (key, slot) in slots)
        {
            if (topicId is not null && key.TopicId != topicId)
                continue;
            slot.Led?.Fence(ErrorCode.UnknownServerError);
            slot.State = new ShareState();
        }
    }

    internal void OnTopicDeleted(Topic topic)
    {
        foreach (var slots in groups.Values)
        {
            foreach (var key in slots.Keys.Where(key => key.TopicId == topic.Id).ToArray())
            {
                slots[key].Led?.Drop();
                slots.Remove(key);
            }
        }
    }

    Slot SlotOf(string groupId, TopicIdPartition key)
    {
        if (!groups.TryGetValue(groupId, out var slots))
            groups.Add(groupId, slots = []);
        if (!slots.TryGetValue(key, out var slot))
            slots.Add(key, slot = new Slot());
        return slot;
    }

    sealed class Slot
    {
        internal ShareState State { get; set; } = new();

        internal SharePartition? Led { get; set; }
    }
}
