using System.Numerics;

namespace NetKafka.Internal.Kernel;

/// <summary>
/// Buffers in size classes, four to each doubling, used again across threads. What is kept is bounded: beyond it the class
/// that nobody asked for longest gives way to the one that comes back. What is dropped, and what is above the largest class,
/// the GC takes. Safe from any thread.
/// </summary>
sealed class SlabPool(long maxKeptBytes)
{
    const int SmallestBytes = 4096;
    const int StepsPerDoubling = 4;
    const int LargestBytes = 64 * 1024 * 1024;
    static readonly int ClassCount = ClassOf(LargestBytes) + 1;

    // Answers of fetches are of any size from here on; one takes a buffer of up to twice its size before a new one is made.
    static readonly int FirstLooseClass = ClassOf(1024 * 1024);

    readonly Stack<Lease>[] _kept = CreateStacks();
    readonly long[] _askedFor = new long[ClassCount];
    readonly Lock _lock = new();
    long _keptBytes;
    long _asks;
    int _rented;

    /// <summary>How many buffers are out; 0 once everything was given back.</summary>
    public int RentedCount => Volatile.Read(ref _rented);

    /// <summary>A buffer of at least <paramref name="bytes"/>, with one share, which is the caller's.</summary>
    public Lease Rent(int bytes)
    {
        Interlocked.Increment(ref _rented);
        Lease? lease = null;
        var sizeClass = bytes > LargestBytes ? -1 : ClassOf(bytes);
        if (sizeClass >= 0)
        {
            lock (_lock)
                lease = Take(sizeClass);
        }
        lease ??= new Lease(this, GC.AllocateUninitializedArray<byte>(sizeClass < 0 ? bytes : BytesOf(sizeClass)), sizeClass);
        lease.Begin();
        return lease;
    }

    internal void Return(Lease lease)
    {
        Interlocked.Decrement(ref _rented);
#if NETKAFKA_CHECKED
        // A reader that comes too late must not see plausible bytes.
        lease.Array.AsSpan().Fill(0xDB);
#endif
        if (lease.SizeClass < 0 || lease.Array.Length > maxKeptBytes)
            return;
        lock (_lock)
        {
            while (_keptBytes + lease.Array.Length > maxKeptBytes)
            {
                if (!TryDropBefore(_askedFor[lease.SizeClass]))
                    return;
            }
            _keptBytes += lease.Array.Length;
            _kept[lease.SizeClass].Push(lease);
        }
    }

    Lease? Take(int sizeClass)
    {
        _askedFor[sizeClass] = ++_asks;
        var last = sizeClass < FirstLooseClass ? sizeClass : Math.Min(sizeClass + StepsPerDoubling, ClassCount - 1);
        for (var i = sizeClass; i <= last; i++)
        {
            if (!_kept[i].TryPop(out var lease))
                continue;
            _askedFor[i] = _asks;
            _keptBytes -= lease.Array.Length;
            return lease;
        }
        return null;
    }

    /// <summary>Leaves to the GC a buffer of the class that was asked for longest ago, if that is longer ago than a moment.</summary>
    bool TryDropBefore(long asked)
    {
        var oldest = -1;
        for (var i = 0; i < ClassCount; i++)
        {
            if (_kept[i].Count > 0 && _askedFor[i] < asked)
                (oldest, asked) = (i, _askedFor[i]);
        }
        if (oldest < 0)
            return false;
        _keptBytes -= _kept[oldest].Pop().Array.Length;
        return true;
    }

    /// <summary>Steps of a quarter between powers of two, so that a batch and its header waste little.</summary>
    static int ClassOf(int bytes)
    {
        if (bytes <= SmallestBytes)
            return 0;
        var doublings = BitOperations.Log2((uint)(bytes - 1) / SmallestBytes);
        var floor = SmallestBytes << doublings;
        var step = floor / StepsPerDoubling;
        return doublings * StepsPerDoubling + (bytes - floor + step - 1) / step;
    }

    static int BytesOf(int sizeClass)
    {
        var floor = SmallestBytes << (sizeClass / StepsPerDoubling);
        return floor + sizeClass % StepsPerDoubling * (floor / StepsPerDoubling);
    }

    static Stack<Lease>[] CreateStacks()
    {
        var stacks = new Stack<Lease>[ClassCount];
        for (var i = 0; i < stacks.Length; i++)
            stacks[i] = new Stack<Lease>();
        return stacks;
    }
}
