using System.Buffers.Binary;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Faults;

/// <summary>
/// Takes records out of logs that lie there for certain: as DeleteRecords does, from the beginning, and as compaction does, here
/// and there. What was taken is kept, since who read it before was right.
/// </summary>
/// <param name="onRemoved">Told of each record.</param>
/// <param name="onRecreated">Told of each topic that was created anew, by its name.</param>
sealed class LogSurgery(Action<LoggedRecord> onRemoved, Action<string>? onRecreated = null)
{
    // Offsets in a record batch of format 2.
    const int LengthAt = 8;
    const int LengthEnd = 12;
    const int CountAt = 57;

    const int MostLostBatches = 6;

    readonly List<LoggedRecord> _removed = [];
    readonly HashSet<(string Topic, int Partition, long Offset, int Id)> _gone = [];
    readonly HashSet<(Guid TopicId, int Partition)> _hesitant = [];
    readonly HashSet<(Guid TopicId, int Partition, long ProducerId)> _refused = [];

    /// <summary>What was taken.</summary>
    public IReadOnlyList<LoggedRecord> Removed => _removed;

    /// <summary>Whether a topic was created anew.</summary>
    public bool HasRecreated { get; private set; }

    /// <summary>What was lost with leaders.</summary>
    public Losses Losses { get; } = new();

    /// <summary>Deletes records from the beginning of a partition, and leaves at least one offset below its stable end.</summary>
    /// <returns>Where the log begins now; −1 where there was nothing to delete.</returns>
    public long Delete(Partition partition, int howMuch, long nowMs)
    {
        var log = partition.Log;
        var left = partition.LastStableOffset - log.StartOffset;
        if (left < 2)
            return -1;
        var start = log.StartOffset + 1 + howMuch % (left - 1);
        foreach (var batch in log.Batches.TakeWhile(batch => batch.BaseOffset < start))
        {
            foreach (var record in LogTruth.Read(partition, batch))
            {
                // Of a batch that stays the log itself tells which of its records are below its start.
                if (batch.LastOffset < start)
                    _removed.Add(record with { IsRemoved = true });
                if (record.Offset >= log.StartOffset && record.Offset < start)
                    onRemoved(record);
            }
        }
        ClusterState.DeleteRecords(partition, start, nowMs);
        return start;
    }

    /// <summary>Deletes a topic and creates it anew, at once and as it was.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="number">Which.</param>
    /// <param name="hesitant">For each partition a bit that says whether its leader is not ready for a producer's first request.</param>
    /// <param name="nowMs">When.</param>
    /// <returns>The new one; null where not all of its brokers run.</returns>
    public Topic? Recreate(ClusterState cluster, int number, int hesitant, long nowMs)
    {
        var topics = cluster.Topics.ToArray();
        if (topics.Length == 0 || cluster.Brokers.Any(static broker => !broker.IsUp))
            return null;
        var old = topics[number % topics.Length];
        foreach (var partition in old.Partitions)
        {
            foreach (var record in partition.Log.Batches.SelectMany(batch => LogTruth.Read(partition, batch)))
                _removed.Add(record with { IsRemoved = true });
            foreach (var record in _removed.Where(record => record.TopicId == old.Id && record.Partition == partition.Index))
                _gone.Add((record.Topic, record.Partition, record.Offset, record.Id));
        }
        var order = new TopicOrder(old.Name) { Partitions = old.Partitions.Count, ReplicationFactor = old.Partitions[0].Replicas.Length };
        HasRecreated = true;
        cluster.DeleteTopic(old.Name, nowMs);
        cluster.CreateTopic(order);
        onRecreated?.Invoke(old.Name);
        var anew = cluster.FindTopic(old.Name);
        foreach (var partition in anew?.Partitions ?? [])
        {
            if ((hesitant >> partition.Index & 1) != 0)
                _hesitant.Add((partition.Topic.Id, partition.Index));
        }
        return anew;
    }

    /// <summary>Whether a record lay in a topic that was deleted, and does not lie at the same place in the one that followed it.</summary>
    public bool IsGone(ClusterState cluster, string topic, int partition, long offset, int id) =>
        _gone.Contains((topic, partition, offset, id)) && !(cluster.FindTopic(topic)?.Find(partition) is { } there && Lies(there, offset, id));

    static bool Lies(Partition partition, long offset, int id)
    {
        var index = partition.Log.IndexOf(offset);
        return index < partition.Log.Batches.Count
            && LogTruth.Read(partition, partition.Log.Batches[index]).Exists(record => record.Offset == offset && record.Id == id);
    }

