using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>
/// One group of the classic protocol: members, generations and their timers, by the rules of the broker's coordinator. What is
/// written to the log on a broker (the last complete generation) survives a move of the coordinator; the rest is forgotten.
/// </summary>
sealed partial class ClassicGroup(string groupId, ClusterState cluster, OffsetStore offsets) : Group(groupId, offsets)
{
    /// <summary>A member that joined but is in no generation yet may stay that long without a heartbeat.</summary>
    const int NewMemberTimeoutMs = 300_000;

    readonly SortedDictionary<string, GroupMember> members = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, string> memberIdByInstance = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, TimerEntry> pendingJoins = new(StringComparer.Ordinal);
    readonly SortedSet<string> pendingSyncs = new(StringComparer.Ordinal);
    PersistedGeneration? persisted;
    string? protocolType;
    TimerEntry? joinTimer;
    TimerEntry? syncTimer;
    bool isInitialJoin;
    bool isMemberAdded;

    internal override string TypeName => "classic";

    internal override string StateName => State.ToString();

    internal override bool IsEmpty => State == GroupState.Empty;

    internal GroupState State { get; private set; }

    internal int Generation { get; private set; }

    internal override string? ProtocolType => protocolType;

    /// <summary>The assignor that all can; null without members.</summary>
    internal string? ProtocolName { get; private set; }

    internal string? LeaderId { get; private set; }

    internal override IEnumerable<GroupMember> Members => members.Values;

    internal override int Count => members.Count;

    TimerQueue Timers => cluster.Timers;

    int LongestRebalanceTimeoutMs => members.Count == 0 ? 0 : members.Values.Max(member => member.RebalanceTimeoutMs);

    bool HasAllJoined => pendingJoins.Count == 0 && members.Values.All(member => member.Join is not null);

