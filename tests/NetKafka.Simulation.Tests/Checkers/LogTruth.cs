using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>What truly lies in the topics: read out of the fake cluster's store by its own code, never by the client's.</summary>
sealed class LogTruth
{
    readonly RecordBytes _compression = new();

    /// <summary>
    /// Every record, partition by partition and life by life of its topic, in the order of the offsets; those that were removed too.
    /// </summary>
    public List<LoggedRecord> Records { get; } = [];

    /// <summary>How many partitions each topic has, if it always had as many.</summary>
    public Dictionary<string, int> PartitionCounts { get; } = new(StringComparer.Ordinal);

    /// <summary>What cannot be read.</summary>
    public List<string> Damage { get; } = [];

    /// <param name="cluster">The cluster.</param>
    /// <param name="createdWith">How many partitions topics had in the beginning.</param>
    /// <param name="removed">What was deleted or compacted away.</param>
    public static LogTruth Read(ClusterState cluster, IReadOnlyDictionary<string, int> createdWith, IEnumerable<LoggedRecord> removed)
    {
        var truth = new LogTruth();
        var byPartition = removed.ToLookup(record => (record.Topic, record.Partition));
        foreach (var topic in cluster.Topics)
        {
            if (createdWith.GetValueOrDefault(topic.Name, cluster.Settings.DefaultPartitions) == topic.Partitions.Count)
                truth.PartitionCounts[topic.Name] = topic.Partitions.Count;
            foreach (var partition in topic.Partitions)
            {
                var gone = byPartition[(topic.Name, partition.Index)].ToArray();
                truth.Records.AddRange(gone.Where(record => record.TopicId != topic.Id).OrderBy(static record => record.TopicId).ThenBy(static record => record.Offset));
                var first = truth.Records.Count;
                truth.Records.AddRange(gone.Where(record => record.TopicId == topic.Id));
                foreach (var batch in partition.Log.Batches)
                    truth.ReadBatch(partition, batch);
                truth.Records.Sort(first, truth.Records.Count - first, Comparer<LoggedRecord>.Create((one, other) => one.Offset.CompareTo(other.Offset)));
            }
        }
        return truth;
    }

    /// <summary>The same of one topic alone.</summary>
    public LogTruth Of(string topic)
    {
        var truth = new LogTruth();
        truth.Records.AddRange(Records.Where(record => record.Topic == topic));
        truth.Damage.AddRange(Damage);
        if (PartitionCounts.TryGetValue(topic, out var partitions))
            truth.PartitionCounts[topic] = partitions;
        return truth;
    }

    /// <summary>The records of one batch.</summary>
    public static List<LoggedRecord> Read(Partition partition, StoredBatch batch)
    {
        var truth = new LogTruth();
        truth.ReadBatch(partition, batch);
        return truth.Records;
    }

    static bool IsAborted(PartitionLog log, StoredBatch batch) => batch.Header.IsTransactional && log.Producers.Aborted.Any(span =>
        span.ProducerId == batch.Header.ProducerId && span.FirstOffset <= batch.BaseOffset && batch.BaseOffset <= span.LastOffset);

    void ReadBatch(Partition partition, StoredBatch batch)
    {
        if (batch.Header.IsControl)
            return;
        var topic = partition.Topic.Name;
        if (!_compression.TryOpen(batch.Bytes, out var records))
        {
            Damage.Add($"the batch at {topic}-{partition.Index}@{batch.BaseOffset} cannot be decompressed");
            return;
        }
        var isAborted = IsAborted(partition.Log, batch);
        var span = records.Span;
        var walker = new RecordWalker(batch.Header, span);
        while (walker.MoveNext())
        {
            var key = walker.Key.Length < 0 ? null : span.Slice(walker.Key.Start, walker.Key.Length).ToArray();
            var value = walker.Value.Length < 0 ? null : span.Slice(walker.Value.Start, walker.Value.Length).ToArray();
            Records.Add(new LoggedRecord(
                value is null ? -1 : Histories.SentRecord.IdOf(value), topic, partition.Topic.Id, partition.Index, walker.Offset, walker.Timestamp, key, value,
                walker.HeaderCount, isAborted, walker.Offset < partition.Log.StartOffset, batch.Header.IsTransactional));
        }
        if (walker.IsDamaged)
            Damage.Add($"the batch at {topic}-{partition.Index}@{batch.BaseOffset} holds a record that cannot be read");
    }
}
