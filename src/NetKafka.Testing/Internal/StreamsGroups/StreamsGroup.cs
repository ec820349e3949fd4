using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.StreamsGroupHeartbeatResponse;

namespace NetKafka.Testing.Internal.StreamsGroups;

/// <summary>
/// One group of Kafka Streams applications (KIP-1071), by the rules of the broker's coordinator: the topology that its members work on, and who
/// works on which task. A task is given to a member once the one that had it has given it up. Left out: standby and warm-up tasks, endpoints that
/// are told to others, a static member that comes back.
/// </summary>
sealed partial class StreamsGroup(string groupId, ClusterState cluster, OffsetStore offsets) : Group(groupId, offsets)
{
    internal const string Type = "streams";
    const sbyte MissingSourceTopics = 1;
    const sbyte MissingInternalTopics = 3;
    const sbyte AssignmentDelayed = 5;

    readonly SortedDictionary<string, StreamsGroupMember> members = new(StringComparer.Ordinal);
    readonly TopicWatch topics = new(cluster);
    StreamsTopologyState? topology;
    long? targetMadeAtMs;
    long? delayedUntilMs;

    internal override string TypeName => Type;

    internal override string StateName
    {
        get
        {
            if (IsEmpty)
                return "Empty";
            if (topology is not { IsReady: true })
                return "NotReady";
            if (GroupEpoch > AssignmentEpoch)
                return "Assigning";
            return members.Values.All(IsSettled) ? "Stable" : "Reconciling";
        }
    }

    internal override string? ProtocolType => Type;

    internal override bool IsEmpty => members.Count == 0;

    internal override IEnumerable<StreamsGroupMember> Members => members.Values;

    internal override int Count => members.Count;

    /// <summary>Grows with every change of the members, the topology, and the topics of it.</summary>
    internal int GroupEpoch { get; private set; }

    /// <summary>The group epoch that the target was made for.</summary>
    internal int AssignmentEpoch { get; private set; }

    internal Request.TopologyData? Topology => topology?.Topology;

    IEnumerable<string> WatchedTopics => topology?.AllTopics ?? [];

    /// <summary>A heartbeat of a member that joins or stays. One that is refused changes nothing.</summary>
    internal GroupError Heartbeat(Request request, string clientId, long nowMs, out Response answer)
    {
        answer = new Response();
        var error = Check(request);
        if (!error.IsNone)
            return error;
        if (IsEmpty)
            Begin(nowMs);
        if (!members.TryGetValue(request.MemberId, out var member))
            members.Add(request.MemberId, member = new StreamsGroupMember(request.MemberId));
        var before = member.Active;
        if (Update(member, clientId, request) || topics.HasChanged(WatchedTopics))
            RaiseEpoch();
        var statuses = Statuses(nowMs);
        MakeTarget(nowMs);
        Reconcile(member, request, nowMs);
        KeepAlive(member, nowMs);
        var tellsAll = request.MemberEpoch == MemberEpochs.Join || request.ActiveTasks is not null && !before.SetEquals(Owned(request));
        var tells = tellsAll || !before.SetEquals(member.Active);
        answer = new Response
        {
            MemberId = member.MemberId,
            MemberEpoch = member.Epoch,
            HeartbeatIntervalMs = cluster.Settings.StreamsHeartbeatIntervalMs,
            Status = statuses,
            ActiveTasks = tells ? Tasks(member.Active, static (id, partitions) => new Response.TaskIds { SubtopologyId = id, Partitions = partitions }) : null,
            StandbyTasks = tells ? [] : null,
            WarmupTasks = tells ? [] : null,
        };
        topology!.CreateInternal();
        return GroupError.None;
    }

    /// <summary>A heartbeat of a member that leaves, in whatever epoch it is. A static one leaves for good here too.</summary>
    internal GroupError Leave(Request request, long nowMs, out Response answer)
    {
        answer = new Response { MemberId = request.MemberId, MemberEpoch = request.MemberEpoch };
        if (!members.TryGetValue(request.MemberId, out var member))
            return Unknown(request.MemberId);
        Remove(member, nowMs);
        return GroupError.None;
    }

    internal override void Unload()
    {
        foreach (var member in members.Values)
        {
            member.Session?.Cancel();
            member.Revocation?.Cancel();
        }
    }

    internal override void Load(long nowMs)
    {
        foreach (var member in members.Values)
        {
            KeepAlive(member, nowMs);
            if (member.Revoking.Count > 0)
                AwaitRevocation(member, nowMs);
        }
    }

    /// <summary>Tasks by subtopology, as messages have them.</summary>
    internal static T[] Tasks<T>(IEnumerable<StreamsTaskId> tasks, Func<string, int[], T> create) =>
        [.. tasks.GroupBy(static task => task.Subtopology, StringComparer.Ordinal).Select(part => create(part.Key, [.. part.Select(static task => task.Partition)]))];

