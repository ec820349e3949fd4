using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The batches whose callers wait, in the order in which they were begun: so the first one has the first deadline, and a
/// flush is over once the first one is younger than it. Safe from any thread.
/// </summary>
sealed class IncompleteBatches
{
    readonly Lock _gate = new();
    ProduceBatch? _first;
    ProduceBatch? _last;
    long _lastOrdinal;

    public int Count { get; private set; }

    /// <summary>The number of the youngest batch that there ever was.</summary>
    public long LastOrdinal
    {
        get
        {
            lock (_gate)
                return _lastOrdinal;
        }
    }

    /// <summary>The number of the oldest batch; larger than any if there is none.</summary>
    public long FirstOrdinal
    {
        get
        {
            lock (_gate)
                return _first?.Ordinal ?? long.MaxValue;
        }
    }

    public ProduceBatch? First
    {
        get
        {
            lock (_gate)
                return _first;
        }
    }

    public void Add(ProduceBatch batch, Instant now)
    {
        lock (_gate)
        {
            // Two threads may read the clock in one order and come here in the other.
            batch.CreatedAt = _last is null ? now : Instant.Later(now, _last.CreatedAt);
            batch.Ordinal = ++_lastOrdinal;
            InsertAfter(_last, batch);
        }
    }

    /// <summary>Puts a part of a split batch behind another one, as old as it.</summary>
    public void AddAfter(ProduceBatch place, ProduceBatch batch)
    {
        lock (_gate)
        {
            (batch.CreatedAt, batch.Ordinal) = (place.CreatedAt, place.Ordinal);
            InsertAfter(place, batch);
        }
    }

    public void Remove(ProduceBatch batch)
    {
        lock (_gate)
        {
            if (batch.Previous is null)
                _first = batch.Next;
            else
                batch.Previous.Next = batch.Next;
            if (batch.Next is null)
                _last = batch.Previous;
            else
                batch.Next.Previous = batch.Previous;
            (batch.Previous, batch.Next) = (null, null);
            Count--;
        }
    }

    /// <summary>All of them, oldest first.</summary>
    public List<ProduceBatch> ToList()
    {
        lock (_gate)
        {
            var all = new List<ProduceBatch>(Count);
            for (var batch = _first; batch is not null; batch = batch.Next)
                all.Add(batch);
            return all;
        }
    }

    void InsertAfter(ProduceBatch? place, ProduceBatch batch)
    {
        var next = place is null ? _first : place.Next;
        (batch.Previous, batch.Next) = (place, next);
        if (place is null)
            _first = batch;
        else
            place.Next = batch;
        if (next is null)
            _last = batch;
        else
            next.Previous = batch;
        Count++;
    }
}
