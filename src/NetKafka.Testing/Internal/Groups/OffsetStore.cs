namespace NetKafka.Testing.Internal.Groups;

/// <summary>The committed offsets of one group, by topic name and partition.</summary>
sealed class OffsetStore
{
    readonly SortedDictionary<string, SortedDictionary<int, CommittedOffset>> topics = new(StringComparer.Ordinal);
    readonly SortedDictionary<long, List<StagedOffset>> staged = [];

    internal bool IsEmpty => topics.Count == 0;

    internal IEnumerable<string> Topics => topics.Keys;

    internal IEnumerable<int> PartitionsOf(string topic) =>
        topics.TryGetValue(topic, out var partitions) ? partitions.Keys : [];

    internal void Commit(string topic, int partition, CommittedOffset offset)
    {
        if (!topics.TryGetValue(topic, out var partitions))
            topics.Add(topic, partitions = []);
        partitions[partition] = offset;
    }

    internal CommittedOffset? Find(string topic, int partition) =>
        topics.TryGetValue(topic, out var partitions) && partitions.TryGetValue(partition, out var offset) ? offset : null;

    /// <summary>Takes an offset that counts once the transaction of a producer is committed.</summary>
    internal void Stage(long producerId, string topic, int partition, CommittedOffset offset)
    {
        if (!staged.TryGetValue(producerId, out var offsets))
            staged.Add(producerId, offsets = []);
        offsets.Add(new StagedOffset(topic, partition, offset));
    }

    /// <summary>Whether an open transaction has an offset of a partition.</summary>
    internal bool IsStaged(string topic, int partition) =>
        staged.Values.Any(offsets => offsets.Exists(offset => offset.Topic == topic && offset.Partition == partition));

    /// <summary>The transaction of a producer has ended.</summary>
    internal void EndTransaction(long producerId, bool commits)
    {
        if (!staged.Remove(producerId, out var offsets) || !commits)
            return;
        foreach (var (topic, partition, offset) in offsets)
            Commit(topic, partition, offset);
    }

    internal void Delete(string topic, int partition)
    {
        if (topics.TryGetValue(topic, out var partitions) && partitions.Remove(partition) && partitions.Count == 0)
            topics.Remove(topic);
    }

    /// <summary>Offsets go with their topic.</summary>
    internal void Forget(string topic) => topics.Remove(topic);
}

/// <summary>An offset in a transaction that has not ended.</summary>
readonly record struct StagedOffset(string Topic, int Partition, CommittedOffset Offset);