    static SortedSet<StreamsTaskId> Owned(Request request) =>
        [.. (request.ActiveTasks ?? []).SelectMany(static part => part.Partitions, static (part, partition) => new StreamsTaskId(part.SubtopologyId, partition))];

    GroupError Check(Request request)
    {
        if (request.Topology is { } said && topology is not null && !IsEmpty && !topology.Equals(said))
            return new GroupError(ErrorCode.InvalidRequest, "Topology updates are not supported yet.");
        if (members.Count >= cluster.Settings.MaxStreamsGroupSize && !members.ContainsKey(request.MemberId))
            return new GroupError(ErrorCode.GroupMaxSizeReached, $"Streams group {GroupId} has {members.Count} members, and may not have more.");
        if (request.MemberEpoch == MemberEpochs.Join)
            return GroupError.None;
        if (!members.TryGetValue(request.MemberId, out var member))
            return Unknown(request.MemberId);
        // The answer that brought the newer epoch may have been lost; then the member says what it has.
        var isCurrent = request.MemberEpoch == member.Epoch
            || (request.MemberEpoch < member.Epoch && request.MemberEpoch == member.PreviousEpoch && request.ActiveTasks is not null && Owned(request).IsSubsetOf(member.Active));
        return isCurrent
            ? GroupError.None
            : new GroupError(ErrorCode.FencedMemberEpoch, $"Member {member.MemberId} is in epoch {member.Epoch} and not in {request.MemberEpoch}; it has to join anew.");
    }

    GroupError Unknown(string memberId) => new(ErrorCode.UnknownMemberId, $"Member {memberId} is not in streams group {GroupId}.");

    void Begin(long nowMs)
    {
        topology = null;
        if (cluster.Settings.StreamsInitialRebalanceDelayMs > 0)
            delayedUntilMs = nowMs + cluster.Settings.StreamsInitialRebalanceDelayMs;
    }

    /// <summary>What is not said stays as it was said before.</summary>
    /// <returns>Whether the group is another by it.</returns>
    bool Update(StreamsGroupMember member, string clientId, Request request)
    {
        (member.ClientId, member.InstanceId) = (clientId, request.InstanceId ?? member.InstanceId);
        var before = (member.RackId, member.ProcessId, member.TopologyEpoch);
        member.RackId = request.RackId ?? member.RackId;
        member.ProcessId = request.ProcessId ?? member.ProcessId;
        member.UserEndpoint = request.UserEndpoint ?? member.UserEndpoint;
        member.ClientTags = request.ClientTags ?? member.ClientTags;
        if (request.RebalanceTimeoutMs > 0)
            member.RebalanceTimeoutMs = request.RebalanceTimeoutMs;
        var isNew = member.Epoch == 0 && request.MemberEpoch == MemberEpochs.Join;
        if (request.Topology is { } said)
        {
            topology ??= new StreamsTopologyState(said, cluster);
            member.TopologyEpoch = said.Epoch;
        }
        return isNew || before != (member.RackId, member.ProcessId, member.TopologyEpoch);
    }

    Response.StatusData[] Statuses(long nowMs)
    {
        var statuses = new List<Response.StatusData>();
        void Tell(sbyte code, string detail) => statuses.Add(new() { StatusCode = code, StatusDetail = detail });
        if (IsDelayed(nowMs))
            Tell(AssignmentDelayed, "Assignment delayed due to the configured initial rebalance delay.");
        if (topology!.MissingSources.ToArray() is { Length: > 0 } sources)
            Tell(MissingSourceTopics, $"Source topics {string.Join(", ", sources)} are missing.");
        else if (topology.MissingInternal.Select(static topic => topic.Name).ToArray() is { Length: > 0 } missing)
            Tell(MissingInternalTopics, $"Internal topics are missing: {string.Join(", ", missing)}");
        return [.. statuses];
    }

    bool IsDelayed(long nowMs) => nowMs < delayedUntilMs;

    void KeepAlive(StreamsGroupMember member, long nowMs)
    {
        member.Session?.Cancel();
        member.Session = cluster.Timers.Schedule(nowMs + cluster.Settings.StreamsSessionTimeoutMs, now => Remove(member, now));
    }

    void Remove(StreamsGroupMember member, long nowMs)
    {
        member.Session?.Cancel();
        member.Revocation?.Cancel();
        members.Remove(member.MemberId);
        targets.Remove(member.MemberId);
        RaiseEpoch();
    }

    void RaiseEpoch()
    {
        GroupEpoch++;
        topics.Look(WatchedTopics);
    }
}
