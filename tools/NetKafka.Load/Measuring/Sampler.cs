using System.Diagnostics;

namespace NetKafka.Load.Measuring;

/// <summary>Takes the two points of a run, by number of messages or by time, and ends the load behind the second.</summary>
static class Sampler
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Between two looks at the count: rare enough to cost nothing.</summary>
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    /// <summary>Between two looks while time passes: ten a second cost more than a client with one message a second.</summary>
    static readonly TimeSpan Nap = TimeSpan.FromSeconds(2);

    /// <exception cref="TimeoutException">Nothing was delivered for a minute.</exception>
    public static Slope Run(Meter meter, long messages, TimeSpan warm, TimeSpan window, LatencyHistogram? histogram)
    {
        try
        {
            // Connecting and the first batch are no part of the warm-up.
            WaitFor(meter, 1);
            // Once for nothing: what the first look compiles is no cost of the client.
            Snapshot.Take(meter);
            if (messages > 0)
                WaitFor(meter, messages);
            else
                Pause(meter, warm);
            histogram?.Open();
            var first = Snapshot.Take(meter);
            if (messages > 0)
                WaitFor(meter, 4 * messages);
            else
                Pause(meter, window);
            return Slope.Between(first, Snapshot.Take(meter));
        }
        finally
        {
            meter.End();
        }
    }

    static void Pause(Meter meter, TimeSpan length)
    {
        var start = Stopwatch.GetTimestamp();
        for (var left = length; left > TimeSpan.Zero && !meter.IsDone; left = length - Stopwatch.GetElapsedTime(start))
            Thread.Sleep(left < Nap ? left : Nap);
    }

    static void WaitFor(Meter meter, long count)
    {
        var (last, changed) = (-1L, Stopwatch.GetTimestamp());
        while (meter.Delivered < count && !meter.IsDone)
        {
            if (meter.Delivered != last)
                (last, changed) = (meter.Delivered, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(changed) > Patience)
                throw new TimeoutException($"Nothing was delivered for {Patience.TotalSeconds} s; there were {last} messages before.");
            Thread.Sleep(Look);
        }
    }
}
