using NetKafka.Consuming;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>What one member gets by a sticky plan.</summary>
sealed class StickyShare(MemberSubscription member)
{
    public static readonly IComparer<StickyShare> ByLoad = Comparer<StickyShare>.Create((left, right) =>
        left.Load != right.Load ? left.Load.CompareTo(right.Load) : MemberOrder.Instance.Compare(left.Member, right.Member));

    readonly HashSet<TopicPartition> _kept = [];
    readonly HashSet<string> _topics = [.. member.Topics];

    public MemberSubscription Member { get; } = member;

    /// <summary>What it has kept comes first, then what it was given.</summary>
    public List<TopicPartition> Partitions { get; } = [];

    public int Load => Partitions.Count;

    public bool Reads(string topic) => _topics.Contains(topic);

    /// <summary>Whether it had the partition before.</summary>
    public bool Had(TopicPartition partition) => _kept.Contains(partition);

    public void Keep(TopicPartition partition)
    {
        _kept.Add(partition);
        Partitions.Add(partition);
    }

    public void Add(TopicPartition partition) => Partitions.Add(partition);

    public TopicPartition GiveLast() => GiveAt(Partitions.Count - 1);

    public TopicPartition GiveAt(int index)
    {
        var partition = Partitions[index];
        Partitions.RemoveAt(index);
        return partition;
    }
}
