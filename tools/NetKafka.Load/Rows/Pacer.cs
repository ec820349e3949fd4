using System.Diagnostics;

namespace NetKafka.Load.Rows;

/// <summary>Says when each message is due: a fixed rate from one start, none left out, however late it became.</summary>
sealed class Pacer(double perSecond)
{
    readonly long _start = Stopwatch.GetTimestamp();
    readonly double _ticksEach = Stopwatch.Frequency / perSecond;

    /// <summary>Waits until a message is due.</summary>
    /// <returns>The moment at which it was due, which may lie in the past.</returns>
    public ValueTask<long> WaitAsync(long index)
    {
        var due = _start + (long)(index * _ticksEach);
        return Stopwatch.GetTimestamp() >= due ? new(due) : new(SleepUntil(due));
    }

    // A thread that sleeps, since timers of the pool tick in whole milliseconds; the pacing must not be what is measured.
    static long SleepUntil(long due)
    {
        for (var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due); left > TimeSpan.Zero;
            left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due))
        {
            PreciseSleep.For(left);
        }
        return due;
    }
}
