namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// The log of one partition: batches at ascending offsets without overlap, the leader epochs that wrote them, and the
/// producers remembered from them. One log stands for all replicas in sync.
/// </summary>
sealed class PartitionLog
{
    readonly List<StoredBatch> batches = [];

    // Of what deletion and compaction took away the heads are kept: a log that is cut at its end learns its producers anew, and
    // brokers have snapshots for that.
    readonly List<StoredBatch> gone = [];

    internal long StartOffset { get; private set; }

    internal long EndOffset { get; private set; }

    internal long SizeBytes { get; private set; }

    internal LeaderEpochCache Epochs { get; } = new();

    internal ProducerStates Producers { get; } = new();

    internal IReadOnlyList<StoredBatch> Batches => batches;

    /// <summary>Appends a batch that is owned by the log from now on, and gives it its offset.</summary>
    internal StoredBatch Append(byte[] bytes, int leaderEpoch)
    {
        BatchHeader.Place(bytes, EndOffset, leaderEpoch);
        var batch = new StoredBatch(bytes);
        Epochs.Assign(leaderEpoch, EndOffset);
        batches.Add(batch);
        EndOffset = batch.NextOffset;
        SizeBytes += bytes.Length;
        Producers.OnAppended(batch);
        return batch;
    }

    /// <summary>
    /// The place of the batch that holds the offset or, in a gap, of the next one; the count of batches at the end.
    /// </summary>
    internal int IndexOf(long offset)
    {
        int low = 0, high = batches.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (batches[middle].LastOffset < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Bytes of the batches from the one that holds an offset up to (not including) an end offset.</summary>
    internal long BytesBetween(long fromOffset, long endOffset, long enough)
    {
        long bytes = 0;
        for (var i = IndexOf(fromOffset); i < batches.Count && batches[i].BaseOffset < endOffset && bytes < enough; i++)
            bytes += batches[i].Bytes.Length;
        return bytes;
    }

    /// <summary>Cuts everything from an offset on, as a replica does that follows a new leader.</summary>
    internal void TruncateTo(long endOffset)
    {
        if (endOffset >= EndOffset)
            return;
        var keep = batches.Count;
        while (keep > 0 && batches[keep - 1].LastOffset >= endOffset)
            SizeBytes -= batches[--keep].Bytes.Length;
        batches.RemoveRange(keep, batches.Count - keep);
        EndOffset = Math.Max(StartOffset, endOffset);
        Epochs.TruncateFromEnd(EndOffset);
        gone.RemoveAll(batch => batch.BaseOffset >= endOffset);
        Producers.Rebuild(gone.Concat(batches).OrderBy(batch => batch.BaseOffset));
    }

    /// <summary>Moves the start of the log, as retention and DeleteRecords do. Batches wholly below it go.</summary>
    internal void MoveStart(long startOffset)
    {
        if (startOffset <= StartOffset)
            return;
        StartOffset = Math.Min(startOffset, EndOffset);
        var drop = IndexOf(StartOffset);
        for (var i = 0; i < drop; i++)
        {
            SizeBytes -= batches[i].Bytes.Length;
            gone.Add(HeadOf(batches[i]));
        }

        batches.RemoveRange(0, drop);
        Epochs.TruncateFromStart(StartOffset);
    }

    /// <summary>Puts another form of a batch in its place, with fewer records in the same range of offsets, as compaction does.</summary>
    internal void Replace(int index, byte[] bytes)
    {
        SizeBytes += bytes.Length - batches[index].Bytes.Length;
        batches[index] = new StoredBatch(bytes);
    }

    /// <summary>Takes a batch away, as compaction does with one of which no record is left.</summary>
    internal void Remove(int index)
    {
        SizeBytes -= batches[index].Bytes.Length;
        gone.Add(HeadOf(batches[index]));
        batches.RemoveAt(index);
    }

    /// <summary>Control batches whole: how a transaction ended is in their record.</summary>
    static StoredBatch HeadOf(StoredBatch batch) => batch.Header.IsControl ? batch : new StoredBatch(batch.Bytes[..BatchHeader.Size]);
}
