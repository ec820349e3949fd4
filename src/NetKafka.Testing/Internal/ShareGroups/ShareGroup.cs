using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using Request = NetKafka.Protocol.Messages.ShareGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ShareGroupHeartbeatResponse;

namespace NetKafka.Testing.Internal.ShareGroups;

/// <summary>
/// One share group (KIP-932), by the rules of the broker's coordinator: who is in it, and who reads which partitions, which several may.
/// A partition is given to members once its state is set up, which a heartbeat begins and the next finds done. Members give nothing up
/// first: each goes to its target at once.
/// </summary>
sealed partial class ShareGroup(string groupId, ClusterState cluster) : Group(groupId, new OffsetStore())
{
    internal const string Type = "share";

    readonly SortedDictionary<string, ShareGroupMember> members = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, SortedSet<TopicIdPartition>> targets = new(StringComparer.Ordinal);
    readonly SortedSet<TopicIdPartition> initialized = [];
    readonly TopicWatch topics = new(cluster);
    long? targetMadeAtMs;
    TimerEntry? initialization;

    internal override string TypeName => Type;

    internal override string StateName => IsEmpty ? "Empty" : "Stable";

    internal override string? ProtocolType => Type;

    internal override bool IsEmpty => members.Count == 0;

    internal override IEnumerable<ShareGroupMember> Members => members.Values;

    internal override int Count => members.Count;

    /// <summary>Grows with every change of what members want and of the topics that they subscribe to.</summary>
    internal int GroupEpoch { get; private set; }

    /// <summary>The group epoch that the target was made for.</summary>
    internal int AssignmentEpoch { get; private set; }

    IEnumerable<string> SubscribedNames => members.Values.SelectMany(member => member.TopicNames);

    /// <summary>A heartbeat of a member that joins or stays. One that is refused changes nothing.</summary>
    internal GroupError Heartbeat(Request request, string clientId, long nowMs, out Response answer)
    {
        answer = new Response();
        var error = Check(request);
        if (!error.IsNone)
            return error;
        if (!members.TryGetValue(request.MemberId, out var member))
            members.Add(request.MemberId, member = new ShareGroupMember(request.MemberId));
        var before = member.Assigned;
        if (Update(member, clientId, request) || IsAssignmentPending() || topics.HasChanged(SubscribedNames))
            RaiseEpoch();
        MakeTarget(nowMs);
        MoveToTarget(member);
        KeepAlive(member, nowMs);
        Initialize(nowMs);
        var tellsAll = request.MemberEpoch == MemberEpochs.Join || request.SubscribedTopicNames is not null;
        answer = new Response
        {
            MemberId = member.MemberId,
            MemberEpoch = member.Epoch,
            HeartbeatIntervalMs = cluster.GroupConfigs.Number(GroupId, GroupConfigNames.ShareHeartbeatIntervalMs),
            Assignment = tellsAll || !before.SetEquals(member.Assigned) ? AssignmentOf(member) : null,
        };
        return GroupError.None;
    }

    /// <summary>A heartbeat of a member that leaves, in whatever epoch it is.</summary>
    internal GroupError Leave(Request request, out Response answer)
    {
        answer = new Response { MemberId = request.MemberId, MemberEpoch = request.MemberEpoch };
        if (!members.TryGetValue(request.MemberId, out var member))
            return Unknown(request.MemberId);
        Remove(member);
        return GroupError.None;
    }

    internal override void Unload()
    {
        initialization?.Cancel();
        initialization = null;
        foreach (var member in members.Values)
            member.Session?.Cancel();
    }

    internal override void Load(long nowMs)
    {
        foreach (var member in members.Values)
            KeepAlive(member, nowMs);
    }

    static Response.AssignmentData AssignmentOf(ShareGroupMember member) => new()
    {
        TopicPartitions = [.. member.Assigned.GroupBy(partition => partition.TopicId).Select(topic => new Response.TopicPartitions
        {
            TopicId = topic.Key, Partitions = [.. topic.Select(partition => partition.Partition)],
        })],
    };

    GroupError Check(Request request)
    {
        if (members.Count >= cluster.Settings.MaxShareGroupSize && !members.ContainsKey(request.MemberId))
            return new GroupError(ErrorCode.GroupMaxSizeReached, $"Share group {GroupId} has {members.Count} members, and may not have more.");
        if (request.MemberEpoch == MemberEpochs.Join)
            return GroupError.None;
        if (!members.TryGetValue(request.MemberId, out var member))
            return Unknown(request.MemberId);
        // The answer that brought the newer epoch may have been lost.
        var isCurrent = request.MemberEpoch == member.Epoch || (request.MemberEpoch < member.Epoch && request.MemberEpoch == member.PreviousEpoch);
        return isCurrent
            ? GroupError.None
            : new GroupError(
                ErrorCode.FencedMemberEpoch,
                $"Member {member.MemberId} is in epoch {member.Epoch} and not in {request.MemberEpoch}; it has to join anew.");
    }

    GroupError Unknown(string memberId) =>
        new(ErrorCode.UnknownMemberId, $"Member {memberId} is not in share group {GroupId}.");

    /// <summary>What is not said stays as it was said before.</summary>
    /// <returns>Whether the member subscribes to something else.</returns>
    static bool Update(ShareGroupMember member, string clientId, Request request)
    {
        member.ClientId = clientId;
        member.RackId = request.RackId ?? member.RackId;
        if (request.SubscribedTopicNames is not { } said)
            return false;
        string[] names = [.. said.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.AsSpan().SequenceEqual(member.TopicNames))
            return false;
        member.TopicNames = names;
        return true;
    }

    void KeepAlive(ShareGroupMember member, long nowMs)
    {
        member.Session?.Cancel();
        var timeoutMs = cluster.GroupConfigs.Number(GroupId, GroupConfigNames.ShareSessionTimeoutMs);
        member.Session = cluster.Timers.Schedule(nowMs + timeoutMs, _ => Remove(member));
    }

    void Remove(ShareGroupMember member)
    {
        member.Session?.Cancel();
        members.Remove(member.MemberId);
        targets.Remove(member.MemberId);
        RaiseEpoch();
    }

    void RaiseEpoch()
    {
        GroupEpoch++;
        topics.Look(SubscribedNames);
    }
}
