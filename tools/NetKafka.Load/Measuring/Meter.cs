using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NetKafka.Load.Measuring;

/// <summary>Counts what was delivered to or by a client while others look at it. Safe from any thread.</summary>
sealed class Meter
{
    PaddedCount _delivered;
    long _accepted;
    long _longestWaitTicks;
    volatile bool _isDone;
    Exception? _error;

    /// <summary>Deliveries: acknowledged when producing, handed to the application when consuming.</summary>
    public long Delivered => Volatile.Read(ref _delivered.Value);

    /// <summary>What a producer has taken, told at the end.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Whether the load is to end: all that was measured has been measured.</summary>
    public bool IsDone => _isDone;

    public Exception? Error => _error;

    public void Add(long count) => Interlocked.Add(ref _delivered.Value, count);

    public void Accept(long count) => Interlocked.Add(ref _accepted, count);

    /// <summary>The caller had to wait since a timestamp. By one thread.</summary>
    public void Waited(long since)
    {
        var ticks = Stopwatch.GetElapsedTime(since).Ticks;
        if (ticks > Volatile.Read(ref _longestWaitTicks))
            Volatile.Write(ref _longestWaitTicks, ticks);
    }

    /// <summary>The longest wait since the last call.</summary>
    public TimeSpan TakeLongestWait() => TimeSpan.FromTicks(Interlocked.Exchange(ref _longestWaitTicks, 0));

    public void End() => _isDone = true;

    /// <summary>A message failed, so there is nothing to be measured.</summary>
    public void Fail(Exception error)
    {
        Interlocked.CompareExchange(ref _error, error, null);
        _isDone = true;
    }

    /// <summary>Fails if what was read cannot be what was counted: values that nobody looked at must not look cheap.</summary>
    public void CheckBytes(long bytes, int valueBytes)
    {
        if (bytes < Delivered * valueBytes)
            Fail(new InvalidDataException($"{Delivered} values of {valueBytes} bytes were counted, but only {bytes} bytes seen."));
    }

    /// <summary>
    /// Alone in its cache line: one thread counts deliveries while another asks for each message whether to end, and the line
    /// going to and fro would cost more than a fast client.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct PaddedCount
    {
        [FieldOffset(128)]
        public long Value;
    }
}
