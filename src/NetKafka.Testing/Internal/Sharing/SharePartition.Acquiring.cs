using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Sharing;

/// <content>Giving records to a member.</content>
sealed partial class SharePartition
{
    const int LeastThrottleLimit = 2;

    /// <summary>From this many deliveries on records come in smaller pieces, so that a bad one is found.</summary>
    int ThrottleLimit => Math.Max(LeastThrottleLimit, (DeliveryLimit + 1) / 2);

    /// <summary>Gives a member what is free of what was read, batches of the log as wholes.</summary>
    /// <param name="order">Who wants how many.</param>
    /// <param name="fetchOffset">Where was read from: <see cref="NextOffset"/>.</param>
    /// <param name="read">What was read.</param>
    /// <param name="nowMs">The time.</param>
    internal List<AcquiredRange> Acquire(in AcquireOrder order, long fetchOffset, IReadOnlyList<StoredBatch> read, long nowMs)
    {
        var acquired = new List<AcquiredRange>();
        if (order.MaxRecords <= 0 || read.Count == 0)
            return acquired;
        var (most, last) = Bound(order.MaxRecords, fetchOffset, read[^1].LastOffset);
        if (most <= 0)
            return acquired;
        var logFirst = read[0].BaseOffset;
        ArchiveVanished(fetchOffset, logFirst);
        var run = new Acquisition(order, read, nowMs, logFirst, last) { Left = most, Acquired = acquired };
        var first = batches.Floor(logFirst) is null ? Math.Max(logFirst, StartOffset) : logFirst;
        if (batches.Floor(first) is { } floor && floor.Last >= first)
            first = floor.First;
        var known = batches.Between(first, last);
        if (known.Length == 0)
        {
            AcquireNew(run, Math.Max(first, logFirst), last);
            return acquired;
        }

        AcquireKnown(run, known, first);
        if (run.Left > 0 && known[^1].Last < last)
            AcquireNew(run, known[^1].Last + 1, last);
        if (acquired.Count > 0)
            MoveGap(acquired[^1].Last + 1);
        return acquired;
    }

    /// <summary>Takes what lies in aborted transactions away from who has just got it, and gives it up (read_committed).</summary>
    internal List<AcquiredRange> WithoutAborted(List<AcquiredRange> acquired, IEnumerable<StoredBatch> aborted)
    {
        foreach (var batch in aborted)
        {
            foreach (var range in acquired.ToArray())
            {
                var (from, to) = (Math.Max(range.First, batch.BaseOffset), Math.Min(range.Last, batch.LastOffset));
                if (from > to)
                    continue;
                var at = acquired.IndexOf(range);
                acquired.RemoveAt(at);
                if (to < range.Last)
                    acquired.Insert(at, range with { First = to + 1 });
                if (from > range.First)
                    acquired.Insert(at, range with { Last = from - 1 });
                GiveUp(from, to);
            }
        }

        Advance();
        return acquired;
    }

    void GiveUp(long from, long to)
    {
        foreach (var batch in batches.All)
        {
            if (batch.Last < from || batch.First > to)
                continue;
            if (!batch.IsWithin(from, to))
                batch.Split();
            foreach (var (_, _, delivery) in batch.Parts(from, to))
                delivery.Become(RecordState.Archived);
        }
    }

    /// <summary>How many records there is room for, and up to where.</summary>
    (long Most, long Last) Bound(int maxRecords, long fetchOffset, long last)
    {
        var most = Math.Min(maxRecords, MaxInFlight - InFlight);
        // Where all room is taken there may still be some that are free between those that are not.
        return most > 0 || fetchOffset > EndOffset
            ? (most, last)
            : (Math.Min(maxRecords, EndOffset - fetchOffset + 1), Math.Min(last, EndOffset));
    }

    /// <summary>Batches that the log had and has no more, since compaction: a read there brought what comes behind them.</summary>
    void ArchiveVanished(long fetchOffset, long logFirst)
    {
        if (fetchOffset < logFirst)
            Archive(fetchOffset, logFirst - 1);
    }

    void AcquireKnown(Acquisition run, ShareBatch[] known, long first)
    {
        var gapStart = first;
        foreach (var batch in known)
        {
            if (run.Left <= 0)
                return;
            if (IsGapOpen)
            {
                if (gapStart < batch.First)
                    AcquireNew(run, gapStart, batch.First - 1);
                gapStart = batch.Last + 1;
                if (run.Left <= 0)
                    return;
            }

            var isThrottled = IsThrottled(batch, run.First, run.Last);
            if (isThrottled && run.Acquired.Count > 0)
            {
                run.Left = 0;
                return;
            }

            var count = AcquireBatch(run, batch, isThrottled);
            if (isThrottled && count > 0)
            {
                run.Left = 0;
                return;
            }

            run.Left -= count;
        }
    }

    long AcquireBatch(Acquisition run, ShareBatch batch, bool isThrottled)
    {
        var isWhole = batch.IsWithin(run.First, run.Last) && !isThrottled && !(run.Order.IsStrict && batch.Count > run.Left);
        if (batch.Whole is { } whole)
        {
            if (whole.State != RecordState.Available)
                return 0;
            if (isWhole)
            {
                Lock(whole, run.Order.MemberId, run.NowMs);
                run.Acquired.Add(new AcquiredRange(batch.First, batch.Last, whole.Count));
                return batch.Count;
            }

            batch.Split();
        }

        return AcquireOneByOne(run, batch);
    }

