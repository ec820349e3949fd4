namespace NetKafka.Internal.Kernel;

/// <summary>
/// A buffer taken from a <see cref="SlabPool"/>. Whoever holds a share of it must give that share back exactly once; the
/// last one returns the bytes. <see cref="Generation"/> changes with every return, so a view that outlived its buffer can
/// tell. Shares may be given back from any thread.
/// </summary>
sealed class Lease
{
    readonly SlabPool _pool;
    int _shares;
    int _generation;

    internal Lease(SlabPool pool, byte[] array, int sizeClass)
    {
        _pool = pool;
        Array = array;
        SizeClass = sizeClass;
    }

    /// <summary>The bytes; at least as many as were asked for. They hold whatever their last user left.</summary>
    public byte[] Array { get; }

    /// <summary>Which list of the pool the buffer belongs to; −1 for one that is left to the GC.</summary>
    internal int SizeClass { get; }

    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Takes one more share. Only who holds a share may call this.</summary>
    public void Share()
    {
        if (Interlocked.Increment(ref _shares) < 2)
            throw new InvalidOperationException("A buffer that was already returned cannot be shared.");
    }

    /// <summary>Gives one share back.</summary>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _shares);
        if (left > 0)
            return;
        if (left < 0)
            throw new InvalidOperationException("A buffer was returned twice.");
        Interlocked.Increment(ref _generation);
        _pool.Return(this);
    }

    internal void Begin() => Volatile.Write(ref _shares, 1);
}
