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
    /// Where the broker pauses, by how much its pauses may make memory grow beyond <paramref name="restBytes"/>: the first one
    /// fills buffers that no load needed before, so collections count from the end of the first minute. 0 where it does not.
    /// </param>
    /// <param name="restBytes">The process's memory before the first pause.</param>
    public static IReadOnlyList<string> Problems(
        IReadOnlyList<Minute> minutes, long lost, long faults, long growthBytes = 0, long restBytes = 0)
    {
        var problems = new List<string>();
        if (minutes.Count > 0 && Drift(minutes) is var drift && Math.Abs(drift) > MaxDrift)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"RSS moved by {100 * drift:0.0} % from its first minute, more than 5 %"));
        if (growthBytes > 0 && minutes.Any(minute => minute.RssBytes > restBytes + growthBytes))
            problems.Add($"RSS passed {restBytes} bytes before the first pause by more than the {growthBytes} of the buffer");
        var (gen1, gen2) = Older(minutes, isFirstExcused: growthBytes > 0);
        if (gen1 > 0 || gen2 > 0)
            problems.Add($"{gen1} collections of generation 1 and {gen2} of generation 2");
        if (lost != 0)
            problems.Add($"{lost} messages that were taken were not counted by the broker");
        if (faults != 0)
            problems.Add($"{faults} batches were damaged, doubled or out of order");
        return problems;
    }

    static (int Gen1, int Gen2) Older(IReadOnlyList<Minute> minutes, bool isFirstExcused) => minutes switch
    {
        [] => (0, 0),
        [var first, .., var last] when isFirstExcused => (last.Gen1 - first.Gen1, last.Gen2 - first.Gen2),
        [_] when isFirstExcused => (0, 0),
        _ => (minutes[^1].Gen1, minutes[^1].Gen2),
    };

    /// <summary>The largest change of memory against the end of the first minute, as a share of it.</summary>
    public static double Drift(IReadOnlyList<Minute> minutes) => minutes
        .Select(minute => ((double)minute.RssBytes / minutes[0].RssBytes) - 1)
        .MaxBy(Math.Abs);
}
