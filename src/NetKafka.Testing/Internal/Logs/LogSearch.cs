namespace NetKafka.Testing.Internal.Logs;

/// <summary>Lookup of records by their timestamps, record by record as a broker does it.</summary>
static class LogSearch
{
    /// <summary>The first record whose timestamp is at or after the target, or null.</summary>
    internal static FoundRecord? FirstAtOrAfter(PartitionLog log, RecordBytes opener, long timestamp)
    {
        foreach (var batch in log.Batches)
        {
            if (batch.Header.MaxTimestamp >= timestamp && FirstIn(batch, opener, timestamp, log.StartOffset) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>The first record of the largest timestamp below an offset, or null.</summary>
    internal static FoundRecord? FirstOfMaxTimestamp(PartitionLog log, RecordBytes opener, long endOffset)
    {
        StoredBatch? best = null;
        foreach (var batch in log.Batches)
        {
            if (batch.BaseOffset < endOffset && (best is null || batch.Header.MaxTimestamp > best.Header.MaxTimestamp))
                best = batch;
        }

        return best is null ? null : FirstIn(best, opener, best.Header.MaxTimestamp, log.StartOffset);
    }

    static FoundRecord? FirstIn(StoredBatch batch, RecordBytes opener, long timestamp, long startOffset)
    {
        if (batch.Header.IsControl || !opener.TryOpen(batch.Bytes, out var records))
            return null;
        var walker = new RecordWalker(batch.Header, records.Span);
        while (walker.MoveNext())
        {
            if (walker.Timestamp >= timestamp && walker.Offset >= startOffset)
                return new FoundRecord(walker.Offset, walker.Timestamp);
        }

        return null;
    }
}

/// <summary>A record that a lookup found.</summary>
readonly record struct FoundRecord(long Offset, long Timestamp);
