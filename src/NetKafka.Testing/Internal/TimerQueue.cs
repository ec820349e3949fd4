namespace NetKafka.Testing.Internal;

/// <summary>What is due when. Timers of one moment run in the order in which they were set.</summary>
sealed class TimerQueue
{
    internal const long Never = long.MaxValue;

    readonly PriorityQueue<TimerEntry, (long AtMs, long Order)> queue = new();
    long order;

    /// <summary>When the next timer is due, or <see cref="Never"/>.</summary>
    internal long NextDeadlineMs
    {
        get
        {
            DropCancelled();
            return queue.TryPeek(out _, out var priority) ? priority.AtMs : Never;
        }
    }

    internal TimerEntry Schedule(long atMs, Action<long> due)
    {
        var entry = new TimerEntry(due);
        queue.Enqueue(entry, (atMs, order++));
        return entry;
    }

    /// <summary>Runs one timer that is due; false if there is none.</summary>
    internal bool RunNext(long nowMs)
    {
        if (NextDeadlineMs > nowMs)
            return false;
        var entry = queue.Dequeue();
        var due = entry.Due;
        entry.Cancel();
        due?.Invoke(nowMs);
        return true;
    }

    void DropCancelled()
    {
        while (queue.TryPeek(out var entry, out _) && entry.Due is null)
            queue.Dequeue();
    }
}

/// <summary>One timer, which can be called off.</summary>
sealed class TimerEntry(Action<long> due)
{
    internal Action<long>? Due { get; private set; } = due;

    internal void Cancel() => Due = null;
}
