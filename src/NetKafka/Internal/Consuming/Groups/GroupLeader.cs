using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// What the leader of a group has to do: know the partitions of all topics that any member names, share them, and notice when
/// their number changes.
/// </summary>
sealed class GroupLeader(ICluster cluster)
{
    readonly SortedSet<string> _topics = new(StringComparer.Ordinal);
    SortedDictionary<string, int>? _sharedOut;
    SortedDictionary<string, int>? _lastSharedOut;
    List<MemberSubscription> _members = [];

    public PartitionAssignor? Assignor { get; private set; }

    /// <summary>Takes over for one generation.</summary>
    public void Begin(JoinGroupResponse response, PartitionAssignor assignor)
    {
        Assignor = assignor;
        (_sharedOut, IsBlind, HasWithheld) = (null, false, false);
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

    /// <summary>Shares the partitions that are known now.</summary>
    public SyncGroupRequest.SyncGroupRequestAssignment[] Share()
    {
        _sharedOut = _lastSharedOut = Counts();
        var shares = Assignor!.Assign(_sharedOut, _members);
        HasWithheld = shares.Sum(static share => share.Value.Count) < _sharedOut.Values.Sum();
        return [.. shares.Select(share => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = share.Key, Assignment = GroupMessages.Assignment(share.Value),
        })];
    }

    /// <summary>Whether partitions were given to nobody: a member has to give them up first, and joins again when it has.</summary>
    public bool HasWithheld { get; private set; }

    /// <summary>
    /// Leads without sharing anew: a static member that came back to an unchanged group (KIP-814). Partitions that were added while it
    /// was away are in nobody's share, which shows where it has shared out itself before; else it has to be learned.
    /// </summary>
    public void KeepShares() => (_sharedOut, IsBlind) = (_lastSharedOut ?? Counts(), _lastSharedOut is null);

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
        _sharedOut = _lastSharedOut = counts;
    }

    /// <summary>
    /// As <see cref="KeepShares"/>, where the coordinator is too old to say who leads: what was shared out last tells which topics count.
    /// </summary>
    public void Resume(PartitionAssignor assignor)
    {
        (Assignor, _sharedOut, _members) = (assignor, _lastSharedOut, []);
        foreach (var topic in _lastSharedOut?.Keys ?? Enumerable.Empty<string>())
        {
            if (_topics.Add(topic))
                cluster.Watch(topic);
        }
    }

    /// <summary>Whether the cluster has other partitions now than were shared out.</summary>
    public bool IsOutdated => _sharedOut is not null && !Counts().SequenceEqual(_sharedOut);

    /// <summary>Leads no longer.</summary>
    public void End()
    {
        foreach (var topic in _topics)
            cluster.Unwatch(topic);
        _topics.Clear();
        (_sharedOut, Assignor, IsBlind, HasWithheld) = (null, null, false, false);
        _members = [];
    }

    SortedDictionary<string, int> Counts()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in _topics)
        {
            if (cluster.View.Topics.TryGetValue(topic, out var view) && view.Partitions.Length > 0)
                counts.Add(topic, view.Partitions.Length);
        }
        return counts;
    }
}
