using NetKafka.Consuming;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>One topic that is being cut into ranges: what each reader may still get, and what is left.</summary>
sealed class TopicRanges
{
    readonly GroupTopics _topics;
    readonly GroupAssignment _assignment;
    readonly bool[] _isGiven;
    readonly int[] _got;
    readonly int _share;
    int _leftOver;

    public TopicRanges(GroupTopics topics, string name, List<MemberSubscription> readers, GroupAssignment assignment)
    {
        (_topics, Name, Readers, _assignment) = (topics, name, readers, assignment);
        Count = topics.Counts[name];
        (_isGiven, _got) = (new bool[Count], new int[readers.Count]);
        if (readers.Count > 0)
            (_share, _leftOver) = (Count / readers.Count, Count % readers.Count);
        Racks = RackMatching.Of(topics, Enumerable.Range(0, Count).Select(Partition), readers);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.LeftOverPartitionsAreForgotten))
            _leftOver = 0;
#endif
    }

    public string Name { get; }

    public int Count { get; }

    /// <summary>Who reads the topic, in the members' order.</summary>
    public List<MemberSubscription> Readers { get; }

    /// <summary>Null where racks make no difference for this topic.</summary>
    public RackMatching? Racks { get; }

    /// <summary>Whether both topics have as many partitions and the same readers, so that they are to be shared alike.</summary>
    public bool IsSharedLike(TopicRanges other) => Count == other.Count && Readers.SequenceEqual(other.Readers, ReferenceEqualityComparer.Instance);

    /// <summary>How many partitions a reader may still get; one of those that are left over among them, as long as there are any.</summary>
    public int RoomOf(int reader) => Math.Max(0, _share + (_leftOver > 0 ? 1 : 0) - _got[reader]);

    /// <summary>Whether the reader names no rack, or one where the partition has a replica.</summary>
    public bool Matches(int reader, int partition) =>
        Readers[reader].Rack is not { } rack || _topics.RacksOf(Partition(partition)).Contains(rack);

    public void Give(int reader, int partition)
    {
        _isGiven[partition] = true;
        if (++_got[reader] == _share + 1)
            _leftOver--;
        _assignment.Add(Readers[reader].MemberId, Partition(partition));
    }

    /// <summary>Gives readers, the first ones first, what has a replica in their racks, if racks make a difference.</summary>
    public void GiveMatching()
    {
        if (Racks is not null)
            Give(Matches);
    }

    /// <summary>Gives what is left, each reader a range; the first ones get what is left over.</summary>
    public void GiveRanges() => Give(static (_, _) => true);

    void Give(Func<int, int, bool> mayGive)
    {
        for (var reader = 0; reader < Readers.Count; reader++)
        {
            var room = RoomOf(reader);
            for (var partition = 0; partition < Count && room > 0; partition++)
            {
                if (_isGiven[partition] || !mayGive(reader, partition))
                    continue;
                Give(reader, partition);
                room--;
            }
        }
    }

    TopicPartition Partition(int number) => new(Name, number);
}
