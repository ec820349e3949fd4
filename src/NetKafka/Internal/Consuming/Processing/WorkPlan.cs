using System.Diagnostics.CodeAnalysis;
using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>
/// Decides for a runner that works on many records at a time: which may begin, how far each partition is finished, and which partitions
/// are read on. It is told what was taken and what has ended, and holds no lock, no task and no clock; the <see cref="Fetching.FetchQueue"/>
/// calls it under its gate.
/// </summary>
/// <param name="order">What is handled one after another.</param>
/// <param name="maxConcurrency">How many handlers run at a time.</param>
/// <param name="maxPending">How many records of a partition are in its window when it is not read on.</param>
/// <param name="maxBytes">How many bytes are kept for records in hand when only partitions are read of which nothing is in hand.</param>
/// <param name="compression">Takes buffers back.</param>
/// <param name="returns">Takes the bytes of batches back, whose records are all done.</param>
sealed class WorkPlan(
    ProcessingOrder order, int maxConcurrency, int maxPending, long maxBytes, CompressionPool compression, Action<Fetching.FetchedChunk> returns)
{
    // No more than were in hand at once; so what is kept is kept for a time like that.
    const int MaxSpares = 1 << 16;

    readonly SortedDictionary<TopicPartition, Dictionary<int, WorkLane>> _lanes = [];
    readonly List<PartitionWork> _works = [];
    readonly Queue<WorkLane> _ready = new();
    readonly Stack<WorkItem> _spareItems = new();
    readonly Stack<WorkLane> _spareLanes = new();
    WorkItem? _firstBegun;
    WorkItem? _lastBegun;
    long _bytes;
    int _workers;
    int _batches;

    /// <summary>How many handlers run.</summary>
    public int Begun { get; private set; }

    /// <summary>Whether nothing begins any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The handler that has run for the longest time.</summary>
    public WorkItem? Oldest => _firstBegun;

    /// <summary>What is in hand, by partition.</summary>
    public IReadOnlyList<PartitionWork> Works => _works;

    /// <summary>Told when nobody waits for the handlers of a partition any more.</summary>
    public Action<PartitionWork>? OnAbandoned { get; init; }

    bool HasManyBytes => _bytes >= maxBytes;

    /// <summary>The work of a partition, from the first chunk of it on.</summary>
    public PartitionWork Of(AssignedPartition partition)
    {
        if (partition.Work is { } known)
            return known;
        if (!_lanes.TryGetValue(partition.Partition, out var lanes))
            _lanes.Add(partition.Partition, lanes = []);
        _works.RemoveAll(static gone => gone is { IsAbandoned: true, Begun: 0, IsFeedOpen: false });
        var work = new PartitionWork(partition, lanes);
        partition.Work = work;
        _works.Add(work);
        return work;
    }

    /// <summary>Whether more of a partition may be taken into hand.</summary>
    public bool MayRead(AssignedPartition partition) =>
        partition.Work is not { } work || (!work.IsFull && (work.Count == 0 || !HasManyBytes));

    /// <summary>How many records of a partition may be taken now.</summary>
    public int RoomOf(PartitionWork work) => work.IsFull || (work.Count > 0 && HasManyBytes) ? 0 : maxPending - work.Count;

    /// <summary>A partition that is left in the middle of a chunk, and may be read on, or is gone.</summary>
    public bool TryFindFeed([NotNullWhen(true)] out PartitionWork? work)
    {
        foreach (var open in _works)
        {
            if (!open.IsFeedOpen || !(open.IsAbandoned || MayRead(open.Partition)))
                continue;
            work = open;
            return true;
        }
        work = null;
        return false;
    }

    /// <summary>An item for a record, perhaps a used one.</summary>
    public WorkItem? Rent() => _spareItems.TryPop(out var spare) ? spare : null;

    /// <summary>A batch is kept for its records.</summary>
    public void Hold(HeldBatch batch)
    {
        _bytes += batch.Bytes;
        _batches++;
    }

    /// <summary>A record was taken into hand.</summary>
    /// <param name="work">The work of its partition.</param>
    /// <param name="item">The record, with offset, epoch and batch.</param>
    /// <param name="key">The hash of its key; null for a record without one.</param>
    public void Take(PartitionWork work, WorkItem item, int? key)
    {
        (item.Owner, item.Next) = (work, item.Offset + 1);
        item.Batch?.Share();
        if (work.Add(item))
        {
            item.Lane = LaneOf(work, key, item);
            item.Lane.Add(item);
            MakeReady(item.Lane);
        }
        else
        {
            Release(item);
            Advance(work);
        }
        work.IsFull |= work.Count >= maxPending;
    }

    /// <summary>No record lies between the last that was taken of a partition and this place.</summary>
    public void Pass(PartitionWork work, long offset, int epoch) => work.Pass(offset, epoch);

    /// <summary>How many more workers have something to do; they count as working from now on, each until it finds nothing.</summary>
    public int CallWorkers()
    {
        // Those that were called and have not begun yet will take some of it.
        var called = IsStopped ? 0 : Math.Max(0, Math.Min(maxConcurrency - _workers, _ready.Count - (_workers - Begun)));
        _workers += called;
        return called;
    }

    /// <summary>Gives a worker the next record.</summary>
    /// <returns>Null if there is none: the worker has ended.</returns>
    public WorkItem? Begin(Instant now)
    {
        while (!IsStopped && _ready.TryDequeue(out var lane))
        {
            lane.IsReady = false;
            if (lane.First is not { } item)
            {
                Retire(lane);
                continue;
            }
            lane.IsBusy = true;
            item.BegunAt = now;
            item.Owner.OnBegun(item);
            AddBegun(item);
            return item;
        }
        _workers--;
        return null;
    }

    /// <summary>A handler is called once more for its record, which shows that it lives.</summary>
    /// <returns>Whether it is to be: not where the record is let go of, or nothing begins any more.</returns>
    public bool TryBeginAgain(WorkItem item, Instant now)
    {
        if (IsStopped || item.Owner.IsDraining || item.Owner.IsAbandoned || item.Turn != item.Owner.Turn)
            return false;
        RemoveBegun(item);
        item.BegunAt = now;
        AddBegun(item);
        return true;
    }

    /// <summary>The handler of a record has ended.</summary>
    /// <param name="item">The record. It is used for another from now on.</param>
    /// <param name="isFinished">Whether it is done with; else it comes again.</param>
    /// <returns>Whether more may be read now than before.</returns>
    public bool End(WorkItem item, bool isFinished)
    {
        var hadManyBytes = HasManyBytes;
        RemoveBegun(item);
        var (work, lane) = (item.Owner, item.Lane);
        lane.IsBusy = false;
        lane.RemoveFirst();
        MakeReady(lane);
        item.Lane = null!;
        Release(item);
#if NETKAFKA_CHECKED
        if (isFinished && item.Turn == work.Turn && Planted.Has(Bug.CommitPassesAnUnfinishedRecord))
            work.PassOthers(item.Next, item.Epoch);
        if (isFinished && (item.Turn != work.Turn || work.IsAbandoned) && Planted.Has(Bug.OldHandlerMovesTheNewPosition))
            _works.FindLast(other => other.Partition.Partition == work.Partition.Partition)!.PassOthers(item.Next, item.Epoch);
#endif
        if (!work.OnEnded(item, isFinished))
            Recycle(item);
        Advance(work);
        return Reopen(work) || (hadManyBytes && (work.Count == 0 || !HasManyBytes));
    }

    /// <summary>What was taken of a partition and has not begun is not handed out: it comes again.</summary>
    public void LetGo(PartitionWork work)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.WaitingRecordsOutliveARevocation))
            return;
