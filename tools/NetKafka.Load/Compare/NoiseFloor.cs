namespace NetKafka.Load.Compare;

/// <summary>
/// What the runs of ours against ours have shown: a difference that is no larger is none. Times of single messages scatter more
/// than costs, their tail more than their middle, and all of them more beside a broker that shares the processors, so each has
/// its own.
/// </summary>
static class NoiseFloor
{
    /// <summary>Names of rows of ours against ours begin so.</summary>
    public const string Prefix = "A/A-";

    /// <summary>The rows with their noise.</summary>
    public static RowResult[] Apply(IReadOnlyList<RowResult> rows)
    {
        RowResult[] floors = [.. rows.Where(row => row.Row.StartsWith(Prefix, StringComparison.Ordinal) && row.Ratio is not null)];
        return [.. rows.Select(row => row with { Noise = Of(row, floors) })];
    }

    /// <summary>Of the floors that are most like a row the median that lies farthest from 1, turned so that it is below 1; 1 if there is none.</summary>
    static double Of(RowResult row, RowResult[] floors)
    {
        var kind = floors.Where(floor => IsLatency(floor) == IsLatency(row)).ToArray();
        var near = OrAll(kind, floor => floor.IsReal == row.IsReal);
        return OrAll(near, floor => floor.Unit == row.Unit)
            .Select(floor => Math.Min(floor.Ratio!.Value, 1 / floor.Ratio!.Value))
            .DefaultIfEmpty(1).Min();
    }

    /// <summary>Those that fit; all where none does.</summary>
    static RowResult[] OrAll(RowResult[] floors, Func<RowResult, bool> fits) => floors.Any(fits) ? [.. floors.Where(fits)] : floors;

    static bool IsLatency(RowResult row) => row.Unit.StartsWith("µs p", StringComparison.Ordinal);
}
