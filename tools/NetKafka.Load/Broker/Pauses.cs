using System.Diagnostics;

namespace NetKafka.Load.Broker;

/// <summary>Times at which the broker stands still, in all its connections at once.</summary>
sealed class Pauses(TimeSpan every, TimeSpan length)
{
    readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Returns when no pause is on.</summary>
    public void Wait()
    {
        if (every <= TimeSpan.Zero)
            return;
        var sincePeriod = TimeSpan.FromTicks(Stopwatch.GetElapsedTime(_start).Ticks % every.Ticks);
        // A pause ends its period, so that the load has begun when the first one comes.
        var left = every - sincePeriod;
        if (left <= length)
            Thread.Sleep(left);
    }
}
