namespace NetKafka.Load.Compare;

/// <summary>
/// What the runs of ours against ours have shown: a difference that is no larger is none. Times of single messages scatter
/// more than costs, so each kind has its own.
/// </summary>
static class NoiseFloor
{
    /// <summary>Names of rows of ours against ours begin so.</summary>
    public const string Prefix = "A/A-";

    /// <summary>The rows with their noise.</summary>
    public static RowResult[] Apply(IReadOnlyList<RowResult> rows)
    {
        var (latency, cost) = (Of(rows, isLatency: true), Of(rows, isLatency: false));
        return [.. rows.Select(row => row with { Noise = IsLatency(row) ? latency : cost })];
    }

    /// <summary>The median that lies farthest from 1, turned so that it is below 1; 1 if there is none.</summary>
    static double Of(IReadOnlyList<RowResult> rows, bool isLatency) => rows
        .Where(row => row.Row.StartsWith(Prefix, StringComparison.Ordinal) && IsLatency(row) == isLatency)
        .Select(row => row.Ratio).OfType<double>()
        .Select(ratio => Math.Min(ratio, 1 / ratio))
        .DefaultIfEmpty(1).Min();

    static bool IsLatency(RowResult row) => row.Unit.StartsWith("µs p", StringComparison.Ordinal);
}
