using NetKafka.Load.Measuring;

namespace NetKafka.Load.Compare;

/// <summary>A figure of a run in which less is better.</summary>
/// <param name="Unit">What it is counted in.</param>
/// <param name="Of">Takes it from a report; null where the run has none.</param>
/// <param name="Floor">Values below it count as it, since nobody can be better than nothing.</param>
sealed record Metric(string Unit, Func<RunReport, double?> Of, double Floor = 0)
{
    public static readonly Metric Cpu = new("µs CPU/msg", run => run.CpuMicros);

    public static readonly Metric Wall = new("µs wall/msg", run => run.WallMicros);

    public static readonly Metric Core = new("% of a core", run => run.CorePercent);

    public static readonly Metric Garbage = new("B/msg", run => run.BytesPerMessage, Floor: 1)
    {
        // What others allocate is not the collector's.
        OnlyOf = ["confluent", "dekaf"],
    };

    public static readonly Metric Rss = new("MiB RSS", run => run.RssMiB);

    public static readonly Metric P50 = new("µs p50", run => run.P50Micros) { IsLatency = true };

    public static readonly Metric P99 = new("µs p99", run => run.P99Micros) { IsLatency = true };

    public static readonly Metric P999 = new("µs p99.9", run => run.P999Micros) { IsLatency = true };

    public static readonly Metric Start = new("ms to first ack", run => run.StartMillis);

    public static readonly Metric ProgramSize = new("MiB of program", run => run.ProgramMiB);

    /// <summary>Whether it is the time that a message takes.</summary>
    public bool IsLatency { get; init; }

    /// <summary>Clients that have such a figure at all; null for every one.</summary>
    public string[]? OnlyOf { get; init; }

    /// <summary>The figure for comparison; null where the run has none.</summary>
    public double? Compared(RunReport run) => Of(run) is { } value && double.IsFinite(value) ? Math.Max(value, Floor) : null;
}
