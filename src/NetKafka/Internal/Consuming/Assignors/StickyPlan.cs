using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// One assignment that is as balanced as it can be and moves little: members keep what they own, what is free goes to the least loaded, and
/// then partitions move only where that makes the loads more even. Where racks make a difference (KIP-881), partitions then change places
/// until no move or exchange brings one more of them into the rack of its reader and leaves the loads as they are. Each step makes the sum of
/// the squared loads smaller, or leaves it and makes the mismatches fewer, so there is an end whatever the input; and a plan that is given
/// its own result moves nothing.
/// </summary>
sealed partial class StickyPlan
{
    readonly GroupTopics _topics;
    readonly RackMatching? _racks;
    readonly List<StickyShare> _shares;
    readonly Dictionary<string, List<StickyShare>> _readers = [];

    public StickyPlan(GroupTopics topics, IReadOnlyList<MemberSubscription> members, StickyDepth depth)
    {
        _topics = topics;
        _shares = [.. members.Order(MemberOrder.Instance).Select(member => new StickyShare(member))];
        foreach (var topic in topics.Counts.Keys)
            _readers[topic] = [.. _shares.Where(share => share.Reads(topic))];
        _racks = RackMatching.Of(topics, All(), members);
        Complete(KeepOwned());
        if (depth == StickyDepth.Free)
            return;
        if (_racks is null && AllReadTheSame())
            LevelAlike();
        else
            Level(alsoKept: true);
        if (depth == StickyDepth.Racks && _racks is not null)
            MatchRacks(_racks, alsoKept: true);
    }

    /// <summary>Whether racks make a difference.</summary>
    public bool MindsRacks => _racks is not null;

    /// <summary>What is to be small: the sum of the squared loads, then the number of partitions that are in other racks than their readers.</summary>
    public (long Loads, int Mismatches) Cost => (
        _shares.Sum(share => (long)share.Load * share.Load),
        _shares.Sum(share => share.Partitions.Sum(partition => Mismatches(share, partition))));

    /// <summary>Who gets what, all of it, also what somebody else reads yet.</summary>
    public GroupAssignment Result
    {
        get
        {
            var result = new GroupAssignment();
            foreach (var share in _shares)
                result.Add(share.Member.MemberId, share.Partitions);
            return result;
        }
    }

    IEnumerable<TopicPartition> All() =>
        _topics.Counts.SelectMany(topic => Enumerable.Range(0, topic.Value).Select(number => new TopicPartition(topic.Key, number)));

    /// <summary>
    /// Gives each partition to whoever owns it by the newest claim; what nobody owns, or two claim alike, is free.
    /// </summary>
    List<TopicPartition> KeepOwned()
    {
        var claims = new Dictionary<TopicPartition, Claim>();
        foreach (var share in _shares)
        {
            var generation = share.Member.Generation;
            foreach (var partition in share.Member.OwnedPartitions.Distinct())
            {
                if (!_topics.Has(partition) || !share.Reads(partition.Topic))
                    continue;
                if (!claims.TryGetValue(partition, out var other) || generation > other.Generation)
                    claims[partition] = new Claim(share, generation);
                else if (generation == other.Generation)
                    claims[partition] = new Claim(null, generation);
            }
        }
        var free = new List<TopicPartition>();
        foreach (var partition in All())
        {
            if (claims.TryGetValue(partition, out var claim) && claim.Owner is { } owner)
                owner.Keep(partition);
            else
                free.Add(partition);
        }
        return free;
    }

    /// <summary>
    /// Places what is free beside what is kept so that the loads are as even as they can be without moving what is kept. A group that gives up
    /// partitions for a plan then finds a place for them in the next one that is as good, whatever the way there: no two plans alternate.
    /// </summary>
    void Complete(List<TopicPartition> free)
    {
        if (_racks is null)
            Spread(free);
        else
            SpreadByRacks(free, _racks);
        if (free.Count == 0 || (_racks is null && AllReadTheSame()))
            return;
        Level(alsoKept: false);
        if (_racks is not null)
            MatchRacks(_racks, alsoKept: false);
    }

