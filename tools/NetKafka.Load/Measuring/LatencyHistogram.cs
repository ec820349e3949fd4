using System.Diagnostics;
using System.Numerics;

namespace NetKafka.Load.Measuring;

/// <summary>Counts latencies in buckets that are 1/64 of their value wide. Safe from any thread; allocates nothing.</summary>
sealed class LatencyHistogram
{
    const int SubBits = 6;
    const int Sub = 1 << SubBits;

    readonly long[] _buckets = new long[(64 - SubBits) * Sub];
    long _max;
    volatile bool _isOpen;

    public long Count => _buckets.Sum();

    public double MaxMicros => Volatile.Read(ref _max) / 1e3;

    /// <summary>What is recorded before counts for nothing: the warm-up.</summary>
    public void Open() => _isOpen = true;

    /// <summary>Records the time since a moment.</summary>
    /// <param name="intended">When the message was due, a timestamp of <see cref="Stopwatch"/>; not when it left.</param>
    public void RecordSince(long intended) => Record((long)Stopwatch.GetElapsedTime(intended).TotalNanoseconds);

    public void Record(long nanoseconds)
    {
        if (!_isOpen)
            return;
        nanoseconds = Math.Max(nanoseconds, 0);
        Interlocked.Increment(ref _buckets[IndexOf(nanoseconds)]);
        for (var max = Volatile.Read(ref _max); nanoseconds > max; max = Volatile.Read(ref _max))
            if (Interlocked.CompareExchange(ref _max, nanoseconds, max) == max)
                break;
    }

    /// <summary>The value in microseconds below or at which a share of all lies.</summary>
    public double Percentile(double share)
    {
        var wanted = Math.Max((long)Math.Ceiling(Count * share), 1);
        var seen = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted)
                return UpperBound(i) / 1e3;
        }
        return double.NaN;
    }

    static int IndexOf(long value)
    {
        if (value < Sub)
            return (int)value;
        var shift = BitOperations.Log2((ulong)value) - SubBits;
        return ((shift + 1) * Sub) + (int)(value >> shift) - Sub;
    }

    static long UpperBound(int index)
    {
        if (index < Sub)
            return index;
        var shift = (index / Sub) - 1;
        return ((index % Sub) + Sub + 1L << shift) - 1;
    }
}
