using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>
/// One group of the consumer protocol (KIP-848), by the rules of the broker's coordinator. What members want gives it an epoch; an
/// assignor gives a target for that epoch; each member is taken there by its heartbeats. All of this is written to the log on a broker,
/// so a move of the coordinator takes nothing away but timers.
/// </summary>
sealed partial class ConsumerGroup(string groupId, ClusterState cluster, OffsetStore offsets) : Group(groupId, offsets)
{
    const int FirstEpoch = 1;

    readonly SortedDictionary<string, ConsumerGroupMember> members = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, string> memberIdByInstance = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, SortedSet<TopicIdPartition>> targets = new(StringComparer.Ordinal);
    readonly TopicRegexes regexes = new();

    internal override string TypeName => "consumer";

    internal override string StateName => State.ToString();

    internal override string? ProtocolType => EmbeddedProtocol.Type;

    internal override bool IsEmpty => members.Count == 0;

    internal override IEnumerable<ConsumerGroupMember> Members => members.Values;

    internal override int Count => members.Count;

    /// <summary>Grows with every change of what members want and of the topics that they subscribe to.</summary>
    internal int GroupEpoch { get; private set; } = FirstEpoch;

    /// <summary>The group epoch that the target was made for.</summary>
    internal int AssignmentEpoch { get; private set; } = FirstEpoch;

    internal ConsumerGroupState State
    {
        get
        {
            if (IsEmpty)
                return ConsumerGroupState.Empty;
            if (GroupEpoch > AssignmentEpoch)
                return ConsumerGroupState.Assigning;
            return members.Values.All(member => member.IsReconciledTo(AssignmentEpoch))
                ? ConsumerGroupState.Stable
                : ConsumerGroupState.Reconciling;
        }
    }

    /// <summary>The assignor that most of the members that name one ask for.</summary>
    internal string AssignorName => members.Values
        .Select(member => member.ServerAssignor)
        .Where(static name => name is not null)
        .GroupBy(name => name, StringComparer.Ordinal)
        .OrderByDescending(static votes => votes.Count()).ThenBy(static votes => votes.Key, StringComparer.Ordinal)
        .FirstOrDefault()?.Key ?? ServerAssignors.Default.Name;

    TimerQueue Timers => cluster.Timers;

    internal ConsumerGroupMember? Find(string memberId) => members.GetValueOrDefault(memberId);

    internal IReadOnlyCollection<TopicIdPartition> TargetOf(string memberId) => targets.TryGetValue(memberId, out var target) ? target : [];

    internal override void Unload()
    {
        regexTimer?.Cancel();
        regexTimer = null;
        foreach (var member in members.Values)
            member.CancelTimers();
    }

    internal override void Load(long nowMs)
    {
        foreach (var member in members.Values)
        {
            KeepAlive(member, nowMs);
            if (member.State == MemberState.UnrevokedPartitions && member.Classic is null)
                StartRebalanceTimer(member, nowMs);
        }
    }

    ConsumerGroupMember? FindStatic(string instanceId) =>
        memberIdByInstance.TryGetValue(instanceId, out var memberId) ? members[memberId] : null;

    void KeepAlive(ConsumerGroupMember member, long nowMs)
    {
        member.Session?.Cancel();
        var timeoutMs = member.Classic?.SessionTimeoutMs ?? cluster.GroupConfigs.Number(GroupId, GroupConfigNames.ConsumerSessionTimeoutMs);
        member.Session = Timers.Schedule(nowMs + timeoutMs, now => Remove(member, now));
    }

    /// <summary>A member that does not give up in time what it was told to is out.</summary>
    void StartRebalanceTimer(ConsumerGroupMember member, long nowMs)
    {
        var epoch = member.Epoch;
        member.Rebalance?.Cancel();
        member.Rebalance = Timers.Schedule(nowMs + member.RebalanceTimeoutMs, now =>
        {
            if (member.Epoch == epoch)
                Remove(member, now);
        });
    }

    /// <summary>A member is out: it left, or its time was over. Without it the group may be one of classic members alone.</summary>
    void Remove(ConsumerGroupMember member, long nowMs)
    {
        if (OnlyClassicsBut(member) && MayGoBack(Count - 1))
        {
            GoBack(member, needsRebalance: true, nowMs);
            return;
        }

        Forget(member);
        ForgetUnusedRegex(member.TopicRegex);
        RaiseEpoch();
    }

    void Forget(ConsumerGroupMember member)
    {
        member.CancelTimers();
        members.Remove(member.MemberId);
        targets.Remove(member.MemberId);
        if (member.InstanceId is { } instance)
            memberIdByInstance.Remove(instance);
    }
}