#endif
        foreach (var item in work.LetGo())
        {
            item.Lane.RemoveWaiting();
            Release(item);
        }
        Drain(work);
        Reopen(work);
    }

    /// <summary>The position of a partition was set anew.</summary>
    public void Restart(PartitionWork work)
    {
        foreach (var item in work.Restart())
        {
            if (item.State == WorkState.Waiting)
                item.Lane.RemoveWaiting();
            Release(item);
            Recycle(item);
        }
        Reopen(work);
    }

    /// <summary>A partition is gone, and nobody waits for its handlers.</summary>
    public void Abandon(PartitionWork work)
    {
        if (work.IsAbandoned)
            return;
        work.IsAbandoned = true;
        OnAbandoned?.Invoke(work);
    }

    /// <summary>Nothing begins any more.</summary>
    public void Stop() => IsStopped = true;

    /// <summary>Gives back a share of a batch.</summary>
    public void Release(HeldBatch batch)
    {
        if (!batch.Release(compression))
            return;
        _bytes -= batch.Bytes;
        returns(batch.Chunk);
    }

    void Advance(PartitionWork work)
    {
        while (work.TakeFinished() is { } item)
            Recycle(item);
        Drain(work);
    }

    void Drain(PartitionWork work)
    {
        while (work.TakeDrained() is { } item)
            Recycle(item);
    }

    /// <summary>A partition that was full is read on once half of its room is free, so that not each record makes for a wake-up.</summary>
    bool Reopen(PartitionWork work)
    {
        if (!work.IsFull || work.Count > maxPending / 2)
            return false;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.FullPartitionStaysShut))
            return false;
