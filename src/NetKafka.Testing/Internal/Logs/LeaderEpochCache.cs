namespace NetKafka.Testing.Internal.Logs;

/// <summary>Which leader epoch wrote from which offset on; ascending in both.</summary>
sealed class LeaderEpochCache
{
    readonly List<EpochStart> starts = [];

    internal int LatestEpoch => starts.Count == 0 ? -1 : starts[^1].Epoch;

    /// <summary>
    /// The first epoch whose records are still in the log, if it begins at or before the given start of the log.
    /// </summary>
    internal int EarliestEpochAt(long logStartOffset) =>
        starts.Count > 0 && starts[0].StartOffset <= logStartOffset ? starts[0].Epoch : -1;

    internal void Assign(int epoch, long startOffset)
    {
        if (epoch > LatestEpoch)
            starts.Add(new EpochStart(epoch, startOffset));
    }

    /// <summary>The epoch that wrote the given offset, or -1.</summary>
    internal int EpochOf(long offset)
    {
        for (var i = starts.Count - 1; i >= 0; i--)
        {
            if (starts[i].StartOffset <= offset)
                return starts[i].Epoch;
        }

        return -1;
    }

    /// <summary>
    /// Kafka's answer to "where does this epoch end": the largest known epoch not above the one asked for, and the offset at
    /// which the next one begins. (-1, -1) says that nothing is known.
    /// </summary>
    internal (int Epoch, long EndOffset) EndOffsetFor(int requested, long logEnd)
    {
        if (requested < 0)
            return (-1, -1);
        if (requested == LatestEpoch)
            return (requested, logEnd);
        if (requested > LatestEpoch || starts.Count == 0)
            return (-1, -1);
        if (requested < starts[0].Epoch)
            return (requested, starts[0].StartOffset);

        var i = 0;
        while (starts[i + 1].Epoch <= requested)
            i++;
        return (starts[i].Epoch, starts[i + 1].StartOffset);
    }

    internal void TruncateFromEnd(long endOffset) => starts.RemoveAll(start => start.StartOffset >= endOffset);

    /// <summary>Epochs that end before the new start are forgotten; the one that holds it now begins there.</summary>
    internal void TruncateFromStart(long startOffset)
    {
        var keep = starts.FindLastIndex(start => start.StartOffset <= startOffset);
        if (keep < 0)
            return;
        starts[keep] = starts[keep] with { StartOffset = startOffset };
        starts.RemoveRange(0, keep);
    }

    readonly record struct EpochStart(int Epoch, long StartOffset);
}