    /// <summary>Checks who speaks: static members by their instance, and everyone by the member id.</summary>
    internal ErrorCode CheckMember(string memberId, string? instanceId)
    {
        if (instanceId is not null && memberIdByInstance.TryGetValue(instanceId, out var current))
            return current == memberId ? ErrorCode.None : ErrorCode.FencedInstanceId;
        if (instanceId is not null)
            return ErrorCode.UnknownMemberId;
        return members.ContainsKey(memberId) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    internal override ErrorCode Heartbeat(string memberId, string? instanceId, int generation, long nowMs)
    {
        var error = CheckMember(memberId, instanceId);
        if (error != ErrorCode.None)
            return error;
        if (generation != Generation)
            return ErrorCode.IllegalGeneration;
        KeepAlive(members[memberId], nowMs);
        return State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    internal override ErrorCode Leave(string memberId, string? instanceId, long nowMs)
    {
        if (instanceId is not null)
        {
            if (!memberIdByInstance.TryGetValue(instanceId, out var current))
                return ErrorCode.UnknownMemberId;
            if (memberId.Length > 0 && memberId != current)
                return ErrorCode.FencedInstanceId;
            memberId = current;
        }
        else if (pendingJoins.Remove(memberId, out var timer))
        {
            timer.Cancel();
            CompleteJoinIfAllJoined(nowMs);
            return ErrorCode.None;
        }

        if (!members.TryGetValue(memberId, out var member))
            return ErrorCode.UnknownMemberId;
        RemoveThenRebalance(member, nowMs);
        return ErrorCode.None;
    }

    internal override ErrorCode CheckOffsetDelete() =>
        IsEmpty || protocolType == EmbeddedProtocol.Type ? ErrorCode.None : ErrorCode.NonEmptyGroup;

    internal override bool IsSubscribedTo(string topic)
    {
        if (members.Count == 0)
            return false;
        try
        {
            return ProtocolName is null
                || members.Values.Any(member => EmbeddedProtocol.ReadSubscription(member.MetadataFor(ProtocolName)).Topics.Contains(topic));
        }
        catch (MalformedMessageException)
        {
            // Of what cannot be read anything may be subscribed to.
            return true;
        }
    }

    /// <summary>
    /// Whether offsets may go into a transaction (KIP-447). A producer that names no member is taken, as before Kafka 2.5; one that names
    /// any part of its membership must be of the generation.
    /// </summary>
    internal override ErrorCode CheckTransaction(in CommitClaim claim)
    {
        if (claim.NamesNobody)
            return ErrorCode.None;
        var error = CheckMember(claim.MemberId, claim.InstanceId);
        if (error != ErrorCode.None)
            return error;
        return claim.Epoch == Generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    internal override ErrorCode CheckCommit(in CommitClaim claim, long nowMs)
    {
        if (claim.Epoch < 0 && State == GroupState.Empty)
            return ErrorCode.None;
        if (claim.NamesNobody)
            return ErrorCode.UnknownMemberId;
        var error = CheckMember(claim.MemberId, claim.InstanceId);
        if (error != ErrorCode.None)
            return error;
        if (claim.Epoch != Generation)
            return ErrorCode.IllegalGeneration;
        if (State == GroupState.CompletingRebalance)
            return ErrorCode.RebalanceInProgress;
        KeepAlive(members[claim.MemberId], nowMs);
        return ErrorCode.None;
    }

    void KeepAlive(GroupMember member, long nowMs) => KeepAlive(member, member.SessionTimeoutMs, nowMs);

    void KeepAlive(GroupMember member, int timeoutMs, long nowMs)
    {
        member.Session?.Cancel();
        member.Session = Timers.Schedule(nowMs + timeoutMs, now => OnSessionExpired(member, now));
    }

    void OnSessionExpired(GroupMember member, long nowMs)
    {
        // A parked request shows that the member lives. A new one is not trusted that far: its client may never come back.
        var isWaiting = member.Join is not null || member.Sync is not null;
        if (!isWaiting || member.IsNew)
            RemoveThenRebalance(member, nowMs);
    }

    void Add(GroupMember member)
    {
        members.Add(member.MemberId, member);
        if (member.InstanceId is { } instance)
            memberIdByInstance[instance] = member.MemberId;
        LeaderId ??= member.MemberId;
    }

    void Remove(GroupMember member)
    {
        member.Session?.Cancel();
        members.Remove(member.MemberId);
        pendingSyncs.Remove(member.MemberId);
        if (member.InstanceId is { } instance)
            memberIdByInstance.Remove(instance);
        if (LeaderId == member.MemberId)
            LeaderId = members.Values.FirstOrDefault(other => other.Join is not null)?.MemberId ?? members.Keys.FirstOrDefault();
        AnswerJoin(member, ErrorCode.UnknownMemberId);
        AnswerSync(member, ErrorCode.UnknownMemberId);
    }

    void RemoveThenRebalance(GroupMember member, long nowMs)
    {
        Remove(member);
        if (State is GroupState.Stable or GroupState.CompletingRebalance)
            PrepareRebalance(nowMs);
        else
            CompleteJoinIfAllJoined(nowMs);
    }

    bool CanAll(string protocol) => members.Values.All(member => member.Protocols.Any(own => own.Name == protocol));

    bool Supports(string protocolType, JoinGroupRequest.JoinGroupRequestProtocol[] protocols)
    {
        if (protocolType.Length == 0 || protocols.Length == 0)
            return false;
        return members.Count == 0 || (protocolType == ProtocolType && protocols.Any(protocol => CanAll(protocol.Name)));
    }

    /// <summary>Each member votes for the first of its protocols that all can.</summary>
    string? SelectProtocol() => members.Values
        .Select(member => member.Protocols.FirstOrDefault(protocol => CanAll(protocol.Name))?.Name)
        .Where(name => name is not null)
        .GroupBy(name => name, StringComparer.Ordinal)
        .OrderByDescending(votes => votes.Count()).ThenBy(votes => votes.Key, StringComparer.Ordinal)
        .FirstOrDefault()?.Key;
}