    /// <summary>Hands out what is free, the partitions that fewest can read first.</summary>
    void Spread(List<TopicPartition> free)
    {
        var byLoad = new SortedSet<StickyShare>(StickyShare.ByLoad);
        string? topic = null;
        foreach (var partition in free.OrderBy(partition => _readers[partition.Topic].Count).ThenBy(partition => partition))
        {
            if (partition.Topic != topic)
            {
                topic = partition.Topic;
                byLoad = new SortedSet<StickyShare>(_readers[topic], StickyShare.ByLoad);
            }
            if (byLoad.Min is not { } least)
                continue;
            byLoad.Remove(least);
            least.Add(partition);
            byLoad.Add(least);
        }
    }

    /// <summary>
    /// As <see cref="Spread"/>, at first to members in the racks of the replicas alone, the partitions that fewest of them can read first;
    /// what finds nobody there goes to the least loaded.
    /// </summary>
    void SpreadByRacks(List<TopicPartition> free, RackMatching racks)
    {
        // Where all can read everything nobody gets more than this in the end.
        var most = AllReadTheSame() ? (_topics.Counts.Values.Sum() + _shares.Count - 1) / Math.Max(1, _shares.Count) : int.MaxValue;
        var left = new List<TopicPartition>();
        // Most partitions of a topic have their replicas in the same few racks.
        var nearby = new Dictionary<(string Topic, string Racks), List<StickyShare>>();
        List<StickyShare> Near(TopicPartition partition)
        {
            var key = (partition.Topic, string.Join('\n', _topics.RacksOf(partition)));
            if (!nearby.TryGetValue(key, out var near))
                nearby.Add(key, near = _readers[partition.Topic].FindAll(share => racks.IsMatch(share.Member, partition)));
            return near;
        }
        var byChoice = free.Select(partition => (Partition: partition, Near: Near(partition)))
            .OrderBy(choice => _readers[choice.Partition.Topic].Count).ThenBy(choice => choice.Near.Count).ThenBy(choice => choice.Partition);
        foreach (var (partition, near) in byChoice)
        {
            if (LeastLoaded(near) is { } least && least.Load < most)
                least.Add(partition);
            else
                left.Add(partition);
        }
        foreach (var partition in left)
            LeastLoaded(_readers[partition.Topic])?.Add(partition);
    }

    static StickyShare? LeastLoaded(List<StickyShare> shares)
    {
        StickyShare? least = null;
        foreach (var share in shares)
        {
            if (least is null || share.Load < least.Load)
                least = share;
        }
        return least;
    }

    /// <summary>Makes the loads as even as they can be: at first by single moves, which are cheap and move little.</summary>
    void Level(bool alsoKept)
    {
        LevelByMoves(alsoKept);
        LevelByPaths(alsoKept);
    }

    bool AllReadTheSame() => _readers.Values.All(readers => readers.Count == 0 || readers.Count == _shares.Count);

    /// <summary>Where any member can take any partition, the most loaded gives to the least loaded.</summary>
    void LevelAlike()
    {
        var byLoad = new SortedSet<StickyShare>(_shares, StickyShare.ByLoad);
        while (byLoad.Count > 1 && byLoad.Max!.Load > byLoad.Min!.Load + 1)
        {
            var (most, least) = (byLoad.Max, byLoad.Min);
            byLoad.Remove(most);
            byLoad.Remove(least);
            least.Add(most.GiveLast());
            byLoad.Add(most);
            byLoad.Add(least);
        }
    }

    int Mismatches(StickyShare share, TopicPartition partition) => _racks?.IsMismatch(share.Member, partition) == true ? 1 : 0;

    /// <summary>Who says, since when, that a partition is his; nobody where two say so of the same generation.</summary>
    readonly record struct Claim(StickyShare? Owner, int Generation);
}
