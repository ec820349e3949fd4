namespace NetKafka.Testing.Internal.Logs;

/// <summary>Cleans a log as that of a compacted topic: the last record of each key stays.</summary>
static class LogCleaner
{
    /// <summary>
    /// Takes away each batch of which no record is the last of its key. A batch with such a record stays whole, and so does the last of the log,
    /// as segments do that are written to.
    /// </summary>
    internal static void Clean(PartitionLog log, RecordBytes records)
    {
        var newer = new HashSet<string>(StringComparer.Ordinal);
        for (var i = log.Batches.Count - 1; i >= 0; i--)
        {
            var batch = log.Batches[i];
            if (batch.Header.IsControl || !records.TryOpen(batch.Bytes, out var body))
                continue;
            var (isNeeded, keys) = (i == log.Batches.Count - 1, new List<string>());
            var walker = new RecordWalker(batch.Header, body.Span);
            while (walker.MoveNext())
            {
                var key = Convert.ToHexString(body.Span.Slice(walker.Key.Start, Math.Max(0, walker.Key.Length)));
                isNeeded |= walker.Key.Length < 0 || !newer.Contains(key);
                keys.Add(key);
            }

            newer.UnionWith(keys);
            if (!isNeeded)
                log.Remove(i);
        }
    }
}