    /// <summary>
    /// A record at its last delivery comes alone, and those that were delivered often in ever smaller pieces. Neighbours that were
    /// delivered as often are told as one range.
    /// </summary>
    int AcquireOneByOne(Acquisition run, ShareBatch batch)
    {
        var (limit, count, mostThrottled) = (DeliveryLimit, 0, long.MaxValue);
        var before = run.Acquired.Count;
        foreach (var (offset, _, delivery) in batch.Parts(run.First, run.Last))
        {
            if (delivery.State != RecordState.Available)
                continue;
            if (limit > 2 && delivery.Count == limit - 1 && count > 0)
                break;
            if (delivery.Count >= ThrottleLimit && mostThrottled == long.MaxValue)
                mostThrottled = Math.Max(1, batch.Count >> (delivery.Count - ThrottleLimit + 1));
            Lock(delivery, run.Order.MemberId, run.NowMs);
            if (run.Acquired.Count > before && run.Acquired[^1] is var near && near.Last + 1 == offset && near.DeliveryCount == delivery.Count)
                run.Acquired[^1] = near with { Last = offset };
            else
                run.Acquired.Add(new AcquiredRange(offset, offset, delivery.Count));
            count++;
            var isAlone = limit > 2 && delivery.Count == limit;
            if (isAlone || (run.Order.IsStrict && count == run.Left) || count == mostThrottled)
                break;
        }

        return count;
    }

    bool IsThrottled(ShareBatch batch, long first, long last)
    {
        if (batch.Whole is { } whole)
            return whole.Count >= ThrottleLimit;
        return batch.Parts(first, last).Any(part => part.Delivery.State == RecordState.Available && part.Delivery.Count >= ThrottleLimit);
    }

    void AcquireNew(Acquisition run, long first, long last)
    {
        if (batches.IsEmpty && EndOffset > first)
            first = EndOffset;
        var lastNew = last;
        if (run.Left < last - first + 1)
        {
            lastNew = EndOfBatchWith(run.Read, first + run.Left - 1);
            if (IsGapOpen)
                lastNew = Math.Min(lastNew, last);
        }

        var count = run.Order.IsStrict ? AddStrictly(run, first, lastNew) : AddInPieces(run, first, lastNew);
        if (batches.First.First == first)
            StartOffset = first;
        EndOffset = Math.Max(EndOffset, lastNew);
        MoveGap(first + count);
        run.Left -= count;
    }

    /// <summary>The batch of the log is known as a whole, and no more of it is acquired than was asked for.</summary>
    long AddStrictly(Acquisition run, long first, long last)
    {
        var batch = new ShareBatch(first, last, new Delivery(RecordState.Available, 0, Delivery.Nobody));
        batches.Add(batch);
        var count = Math.Min(run.Left, batch.Count);
        if (count < batch.Count)
            batch.Split();
        foreach (var (_, _, delivery) in batch.Parts(first, first + count - 1))
            Lock(delivery, run.Order.MemberId, run.NowMs);
        run.Acquired.Add(new AcquiredRange(first, first + count - 1, 1));
        return count;
    }

    /// <summary>Pieces of about the size asked for, which end where batches of the log do.</summary>
    long AddInPieces(Acquisition run, long first, long last)
    {
        var from = first;
        if (last - first + 1 > run.Order.BatchSize)
        {
            foreach (var batch in run.Read)
            {
                if (batch.BaseOffset > last)
                    break;
                if (batch.BaseOffset - from < run.Order.BatchSize)
                    continue;
                Add(run, from, batch.BaseOffset - 1);
                from = batch.BaseOffset;
            }
        }

        Add(run, from, last);
        return last - first + 1;
    }

    void Add(Acquisition run, long first, long last)
    {
        var delivery = new Delivery(RecordState.Available, 0, Delivery.Nobody);
        batches.Add(new ShareBatch(first, last, delivery));
        Lock(delivery, run.Order.MemberId, run.NowMs);
        run.Acquired.Add(new AcquiredRange(first, last, 1));
    }

    void MoveGap(long to)
    {
        if (gap is not { } open)
            return;
        gap = open.End == EndOffset && to <= open.End ? (to, open.End) : null;
    }

    static long EndOfBatchWith(IReadOnlyList<StoredBatch> read, long offset)
    {
        foreach (var batch in read)
        {
            if (batch.BaseOffset <= offset && offset <= batch.LastOffset)
                return batch.LastOffset;
        }

        return offset;
    }

    /// <summary>One acquisition on its way.</summary>
    sealed class Acquisition(AcquireOrder order, IReadOnlyList<StoredBatch> read, long nowMs, long first, long last)
    {
        internal AcquireOrder Order { get; } = order;

        internal IReadOnlyList<StoredBatch> Read { get; } = read;

        internal long NowMs { get; } = nowMs;

        internal long First { get; } = first;

        internal long Last { get; } = last;

        /// <summary>How many records may still be acquired.</summary>
        internal long Left { get; set; }

        internal required List<AcquiredRange> Acquired { get; init; }
    }
}