    /// <summary>Whether a partition that was created anew gets a producer's first request, and its leader is not ready for it.</summary>
    public bool IsTooEarly(Guid topicId, int partition, long producerId) =>
        _hesitant.Contains((topicId, partition)) && _refused.Add((topicId, partition, producerId));

    /// <summary>All leaders are ready.</summary>
    public void MakeReady() => _hesitant.Clear();

    /// <summary>Makes a replica leader that lacks the end of a partition.</summary>
    /// <returns>Where the log ends now; −1 where that is not possible.</returns>
    public long ElectUncleanly(ClusterState cluster, Partition partition, int nodeId, int howMuch, long nowMs)
    {
        var log = partition.Log;
        if (partition.Leader == nodeId || !cluster.CanServe(partition, nodeId) || log.EndOffset - log.StartOffset < 2 || log.Batches.Count == 0)
            return -1;
        var kept = log.Batches[^(1 + howMuch % Math.Min(log.Batches.Count, MostLostBatches))].BaseOffset;
        if (kept <= log.StartOffset)
            return -1;
        foreach (var batch in log.Batches.Where(batch => batch.BaseOffset >= kept))
            Losses.Records.AddRange(LogTruth.Read(partition, batch));
        // What had been compacted away behind it is as lost.
        bool IsBehind(LoggedRecord record) =>
            record.TopicId == partition.Topic.Id && record.Partition == partition.Index && record.Offset >= kept;
        Losses.Records.AddRange(_removed.Where(IsBehind));
        _removed.RemoveAll(IsBehind);
        Losses.Cut(partition.Topic.Name, partition.Index, kept, nowMs * TimeSpan.TicksPerMillisecond);
        cluster.ElectUncleanly(partition, nodeId, kept, nowMs);
        return log.EndOffset;
    }

    /// <summary>Compacts a partition: of the records below its stable end some go, whole batches with them or not.</summary>
    /// <returns>How many went.</returns>
    public int Compact(Partition partition, int howMuch)
    {
        var (log, end, before) = (partition.Log, partition.LastStableOffset, _removed.Count);
        for (var i = log.Batches.Count - 1; i >= 0; i--)
        {
            var batch = log.Batches[i];
            // The last one stays, as the last record of a key does.
            if (batch.Header.IsControl || batch.NextOffset >= end || batch.BaseOffset < log.StartOffset)
                continue;
            var mask = unchecked((uint)((howMuch + i) * 2654435761L)) >> 8;
            if (mask % 3 == 0)
                continue;
            if (mask % 3 == 1 || batch.Header.CompressionCode != 0)
                Remove(partition, i);
            else
                Thin(partition, i, mask);
        }
        return _removed.Count - before;
    }

    void Remove(Partition partition, int index)
    {
        foreach (var record in LogTruth.Read(partition, partition.Log.Batches[index]))
            Take(record);
        partition.Log.Remove(index);
    }

    /// <summary>Some records of a batch go, perhaps all; its range of offsets stays, and so do its numbers.</summary>
    void Thin(Partition partition, int index, uint mask)
    {
        var batch = partition.Log.Batches[index];
        var records = LogTruth.Read(partition, batch);
        var bytes = new List<byte>(batch.Bytes[..BatchHeader.Size]);
        var (at, kept) = (BatchHeader.Size, 0);
        for (var i = 0; i < records.Count; i++)
        {
            var end = EndOf(batch.Bytes, at);
            if ((mask >> (8 + i % 16) & 1) == 0)
            {
                bytes.AddRange(batch.Bytes.AsSpan(at, end - at));
                kept++;
            }
            else
            {
                Take(records[i]);
            }
            at = end;
        }
        var thinned = bytes.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(thinned.AsSpan(LengthAt), thinned.Length - LengthEnd);
        BinaryPrimitives.WriteInt32BigEndian(thinned.AsSpan(CountAt), kept);
        BinaryPrimitives.WriteUInt32BigEndian(
            thinned.AsSpan(BatchHeader.CrcAt), Crc32Castagnoli.Compute(thinned.AsSpan(BatchHeader.AttributesAt)));
        partition.Log.Replace(index, thinned);
    }

    /// <summary>Where the record ends that begins here: its length, a zigzag varint, comes first.</summary>
    static int EndOf(byte[] bytes, int at)
    {
        var (length, shift) = (0, 0);
        while (true)
        {
            var part = bytes[at++];
            length |= (part & 0x7f) << shift;
            if (part < 0x80)
                return at + (length >> 1);
            shift += 7;
        }
    }

    void Take(LoggedRecord record)
    {
        _removed.Add(record with { IsRemoved = true });
        onRemoved(record);
    }
}
