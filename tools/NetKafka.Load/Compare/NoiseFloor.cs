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
        var alike = floors.Where(floor => IsLatency(floor) == IsLatency(row)).ToArray();
        return alike.Where(floor => floor.Unit == row.Unit || !IsLatency(row))
            .GroupBy(floor => floor.IsReal == row.IsReal).OrderByDescending(group => group.Key)
            .Cast<IEnumerable<RowResult>>().FirstOrDefault(alike)
            .Select(floor => Math.Min(floor.Ratio!.Value, 1 / floor.Ratio!.Value))
            .DefaultIfEmpty(1).Min();
    }

    static bool IsLatency(RowResult row) => row.Unit.StartsWith("µs p", StringComparison.Ordinal);
}
