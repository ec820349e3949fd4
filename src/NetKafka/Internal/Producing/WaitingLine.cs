namespace NetKafka.Internal.Producing;

/// <summary>
/// The records of a topic that wait for metadata or for buffer memory, in the order in which they were produced. While
/// somebody stands in line a later record does too, so that a sender who does not await each record keeps his order. Bounded
/// by the calls that wait. Safe from any thread; one at a time takes from it.
/// </summary>
sealed class WaitingLine
{
    readonly Lock _gate = new();
    readonly Queue<WaitingRecord> _records = new();
    volatile bool _isOpen;

    /// <summary>Whether somebody stands in line.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Goes to the end of the line.</summary>
    /// <returns>Whether the caller opened the line, and must see to it that it is served.</returns>
    public bool Enter(WaitingRecord record)
    {
        lock (_gate)
        {
            _records.Enqueue(record);
            if (_isOpen)
                return false;
            _isOpen = true;
            return true;
        }
    }

    /// <summary>The first in line; null where nobody is left, and the line is closed.</summary>
    public WaitingRecord? First()
    {
        lock (_gate)
        {
            if (_records.TryPeek(out var first))
                return first;
            _isOpen = false;
            return null;
        }
    }

    /// <summary>The first in line is served.</summary>
    public void Leave()
    {
        lock (_gate)
            _records.Dequeue();
    }
}
