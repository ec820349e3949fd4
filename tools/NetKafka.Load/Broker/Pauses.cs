using System.Diagnostics;

namespace NetKafka.Load.Broker;

/// <summary>Times at which the broker stands still, in all its connections at once.</summary>
/// <param name="every">From one pause to the next; zero for none.</param>
/// <param name="length">How long each of them is.</param>
/// <param name="first">How long one pause is that comes once, soon after the start; zero for none.</param>
sealed class Pauses(TimeSpan every, TimeSpan length, TimeSpan first)
{
    static readonly TimeSpan FirstAt = TimeSpan.FromSeconds(5);

    readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Returns when no pause is on.</summary>
    public void Wait()
    {
        if (first > TimeSpan.Zero && FirstAt + first - Stopwatch.GetElapsedTime(_start) is var rest && rest > TimeSpan.Zero && rest <= first)
            Thread.Sleep(rest);
        if (every <= TimeSpan.Zero)
            return;
        var sincePeriod = TimeSpan.FromTicks(Stopwatch.GetElapsedTime(_start).Ticks % every.Ticks);
        // A pause ends its period, so that the load has begun when the first one comes.
        var left = every - sincePeriod;
        if (left <= length)
            Thread.Sleep(left);
    }
}
