using System.Diagnostics.CodeAnalysis;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// One balanced assignment that moves as little as it can: members keep what they own, what is free goes to the least
/// loaded, and then partitions move only from a member to one that has at least two fewer. Each such move makes the sum of
/// the squared loads smaller, so there is an end whatever the input.
/// </summary>
sealed class StickyPlan
{
    readonly List<Share> _shares;
    readonly Dictionary<string, List<Share>> _readers = [];

    public StickyPlan(SortedDictionary<string, int> partitionCounts, IReadOnlyList<MemberSubscription> members)
    {
        _shares = [.. members.Order().Select(member => new Share(member))];
        foreach (var topic in partitionCounts.Keys)
            _readers[topic] = [];
        foreach (var share in _shares)
        {
            foreach (var topic in share.Member.Topics.Distinct())
            {
                if (_readers.TryGetValue(topic, out var readers))
                    readers.Add(share);
            }
        }
        var free = KeepOwned(partitionCounts);
        Spread(free);
        if (AllReadTheSame())
            LevelAlike();
        else
            LevelByMoves();
    }

    public IEnumerable<(string MemberId, List<TopicPartition> Partitions)> Result =>
        _shares.Select(share => (share.Member.MemberId, share.Partitions.Order().ToList()));

    /// <summary>
    /// Gives each partition to whoever owns it by the newest claim; what nobody owns, or two claim alike, is free.
    /// </summary>
    List<TopicPartition> KeepOwned(SortedDictionary<string, int> partitionCounts)
    {
        var claims = new Dictionary<TopicPartition, Claim>();
        foreach (var share in _shares)
        {
            foreach (var partition in share.Member.Owned.Distinct())
            {
                if (!partitionCounts.TryGetValue(partition.Topic, out var count) || (uint)partition.Partition >= (uint)count
                    || !share.Member.Topics.Contains(partition.Topic))
                    continue;
                if (!claims.TryGetValue(partition, out var other) || share.Member.Generation > other.Generation)
                    claims[partition] = new Claim(share, share.Member.Generation);
                else if (share.Member.Generation == other.Generation)
                    claims[partition] = new Claim(null, other.Generation);
            }
        }
        var free = new List<TopicPartition>();
        foreach (var (topic, count) in partitionCounts)
        {
            for (var i = 0; i < count; i++)
            {
                var partition = new TopicPartition(topic, i);
                if (claims.TryGetValue(partition, out var claim) && claim.Owner is { } owner)
                    owner.Keep(partition);
                else
                    free.Add(partition);
            }
        }
        return free;
    }

    /// <summary>Hands out what is free, the partitions that fewest can read first.</summary>
    void Spread(List<TopicPartition> free)
    {
        var byLoad = new SortedSet<Share>(Share.ByLoad);
        string? topic = null;
        foreach (var partition in free.OrderBy(partition => _readers[partition.Topic].Count).ThenBy(partition => partition))
        {
            if (partition.Topic != topic)
            {
                topic = partition.Topic;
                byLoad = new SortedSet<Share>(_readers[topic], Share.ByLoad);
            }
            if (byLoad.Min is not { } least)
                continue;
            byLoad.Remove(least);
            least.Add(partition);
            byLoad.Add(least);
        }
    }

    bool AllReadTheSame() => _readers.Values.All(readers => readers.Count == 0 || readers.Count == _shares.Count);

    /// <summary>Where any member can take any partition, the most loaded gives to the least loaded.</summary>
    void LevelAlike()
    {
        var byLoad = new SortedSet<Share>(_shares, Share.ByLoad);
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

    void LevelByMoves()
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var share in _shares.OrderByDescending(share => share.Load).ThenBy(share => share.Member).ToList())
            {
                while (TryFindMove(share, out var index, out var receiver))
                {
                    receiver.Add(share.GiveAt(index));
                    moved = true;
                }
            }
        }
    }

    /// <summary>The move that helps most: to the least loaded member that can read one of this member's partitions.</summary>
    bool TryFindMove(Share share, out int index, [NotNullWhen(true)] out Share? receiver)
    {
        (index, receiver) = (-1, null);
        // What came last is what was not owned before, if there is such.
        for (var i = share.Partitions.Count - 1; i >= 0; i--)
        {
            foreach (var reader in _readers[share.Partitions[i].Topic])
            {
                if (reader.Load + 1 < share.Load && (receiver is null || reader.Load < receiver.Load))
                    (index, receiver) = (i, reader);
            }
        }
        return receiver is not null;
    }

    /// <summary>Who says, since when, that a partition is his; nobody where two say so of the same generation.</summary>
    readonly record struct Claim(Share? Owner, int Generation);

    /// <summary>What one member gets.</summary>
    sealed class Share(MemberSubscription member)
    {
        public static readonly IComparer<Share> ByLoad = Comparer<Share>.Create((left, right) =>
            left.Load != right.Load ? left.Load.CompareTo(right.Load) : left.Member.CompareTo(right.Member));

        public MemberSubscription Member { get; } = member;

        public List<TopicPartition> Partitions { get; } = [];

        public int Load => Partitions.Count;

        public void Keep(TopicPartition partition) => Partitions.Add(partition);

        public void Add(TopicPartition partition) => Partitions.Add(partition);

        public TopicPartition GiveLast() => GiveAt(Partitions.Count - 1);

        public TopicPartition GiveAt(int index)
        {
            var partition = Partitions[index];
            Partitions.RemoveAt(index);
            return partition;
        }
    }
}
