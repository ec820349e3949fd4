using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// What the leader of a group has to do: know the partitions of all topics that any member names, share them, and notice when
/// their number changes, or for a leader that names its rack the racks of their replicas (KIP-881).
/// </summary>
sealed class GroupLeader(ICluster cluster, string? rack)
{
    readonly SortedSet<string> _topics = new(StringComparer.Ordinal);
    GroupTopics? _sharedOut;
    GroupTopics? _lastSharedOut;
    List<MemberSubscription> _members = [];

    public PartitionAssignor? Assignor { get; private set; }

    /// <summary>Takes over for one generation.</summary>
    public void Begin(JoinGroupResponse response, PartitionAssignor assignor)
    {
        Assignor = assignor;
        (_sharedOut, IsBlind) = (null, false);
        _members = [.. response.Members
            .Select(member => GroupMessages.ReadSubscription(member.MemberId, member.GroupInstanceId, member.Metadata, assignor))
            .DistinctBy(member => member.MemberId)];
        var wanted = new SortedSet<string>(_members.SelectMany(member => member.Topics), StringComparer.Ordinal);
        foreach (var topic in wanted.Except(_topics).ToList())
            cluster.Watch(topic);
        foreach (var topic in _topics.Except(wanted).ToList())
            cluster.Unwatch(topic);
        _topics.Clear();
        _topics.UnionWith(wanted);
    }

    /// <summary>Whether something is known of every topic, if only that there is no such topic.</summary>
    public bool KnowsAllTopics => _topics.All(cluster.View.Topics.ContainsKey);

    /// <summary>
    /// What there is to do to share the partitions that are known now. It touches nothing that changes, so it may be done at once, or outside
    /// of the turn where the assignor is the application's.
    /// </summary>
    public Func<LeaderShares> Share()
    {
        var (topics, assignor, members) = (Topics(), Assignor!, _members);
        _sharedOut = _lastSharedOut = topics;
        return () => Written(assignor.Assign(topics, members));
    }

    /// <summary>Whether partitions were given to nobody: a member has to give them up first, and joins again when it has.</summary>
    public bool HasWithheld(LeaderShares shares) => shares.Partitions < _sharedOut?.Counts.Values.Sum();

    /// <summary>
    /// Leads without sharing anew: a static member that came back to an unchanged group (KIP-814). Partitions that were added while it
    /// was away are in nobody's share, which shows where it has shared out itself before; else it has to be learned.
    /// </summary>
    public void KeepShares() => (_sharedOut, IsBlind) = (_lastSharedOut ?? Topics(), _lastSharedOut is null);

    /// <summary>Whether it leads and does not know what was shared out, since an earlier process of its name did that.</summary>
    public bool IsBlind { get; private set; }

    /// <summary>Takes what the members were given for what was shared out; null where nobody tells.</summary>
    public void Learn(IEnumerable<TopicPartition>? given)
    {
        IsBlind = false;
        if (given is null)
            return;
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var partition in given.Distinct())
            counts[partition.Topic] = counts.GetValueOrDefault(partition.Topic) + 1;
        _sharedOut = _lastSharedOut = new GroupTopics(counts);
    }

    /// <summary>
    /// As <see cref="KeepShares"/>, where the coordinator is too old to say who leads: what was shared out last tells which topics count.
    /// </summary>
    public void Resume(PartitionAssignor assignor)
    {
        (Assignor, _sharedOut, _members) = (assignor, _lastSharedOut, []);
        foreach (var topic in _lastSharedOut?.Counts.Keys ?? Enumerable.Empty<string>())
        {
            if (_topics.Add(topic))
                cluster.Watch(topic);
        }
    }

    /// <summary>Whether the cluster has other partitions now than were shared out, or replicas in other racks.</summary>
    public bool IsOutdated =>
        _sharedOut is not null && !GroupTopics.From(cluster.View, _topics, withRacks: rack is not null).CallsForTheSameAs(_sharedOut);

    /// <summary>Leads no longer.</summary>
    public void End()
    {
        foreach (var topic in _topics)
            cluster.Unwatch(topic);
        _topics.Clear();
        (_sharedOut, Assignor, IsBlind) = (null, null, false);
        _members = [];
    }

    GroupTopics Topics() => GroupTopics.From(cluster.View, _topics);

    static LeaderShares Written(GroupAssignment assignment) => new(
    [
        .. assignment.MemberIds.Select(memberId => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = memberId,
            Assignment = GroupMessages.Assignment(assignment.PartitionsOf(memberId), assignment.UserDataOf(memberId)),
        }),
    ],
    assignment.MemberIds.Sum(memberId => assignment.PartitionsOf(memberId).Count));
}
