namespace NetKafka.Internal.Producing;

/// <summary>
/// All records that stand in some line, in the order in which they were produced: a flush and the end of a producer wait for
/// those that were there. Safe from any thread.
/// </summary>
sealed class WaitingRecords
{
    readonly Lock _gate = new();
    readonly LinkedList<long> _tickets = new();
    long _last;
    volatile bool _isAwaited;

    /// <summary>Whether the machine waits for records to leave their lines. Set by it.</summary>
    public bool IsAwaited
    {
        get => _isAwaited;
        set => _isAwaited = value;
    }

    /// <summary>The youngest ticket that there ever was.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
                return _last;
        }
    }

    /// <summary>The oldest ticket; larger than any if there is none.</summary>
    public long First
    {
        get
        {
            lock (_gate)
                return _tickets.First?.Value ?? long.MaxValue;
        }
    }

    public LinkedListNode<long> Add()
    {
        lock (_gate)
            return _tickets.AddLast(++_last);
    }

    public void Remove(LinkedListNode<long> ticket)
    {
        lock (_gate)
            _tickets.Remove(ticket);
    }
}
