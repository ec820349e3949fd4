using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.ShareGroups;
using NetKafka.Testing.Internal.StreamsGroups;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>The groups of the cluster, of whatever type, and who coordinates each.</summary>
sealed class GroupCoordinator
{
    readonly ClusterState cluster;
    readonly SortedDictionary<string, Group> groups = new(StringComparer.Ordinal);

    internal GroupCoordinator(ClusterState cluster)
    {
        this.cluster = cluster;
        Slots = new CoordinatorSlots(cluster, () => groups.Count == 0, Unload, Load);
    }

    internal CoordinatorSlots Slots { get; }

    internal IEnumerable<Group> Groups => groups.Values;

    /// <summary>The broker that coordinates a group, or -1 while there is none.</summary>
    internal int CoordinatorOf(string groupId) => Slots.CoordinatorOf(groupId);

    internal ErrorCode Check(string groupId, Broker broker) => Slots.Check(groupId, broker);

    internal Group? Find(string groupId) => groups.GetValueOrDefault(groupId);

    internal ClassicGroup? FindClassic(string groupId) => Find(groupId) as ClassicGroup;

    internal ConsumerGroup? FindConsumer(string groupId) => Find(groupId) as ConsumerGroup;

    internal ShareGroup? FindShare(string groupId) => Find(groupId) as ShareGroup;

    internal StreamsGroup? FindStreams(string groupId) => Find(groupId) as StreamsGroup;

    /// <summary>The group, or a new one that nobody is in: it may hold offsets, and be joined by either protocol.</summary>
    internal Group GetOrAdd(string groupId)
    {
        if (!groups.TryGetValue(groupId, out var group))
            groups.Add(groupId, group = new ClassicGroup(groupId, cluster, new OffsetStore()));
        return group;
    }

    /// <summary>The group that a member of the classic protocol joins. One that nobody is in becomes a classic one.</summary>
    internal Group ForJoin(string groupId)
    {
        var group = GetOrAdd(groupId);
        if (group is ConsumerGroup { IsEmpty: true })
            groups[groupId] = group = new ClassicGroup(groupId, cluster, group.Offsets);
        return group;
    }

    /// <summary>A heartbeat of the consumer protocol (KIP-848).</summary>
    internal GroupError Heartbeat(
        ConsumerGroupHeartbeatRequest request, string clientId, long nowMs, out ConsumerGroupHeartbeatResponse answer)
    {
        answer = new ConsumerGroupHeartbeatResponse();
        var found = Find(request.GroupId);
        var group = found as ConsumerGroup;
        if (request.MemberEpoch < MemberEpochs.Join && group is not null)
            return group.Leave(request, nowMs, out answer);
        if (request.MemberEpoch == MemberEpochs.Join && found is null or ClassicGroup { IsEmpty: true })
            group = new ConsumerGroup(request.GroupId, cluster, found?.Offsets ?? new OffsetStore());
        else if (request.MemberEpoch == MemberEpochs.Join && found is ClassicGroup classic)
            group = ConsumerGroup.TryContinue(classic, cluster);
        if (group is null)
            return new GroupError(ErrorCode.GroupIdNotFound, $"There is no group {request.GroupId} of the consumer protocol.");
        var error = group.Heartbeat(request, clientId, nowMs, out answer);
        // A group that its first member could not join never was, and one that was classic stays so.
        if (!error.IsNone || group == found)
            return error;
        (found as ClassicGroup)?.Dismiss();
        groups[request.GroupId] = group;
        group.Load(nowMs);
        return error;
    }

    /// <summary>The share group, or a new one that nobody is in; null if there is a group of another kind.</summary>
    internal ShareGroup? GetOrAddShare(string groupId)
    {
        if (!groups.TryGetValue(groupId, out var group))
            groups.Add(groupId, group = new ShareGroup(groupId, cluster));
        return group as ShareGroup;
    }

    /// <summary>A heartbeat of a member of a share group (KIP-932).</summary>
    internal GroupError Heartbeat(ShareGroupHeartbeatRequest request, string clientId, long nowMs, out ShareGroupHeartbeatResponse answer)
    {
        answer = new ShareGroupHeartbeatResponse();
        var found = Find(request.GroupId);
        var group = found as ShareGroup;
        if (found is null && request.MemberEpoch == MemberEpochs.Join)
            group = new ShareGroup(request.GroupId, cluster);
        if (group is null)
            return new GroupError(ErrorCode.GroupIdNotFound, $"There is no share group {request.GroupId}.");
        if (request.MemberEpoch == MemberEpochs.Leave)
            return group.Leave(request, out answer);
        var error = group.Heartbeat(request, clientId, nowMs, out answer);
        if (error.IsNone && found is null)
            groups.Add(request.GroupId, group);
        return error;
    }

    /// <summary>A heartbeat of a member of a streams group (KIP-1071). A classic group that nobody is in becomes one of streams.</summary>
    internal GroupError Heartbeat(StreamsGroupHeartbeatRequest request, string clientId, long nowMs, out StreamsGroupHeartbeatResponse answer)
    {
        answer = new StreamsGroupHeartbeatResponse();
        var found = Find(request.GroupId);
        var group = found as StreamsGroup;
        if (request.MemberEpoch == MemberEpochs.Join && found is null or ClassicGroup { IsEmpty: true })
            group = new StreamsGroup(request.GroupId, cluster, found?.Offsets ?? new OffsetStore());
        if (group is null)
            return new GroupError(ErrorCode.GroupIdNotFound, $"There is no streams group {request.GroupId}.");
        if (request.MemberEpoch < MemberEpochs.Join)
            return group.Leave(request, nowMs, out answer);
        var error = group.Heartbeat(request, clientId, nowMs, out answer);
        if (error.IsNone)
            groups[request.GroupId] = group;
        return error;
    }

    /// <summary>A group goes on as another object.</summary>
    internal void Replace(Group group) => groups[group.GroupId] = group;

    /// <summary>Deletes a group that nobody is in.</summary>
    internal ErrorCode Delete(string groupId)
    {
        if (Find(groupId) is not { } group)
            return ErrorCode.GroupIdNotFound;
        if (!group.IsEmpty)
            return ErrorCode.NonEmptyGroup;
        group.Unload();
        groups.Remove(groupId);
        cluster.Shares.Forget(groupId);
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

    Group[] InSlot(int slot) => [.. groups.Values.Where(group => CoordinatorSlots.SlotOf(group.GroupId) == slot)];
}
