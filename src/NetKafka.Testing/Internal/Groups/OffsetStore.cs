namespace NetKafka.Testing.Internal.Groups;

/// <summary>The committed offsets of one group, by topic name and partition.</summary>
sealed class OffsetStore
{
    readonly SortedDictionary<string, SortedDictionary<int, CommittedOffset>> topics = new(StringComparer.Ordinal);

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

    /// <summary>Offsets go with their topic.</summary>
    internal void Forget(string topic) => topics.Remove(topic);
}
