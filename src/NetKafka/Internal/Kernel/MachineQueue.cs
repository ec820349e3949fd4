namespace NetKafka.Internal.Kernel;

/// <summary>
/// The machines of one client: those with something to do, in order of waking, and the deadlines of all in one heap. A
/// machine without an event and without a due deadline costs nothing.
/// </summary>
sealed class MachineQueue
{
    // A machine that wakes itself for ever would hold the turn; a healthy turn is far below this.
    const int MaxPollsPerTurn = 100_000;

    readonly Queue<Machine> _ready = new();
    readonly List<Machine> _heap = [];

    public void Add(Machine machine)
    {
        machine.Join(this);
        Wake(machine);
    }

    /// <summary>Forgets a machine: it is not polled again, not even where it was ready.</summary>
    public void Remove(Machine machine)
    {
        machine.Join(null);
        SetDue(machine, Instant.Never);
    }

    public void Wake(Machine machine)
    {
        if (machine.IsReady)
            return;
        machine.IsReady = true;
        _ready.Enqueue(machine);
    }

    /// <summary>
    /// Polls every machine that is ready or due, until none is. An exception of a machine comes through; that machine has no
    /// deadline any more, and another call goes on with the others.
    /// </summary>
    /// <returns>The earliest deadline of all.</returns>
    public Instant Poll(Instant now, Effects effects)
    {
        while (_heap.Count > 0 && _heap[0].Due <= now)
        {
            var due = _heap[0];
            SetDue(due, Instant.Never);
            Wake(due);
        }
        for (var polls = 0; _ready.TryDequeue(out var machine); polls++)
        {
            if (polls == MaxPollsPerTurn)
                throw new InvalidOperationException($"{machine.GetType().Name} keeps waking itself: a poll must not ask for the next one.");
            machine.IsReady = false;
            if (!machine.IsIn(this))
                continue;
            var next = Poll(machine, now, effects);
            if (machine.IsIn(this))
                SetDue(machine, next);
        }
        return _heap.Count > 0 ? _heap[0].Due : Instant.Never;
    }

    Instant Poll(Machine machine, Instant now, Effects effects)
    {
        try
        {
            var due = machine.Poll(now, effects);
            return due > now ? due : throw new InvalidOperationException(
                $"{machine.GetType().Name} wants to be asked again at {due}, which is not after now, {now}.");
        }
        catch (Exception error)
        {
            if (!machine.TakeFault(error))
            {
                SetDue(machine, Instant.Never);
                throw;
            }
            return Instant.Never;
        }
    }

    void SetDue(Machine machine, Instant due)
    {
        machine.Due = due;
        if (due == Instant.Never)
        {
            if (machine.HeapIndex >= 0)
                RemoveAt(machine.HeapIndex);
            return;
        }
        if (machine.HeapIndex < 0)
        {
            machine.HeapIndex = _heap.Count;
            _heap.Add(machine);
        }
        if (!SiftUp(machine.HeapIndex))
            SiftDown(machine.HeapIndex);
    }

    void RemoveAt(int index)
    {
        var removed = _heap[index];
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        removed.HeapIndex = -1;
        if (last == removed)
            return;
        Place(last, index);
        if (!SiftUp(index))
            SiftDown(index);
    }

    bool SiftUp(int index)
    {
        var start = index;
        var machine = _heap[index];
        while (index > 0 && machine.Due < _heap[(index - 1) / 2].Due)
        {
            Place(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }
        Place(machine, index);
        return index != start;
    }

    void SiftDown(int index)
    {
        var machine = _heap[index];
        while (true)
        {
            var child = 2 * index + 1;
            if (child >= _heap.Count)
                break;
            if (child + 1 < _heap.Count && _heap[child + 1].Due < _heap[child].Due)
                child++;
            if (machine.Due <= _heap[child].Due)
                break;
            Place(_heap[child], index);
            index = child;
        }
        Place(machine, index);
    }

    void Place(Machine machine, int index)
    {
        _heap[index] = machine;
        machine.HeapIndex = index;
    }
}
