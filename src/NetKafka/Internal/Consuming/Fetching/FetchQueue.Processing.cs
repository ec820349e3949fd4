using System.Diagnostics.CodeAnalysis;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Consuming.Fetching;

/// <content>
/// What a runner needs that works on many records at a time. The gate of the queue is the gate of its plan too: so nothing of a partition
/// begins once the loop has made its generation grow, and the loop waits for what has begun before.
/// </content>
sealed partial class FetchQueue
{
    WorkPlan? _plan;

    /// <summary>The handler that has run for the longest time, and since when; null where none runs.</summary>
    public (TopicPartition Partition, long Offset, Instant Since)? OldestWork
    {
        get
        {
            lock (_gate)
                return _plan?.Oldest is { } item ? (item.Owner.Partition.Partition, item.Offset, item.BegunAt) : null;
        }
    }

    /// <summary>Whether a runner reads, for which waiting is no sign that its handlers live.</summary>
    public bool IsProcessing => Volatile.Read(ref _plan) is not null;

    /// <summary>Makes the plan of a runner.</summary>
    public WorkPlan CreatePlan(
        ProcessingOrder order, int maxConcurrency, int maxPending, long maxBytes, CompressionPool compression, Action<PartitionWork> onAbandoned) =>
        new(order, maxConcurrency, maxPending, maxBytes, compression, Return) { OnAbandoned = onAbandoned };

    /// <summary>From now on chunks are read for a runner.</summary>
    public void BeginWork(WorkPlan plan)
    {
        lock (_gate)
            _plan = plan;
    }

    /// <summary>
    /// The runner has ended. What was not finished is read again by whoever reads next; what still runs counts for nothing and is not
    /// waited for.
    /// </summary>
    public void EndWork(WorkPlan plan)
    {
        lock (_gate)
        {
            foreach (var work in plan.Works)
            {
                if (work.Partition.Work != work)
                    continue;
                DropQueued(work.Partition);
                plan.Restart(work);
                work.Partition.Work = null;
            }
            _plan = null;
            _wantsRelease = false;
        }
        signal();
    }

    /// <summary>Takes the next chunk that may be read into its partition's feed, or finds one that is to be read on. Reading thread only.</summary>
    /// <returns>The partition to be read.</returns>
    /// <exception cref="Exception">What <see cref="Fail"/> left.</exception>
    public bool TryTake(WorkPlan plan, [NotNullWhen(true)] out PartitionWork? work, out FetchedChunk? chunk)
    {
        var isWaitedFor = false;
        lock (_gate)
        {
            ThrowWhatIsLeft();
            chunk = null;
            if (plan.TryFindFeed(out work))
                return true;
            if (!TryDequeue(plan, out chunk))
                return false;
            work = plan.Of(chunk.Owner);
            work.IsFeedOpen = true;
            (chunk.Finished, chunk.FinishedEpoch) = work.End;
            isWaitedFor = TakeWantedRest();
        }
        if (isWaitedFor)
            signal();
        return true;
    }

    /// <summary>A batch is kept for its records.</summary>
    public void Hold(WorkPlan plan, HeldBatch batch)
    {
        lock (_gate)
        {
#if NETKAFKA_CHECKED
            if (!Planted.Has(Bug.BytesGoBeforeTheirHandlers))
#endif
            batch.Chunk.Share();
            plan.Hold(batch);
        }
    }

    /// <summary>The feed gives its share of a batch back.</summary>
    public void Release(WorkPlan plan, HeldBatch batch)
    {
        lock (_gate)
            plan.Release(batch);
    }

    /// <summary>Prepares for taking records: says how many there is room for, and hands out items that were used before.</summary>
    /// <returns>How many may be taken; none any more of a chunk that is not to be read.</returns>
    public int Prepare(WorkPlan plan, PartitionWork work, FetchedChunk chunk, Span<WorkItem?> items)
    {
        lock (_gate)
        {
            if (chunk.IsStale)
                return 0;
            var room = Math.Min(plan.RoomOf(work), items.Length);
            for (var i = 0; i < room; i++)
                items[i] ??= plan.Rent();
            return room;
        }
    }

    /// <summary>Takes records into hand, unless they are not to be read any more.</summary>
    /// <returns>Whether they were taken, with how many more workers there is something to do for.</returns>
    public bool TryTake(WorkPlan plan, PartitionWork work, FetchedChunk chunk, ReadOnlySpan<WorkItem> items, ReadOnlySpan<int?> keys, out int workers)
    {
        bool isHeldBack;
        lock (_gate)
        {
            workers = 0;
            if (chunk.IsStale)
                return false;
            for (var i = 0; i < items.Length; i++)
                plan.Take(work, items[i], keys[i]);
            workers = plan.CallWorkers();
            isHeldBack = !plan.MayRead(work.Partition);
        }
        // Others are fetched without it now.
        if (isHeldBack)
            signal();
        return true;
    }