#endif
        work.IsFull = false;
        return true;
    }

    WorkLane LaneOf(PartitionWork work, int? key, WorkItem item)
    {
        var isAlone = order == ProcessingOrder.ByKey && key is null;
        var name = order == ProcessingOrder.ByKey ? key.GetValueOrDefault() : 0;
#if NETKAFKA_CHECKED
        if (order == ProcessingOrder.ByKey && Planted.Has(Bug.KeysBeginAnewWithEachBatch))
            name = unchecked((name * 31) + _batches);
#endif
        if (!isAlone && work.Lanes.TryGetValue(name, out var known))
            return known;
        var lane = _spareLanes.TryPop(out var spare) ? spare : new WorkLane();
        if (isAlone)
            return lane;
        (lane.Home, lane.Key) = (work.Lanes, name);
        work.Lanes.Add(name, lane);
        return lane;
    }

    void MakeReady(WorkLane lane)
    {
        if (lane.IsBusy || lane.IsReady)
            return;
        if (lane.First is null)
        {
            Retire(lane);
            return;
        }
        lane.IsReady = true;
        _ready.Enqueue(lane);
    }

    void Retire(WorkLane lane)
    {
        lane.Home?.Remove(lane.Key);
        lane.Home = null;
        if (_spareLanes.Count < MaxSpares)
            _spareLanes.Push(lane);
    }

    void Release(WorkItem item)
    {
        if (item.Batch is { } batch)
            Release(batch);
        item.Batch = null;
    }

    void Recycle(WorkItem item)
    {
        item.Clear();
        if (_spareItems.Count < MaxSpares)
            _spareItems.Push(item);
    }

    void AddBegun(WorkItem item)
    {
        Begun++;
        item.Neighbours = (_lastBegun, null);
        if (_lastBegun is null)
            _firstBegun = item;
        else
            _lastBegun.Neighbours = (_lastBegun.Neighbours.Before, item);
        _lastBegun = item;
    }

    void RemoveBegun(WorkItem item)
    {
        Begun--;
        var (before, after) = item.Neighbours;
        if (before is null)
            _firstBegun = after;
        else
            before.Neighbours = (before.Neighbours.Before, after);
        if (after is null)
            _lastBegun = before;
        else
            after.Neighbours = (before, after.Neighbours.After);
    }
}
