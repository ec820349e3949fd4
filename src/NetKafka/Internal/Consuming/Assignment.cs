using System.Diagnostics.CodeAnalysis;

namespace NetKafka.Internal.Consuming;

/// <summary>
/// The partitions of one consumer, in order. The machines change it inside the turn; <see cref="Snapshot"/> may be read from
/// any thread.
/// </summary>
sealed class Assignment
{
    readonly SortedDictionary<TopicPartition, AssignedPartition> _partitions = [];
    volatile AssignedPartition[] _snapshot = [];

    public IReadOnlyCollection<AssignedPartition> Partitions => _snapshot;

    public AssignedPartition[] Snapshot => _snapshot;

    /// <summary>Grows with every change, so that what is derived from it can tell.</summary>
    public int Generation { get; private set; }

    public bool TryGet(TopicPartition partition, [NotNullWhen(true)] out AssignedPartition? assigned) =>
        _partitions.TryGetValue(partition, out assigned);

    /// <summary>Finds a partition from any thread.</summary>
    public AssignedPartition? Find(TopicPartition partition)
    {
        var partitions = _snapshot;
        var (low, high) = (0, partitions.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = partitions[middle].Partition.CompareTo(partition);
            if (order == 0)
                return partitions[middle];
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    public void Add(AssignedPartition partition)
    {
        _partitions.Add(partition.Partition, partition);
        Change();
    }

    public void Remove(TopicPartition partition)
    {
        if (_partitions.Remove(partition))
            Change();
    }

    void Change()
    {
        Generation++;
        _snapshot = [.. _partitions.Values];
    }
}