    /// <summary>Begins the next record of a worker.</summary>
    public WorkItem? Begin(WorkPlan plan, Instant now)
    {
        lock (_gate)
            return plan.Begin(now);
    }

    /// <summary>The handler of a record has ended; begins the next one of the same worker.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="item">The record.</param>
    /// <param name="isFinished">Whether it is done with; else it comes again.</param>
    /// <param name="now">The time.</param>
    /// <param name="patience">A handler that took longer had been noticed by the loop.</param>
    public WorkItem? EndAndBegin(WorkPlan plan, WorkItem item, bool isFinished, Instant now, TimeSpan patience)
    {
        bool isWaitedFor;
        WorkItem? next;
        lock (_gate)
        {
            var work = item.Owner;
            isWaitedFor = now - item.BegunAt >= patience;
            var counts = item.Turn == work.Turn && !work.IsDraining;
            isWaitedFor |= plan.End(item, isFinished);
            if (!isFinished && counts && work.Partition.Work == work)
                DropQueued(work.Partition);
            if (work is { Begun: 0 } or { IsDraining: false })
            {
                isWaitedFor |= (_wantsRelease && work.Begun == 0) || work.Partition.IsRewound;
                _wantsRelease &= work.Begun > 0;
            }
            next = plan.Begin(now);
        }
        if (isWaitedFor)
            signal();
        return next;
    }

    /// <summary>A handler is called once more for its record, unless that is not to be handled here any more.</summary>
    public bool TryBeginAgain(WorkPlan plan, WorkItem item, Instant now)
    {
        lock (_gate)
            return plan.TryBeginAgain(item, now);
    }

    /// <summary>Whether nothing begins any more, and all that had begun has ended.</summary>
    public bool IsDrained(WorkPlan plan)
    {
        lock (_gate)
            return plan is { IsStopped: true, Begun: 0 };
    }

    /// <summary>Nothing begins any more.</summary>
    /// <returns>How many handlers run.</returns>
    public int StopWork(WorkPlan plan)
    {
        lock (_gate)
        {
            plan.Stop();
            return plan.Begun;
        }
    }

    /// <summary>A partition is gone: nobody waits for its handlers any more.</summary>
    public void Abandon(AssignedPartition partition)
    {
        lock (_gate)
        {
            if (partition.Work is { } work)
                _plan?.Abandon(work);
        }
    }

    /// <summary>Whether more of a partition is fetched only once handlers have ended.</summary>
    public bool IsHeldBack(AssignedPartition partition)
    {
        lock (_gate)
            return _plan?.MayRead(partition) == false;
    }

    /// <summary>The feed of a runner lets go of a chunk: what it has left out at the end holds no record.</summary>
    void CloseFeed(FetchedChunk chunk)
    {
        if (_plan is not { } plan || chunk.Owner.Work is not { } work)
            return;
        work.IsFeedOpen = false;
        if (!chunk.IsStale)
            plan.Pass(work, chunk.Finished, chunk.FinishedEpoch);
    }

    static bool IsWorkedOn(AssignedPartition partition)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.HandlersAreNotWaitedFor))
            return false;
#endif
        return partition.Work is { Begun: > 0 };
    }

    bool HasWork(WorkPlan plan)
    {
        if (plan.TryFindFeed(out _))
            return true;
        foreach (var chunk in _chunks)
        {
            if (IsTakeable(plan, chunk))
                return true;
        }
        return false;
    }

    static bool IsTakeable(WorkPlan plan, FetchedChunk chunk) => chunk.Owner.Work is not { IsFeedOpen: true } && plan.MayRead(chunk.Owner);

    /// <summary>Takes the oldest chunk of those that may be read out of the queue; the others stay in their order.</summary>
    bool TryDequeue(WorkPlan plan, [NotNullWhen(true)] out FetchedChunk? taken)
    {
        taken = null;
        if (_chunks.TryPeek(out var oldest) && IsTakeable(plan, oldest))
            taken = _chunks.Dequeue();
        else
        {
            for (var left = _chunks.Count; left > 0; left--)
            {
                var chunk = _chunks.Dequeue();
                if (taken is null && IsTakeable(plan, chunk))
                    taken = chunk;
                else
                    _chunks.Enqueue(chunk);
            }
        }
        if (taken is null)
            return false;
        Unqueue(taken);
        return true;
    }
}
