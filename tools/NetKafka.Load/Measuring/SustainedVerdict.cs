using System.Globalization;

namespace NetKafka.Load.Measuring;

/// <summary>What a sustained load has shown: memory that stays, no collections of older generations, nothing lost.</summary>
static class SustainedVerdict
{
    const double MaxDrift = 0.05;

    /// <summary>What is wrong; empty if nothing is.</summary>
    /// <param name="minutes">One after another, the first one included.</param>
    /// <param name="lost">What the client took and the broker did not count.</param>
    /// <param name="faults">What the broker's checks found.</param>
    /// <param name="growthBytes">
    /// Where the broker pauses, by how much memory may pass <paramref name="restBytes"/>: each pause fills as much of the buffer as
    /// a broker's window allows at its rate, so this bound stands in place of those on drift and on collections. 0 where it
    /// does not pause.
    /// </param>
    /// <param name="restBytes">The process's memory before the first pause.</param>
    public static IReadOnlyList<string> Problems(
        IReadOnlyList<Minute> minutes, long lost, long faults, long growthBytes = 0, long restBytes = 0)
    {
        var problems = new List<string>();
        if (growthBytes > 0)
            CheckBound(minutes, restBytes + growthBytes, problems);
        else if (minutes.Count > 0)
            CheckSteady(minutes, problems);
        if (lost != 0)
            problems.Add($"{lost} messages that were taken were not counted by the broker");
        if (faults != 0)
            problems.Add($"{faults} batches were damaged, doubled or out of order");
        return problems;
    }

    static void CheckBound(IReadOnlyList<Minute> minutes, long mostBytes, List<string> problems)
    {
        foreach (var minute in minutes)
        {
            if (minute.RssBytes > mostBytes)
                problems.Add($"RSS came to {minute.RssBytes} bytes, above the {mostBytes} of before the first pause and the buffer");
        }
    }

    static void CheckSteady(IReadOnlyList<Minute> minutes, List<string> problems)
    {
        if (Drift(minutes) is var drift && Math.Abs(drift) > MaxDrift)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"RSS moved by {100 * drift:0.0} % from its first minute, more than 5 %"));
        if (minutes[^1].Gen1 > 0 || minutes[^1].Gen2 > 0)
            problems.Add($"{minutes[^1].Gen1} collections of generation 1 and {minutes[^1].Gen2} of generation 2");
    }

    /// <summary>The largest change of memory against the end of the first minute, as a share of it.</summary>
    public static double Drift(IReadOnlyList<Minute> minutes) => minutes
        .Select(minute => ((double)minute.RssBytes / minutes[0].RssBytes) - 1)
        .MaxBy(Math.Abs);
}
