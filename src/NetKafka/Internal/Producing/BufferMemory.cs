namespace NetKafka.Internal.Producing;

/// <summary>
/// The bytes of batches that are not delivered yet, against their bound. While somebody waits for room nobody else gets any,
/// so that the waiting ones are not overtaken for ever. Safe from any thread.
/// <para>
/// Batches that are delivered, and whose callers are still to be told, are held against the same bound by themselves: so
/// outcomes cannot pile up without end where brokers are faster than callbacks. One counts until its first callback begins,
/// so a callback that waits for room never waits for itself.
/// </para>
/// </summary>
sealed class BufferMemory(long limitBytes)
{
    long _usedBytes;
    long _untoldBytes;
    volatile bool _hasWaiters;

    public long LimitBytes { get; } = limitBytes;

    public long UsedBytes => Volatile.Read(ref _usedBytes);

    public long FreeBytes => IsBehind ? 0 : Math.Max(0, LimitBytes - UsedBytes);

    bool IsBehind => Volatile.Read(ref _untoldBytes) > LimitBytes;

    /// <summary>Whether callers wait for room. Set by the machine.</summary>
    public bool HasWaiters
    {
        get => _hasWaiters;
        set => _hasWaiters = value;
    }

    /// <summary>Takes room if there is enough.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="hasWaited">Whether the caller waited for it already, and so may pass those that wait.</param>
    public bool TryReserve(int bytes, bool hasWaited)
    {
        if ((_hasWaiters && !hasWaited) || IsBehind)
            return false;
        var used = Volatile.Read(ref _usedBytes);
        while (used + bytes <= LimitBytes)
        {
            var seen = Interlocked.CompareExchange(ref _usedBytes, used + bytes, used);
            if (seen == used)
                return true;
            used = seen;
        }
        return false;
    }

    /// <summary>Takes room even beyond the bound: for records that are in already and only change their batch.</summary>
    public void ReserveAnyway(int bytes) => Interlocked.Add(ref _usedBytes, bytes);

    /// <summary>A batch is delivered, and its callers are to be told.</summary>
    public void AddUntold(int bytes) => Interlocked.Add(ref _untoldBytes, bytes);

    /// <summary>The first of a batch's callers is being told.</summary>
    /// <returns>Whether those that wait may go on because of it.</returns>
    public bool RemoveUntold(int bytes)
    {
        var left = Interlocked.Add(ref _untoldBytes, -bytes);
        return left <= LimitBytes && left + bytes > LimitBytes;
    }

    public void Release(int bytes) => Interlocked.Add(ref _usedBytes, -bytes);
}
