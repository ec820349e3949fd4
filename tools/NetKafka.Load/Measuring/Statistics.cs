namespace NetKafka.Load.Measuring;

/// <summary>Of few numbers that are noisy.</summary>
static class Statistics
{
    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("There is no median of nothing.", nameof(values));
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The mean of what is compared by division: 2 and ½ make 1.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static double GeometricMean(IReadOnlyCollection<double> values) => values.Count == 0
        ? throw new ArgumentException("There is no mean of nothing.", nameof(values))
        : Math.Exp(values.Sum(Math.Log) / values.Count);

    /// <summary>
    /// How many times better we are in one block: theirs through ours, each the geometric mean of its runs in the block, so
    /// that a drift during it takes and gives the same.
    /// </summary>
    public static double Ratio(IReadOnlyCollection<double> ours, IReadOnlyCollection<double> theirs) =>
        GeometricMean(theirs) / GeometricMean(ours);
}
