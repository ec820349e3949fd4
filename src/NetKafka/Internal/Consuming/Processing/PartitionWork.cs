using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>
/// What is in hand of one partition, in one assignment of it: a window of records in the order of their offsets, from the first that is
/// not finished on. The position moves over the finished ones at its beginning, and never past another.
/// <para>
/// What was taken and has not begun is let go of where the partition is paused, given up or cut off; once the handlers that run have
/// ended, reading begins again at the position, and what was finished behind it is not handed out a second time.
/// </para>
/// </summary>
sealed class PartitionWork(AssignedPartition partition, Dictionary<int, WorkLane> lanes)
{
    readonly SortedSet<long> _ahead = [];
    WorkItem? _first;
    WorkItem? _last;
    int _begunInWindow;

    public AssignedPartition Partition => partition;

    /// <summary>The lanes of the partition's name.</summary>
    public Dictionary<int, WorkLane> Lanes => lanes;

    /// <summary>Grows with each seek: what was taken before counts for nothing then.</summary>
    public int Turn { get; private set; }

    /// <summary>How many handlers run on records of it, those from before a seek too.</summary>
    public int Begun { get; set; }

    /// <summary>How many records are in the window, those that are finished behind others too.</summary>
    public int Count { get; private set; }

    /// <summary>Whether so much is in hand that nothing more is to be read.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether what was let go of has to wait for handlers before it is read again.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Whether nobody waits for its handlers any more: it was lost, or given up without them.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>How it is read; the reading thread's own.</summary>
    public PartitionFeed? Feed { get; set; }

    /// <summary>Whether it is read in the middle of a chunk.</summary>
    public bool IsFeedOpen { get; set; }

    /// <summary>Where the next chunk of it is read from.</summary>
    public (long Offset, int Epoch) End => _last is null ? (partition.Position, partition.PositionEpoch) : (_last.Next, _last.Epoch);

    /// <summary>Where the log was cut off while records were in hand: others lie there now.</summary>
    (long Offset, int Epoch) Cut { get; set; } = (long.MaxValue, -1);

    /// <summary>A record is in hand.</summary>
    /// <returns>Whether it is to be handled; else it was finished already.</returns>
    public bool Add(WorkItem item)
    {
        (item.Turn, item.NextInWindow) = (Turn, null);
        item.State = IsDone(item.Offset) ? WorkState.Finished : WorkState.Waiting;
        if (_last is null)
            _first = item;
        else
            _last.NextInWindow = item;
        _last = item;
        Count++;
        return item.State == WorkState.Waiting;
    }

    /// <summary>No record lies between the last that was taken and this place.</summary>
    public void Pass(long offset, int epoch)
    {
        if (_last is null)
            Move(offset, epoch);
        else if (offset > _last.Next)
            (_last.Next, _last.Epoch) = (offset, epoch);
    }

#if NETKAFKA_CHECKED
    /// <summary>As the bugs have it that move the position past records that are not finished.</summary>
    public void PassOthers(long offset, int epoch) => Move(offset, epoch);
#endif

    public void OnBegun(WorkItem item)
    {
        item.State = WorkState.Begun;
        Begun++;
        _begunInWindow++;
    }

    /// <summary>The handler of a record has ended.</summary>
    /// <returns>Whether that counts, and the record is still part of the window.</returns>
    public bool OnEnded(WorkItem item, bool isFinished)
    {
        Begun--;
        if (item.Turn != Turn)
            return false;
        _begunInWindow--;
        item.State = isFinished ? WorkState.Finished : WorkState.LetGo;
        return true;
    }

    /// <summary>The first record of the window, if it is finished: the position moves over it.</summary>
    public WorkItem? TakeFinished()
    {
        if (_first is not { State: WorkState.Finished } first)
            return null;
        Move(first.Next, first.Epoch);
        RemoveFirst();
        return first;
    }

    /// <summary>The first record of the window, once it is drained: whatever it is, the next reading brings it again or passes it.</summary>
    public WorkItem? TakeDrained()
    {
        if (!IsDraining || _begunInWindow > 0)
            return null;
        if (_first is not { } first)
        {
            IsDraining = false;
            Cut = (long.MaxValue, -1);
            return null;
        }
        if (first.State == WorkState.Finished && first.Offset < Cut.Offset)
            _ahead.Add(first.Offset);
        RemoveFirst();
        return first;
    }

    /// <summary>Nothing of the window begins any more.</summary>
    /// <returns>The records that were waiting.</returns>
    public IEnumerable<WorkItem> LetGo()
    {
        IsDraining = true;
        for (var item = _first; item is not null; item = item.NextInWindow)
        {
            if (item.State != WorkState.Waiting)
                continue;
            item.State = WorkState.LetGo;
            yield return item;
        }
    }

    /// <summary>The log ends here: what is finished from here on is not what lies there now.</summary>
    public void CutOff(long offset, int epoch)
    {
        if (offset < Cut.Offset && IsDraining)
            Cut = (offset, epoch);
        _ahead.RemoveWhere(done => done >= offset);
    }

    /// <summary>
    /// The log begins behind the position by now, or has nothing else that is to be read before this place. What was finished from here on is
    /// not handed out a second time.
    /// </summary>
    public void GoOn(long offset, int epoch)
    {
        Move(offset, epoch);
        _ahead.RemoveWhere(done => done < offset);
    }

    /// <summary>The position is set anew: the window is empty, and what runs counts for nothing.</summary>
    /// <returns>The records that were in the window and do not run.</returns>
    public IEnumerable<WorkItem> Restart()
    {
        Turn++;
        _ahead.Clear();
        (IsDraining, _begunInWindow, Cut) = (false, 0, (long.MaxValue, -1));
        while (_first is { } item)
        {
            RemoveFirst();
            if (item.State != WorkState.Begun)
                yield return item;
        }
    }

    bool IsDone(long offset)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.FinishedBehindAPauseIsForgotten))
            return false;
#endif
        return _ahead.Remove(offset);
    }

    void Move(long offset, int epoch)
    {
        if (offset > Cut.Offset)
            (offset, epoch) = Cut;
        if (offset > partition.Position)
            (partition.Position, partition.PositionEpoch) = (offset, epoch);
    }

    void RemoveFirst()
    {
        var first = _first!;
        _first = first.NextInWindow;
        if (_first is null)
            _last = null;
        first.NextInWindow = null;
        Count--;
    }
}
