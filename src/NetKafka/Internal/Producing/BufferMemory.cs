namespace NetKafka.Internal.Producing;

/// <summary>
/// The bytes of batches that are not delivered yet, against their bound. While somebody waits for room nobody else gets any,
/// so that the waiting ones are not overtaken for ever. Safe from any thread.
/// </summary>
sealed class BufferMemory(long limitBytes)
{
    long _usedBytes;
    volatile bool _hasWaiters;

    public long LimitBytes { get; } = limitBytes;

    public long UsedBytes => Volatile.Read(ref _usedBytes);

    public long FreeBytes => Math.Max(0, LimitBytes - UsedBytes);

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
        if (_hasWaiters && !hasWaited)
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

    public void Release(int bytes) => Interlocked.Add(ref _usedBytes, -bytes);
}
