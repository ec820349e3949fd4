using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>What truly lies in the topics: read out of the fake cluster's store by its own code, never by the client's.</summary>
sealed class LogTruth
{
    readonly RecordBytes _compression = new();

    /// <summary>Every record, partition by partition, in the order of the offsets.</summary>
    public List<LoggedRecord> Records { get; } = [];

    /// <summary>What cannot be read.</summary>
    public List<string> Damage { get; } = [];

    public static LogTruth Read(ClusterState cluster)
    {
        var truth = new LogTruth();
        foreach (var topic in cluster.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                foreach (var batch in partition.Log.Batches)
                    truth.ReadBatch(topic.Name, partition.Index, batch);
            }
        }
        return truth;
    }

    void ReadBatch(string topic, int partition, StoredBatch batch)
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
                walker.HeaderCount));
        }
        if (walker.IsDamaged)
            Damage.Add($"the batch at {topic}-{partition}@{batch.BaseOffset} holds a record that cannot be read");
    }
}
