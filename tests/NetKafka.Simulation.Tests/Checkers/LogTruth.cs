using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>What truly lies in the topics: read out of the fake cluster's store by its own code, never by the client's.</summary>
sealed class LogTruth
{
    readonly RecordBytes _compression = new();

    /// <summary>Every record, partition by partition, in the order of the offsets.</summary>
    public List<LoggedRecord> Records { get; } = [];

    /// <summary>How many partitions each topic has, if it always had as many.</summary>
    public Dictionary<string, int> PartitionCounts { get; } = new(StringComparer.Ordinal);

    /// <summary>What cannot be read.</summary>
    public List<string> Damage { get; } = [];

    /// <param name="cluster">The cluster.</param>
    /// <param name="createdWith">How many partitions topics had in the beginning.</param>
    public static LogTruth Read(ClusterState cluster, IReadOnlyDictionary<string, int> createdWith)
    {
        var truth = new LogTruth();
        foreach (var topic in cluster.Topics)
        {
            if (createdWith.GetValueOrDefault(topic.Name, cluster.Settings.DefaultPartitions) == topic.Partitions.Count)
                truth.PartitionCounts[topic.Name] = topic.Partitions.Count;
            foreach (var partition in topic.Partitions)
            {
                foreach (var batch in partition.Log.Batches)
                    truth.ReadBatch(topic.Name, partition.Index, batch, IsAborted(partition.Log, batch));
            }
        }
        return truth;
    }

    static bool IsAborted(PartitionLog log, StoredBatch batch) => batch.Header.IsTransactional && log.Producers.Aborted.Any(span =>
        span.ProducerId == batch.Header.ProducerId && span.FirstOffset <= batch.BaseOffset && batch.BaseOffset <= span.LastOffset);

    void ReadBatch(string topic, int partition, StoredBatch batch, bool isAborted)
    {
        if (batch.Header.IsControl)
            return;
        if (!_compression.TryOpen(batch.Bytes, out var records))
        {
            Damage.Add($"the batch at {topic}-{partition}@{batch.BaseOffset} cannot be decompressed");
            return;
        }
        var span = records.Span;
        var walker = new RecordWalker(batch.Header, span);
        while (walker.MoveNext())
        {
            var key = walker.Key.Length < 0 ? null : span.Slice(walker.Key.Start, walker.Key.Length).ToArray();
            var value = walker.Value.Length < 0 ? null : span.Slice(walker.Value.Start, walker.Value.Length).ToArray();
            Records.Add(new LoggedRecord(
                value is null ? -1 : Histories.SentRecord.IdOf(value), topic, partition, walker.Offset, walker.Timestamp, key, value,
                walker.HeaderCount, isAborted));
        }
        if (walker.IsDamaged)
            Damage.Add($"the batch at {topic}-{partition}@{batch.BaseOffset} holds a record that cannot be read");
    }
}
