using NetKafka.Load.Measuring;

namespace NetKafka.Load.Tests;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3.0)]
    [InlineData(new[] { 9.0, 1.0, 2.0 }, 2.0)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 100.0 }, 3.0)]
    public void Median_is_the_middle(double[] values, double expected) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void Nothing_has_no_median() => Assert.Throws<ArgumentException>(() => Statistics.Median([]));

    [Fact]
    public void Twice_and_half_make_one() => Assert.Equal(1, Statistics.GeometricMean([2.0, 0.5]), 12);

    [Fact]
    public void Ratio_is_above_one_where_theirs_costs_more() => Assert.Equal(4, Statistics.Ratio([1.0, 1.0], [4.0, 4.0]), 12);

    /// <summary>A B B A on a machine that slows down by a tenth from run to run.</summary>
    [Fact]
    public void Steady_drift_inside_a_block_leaves_the_ratio()
    {
        double[] ours = [1 * 1.0, 1 * Math.Pow(1.1, 3)];
        double[] theirs = [2 * 1.1, 2 * Math.Pow(1.1, 2)];

        Assert.Equal(2, Statistics.Ratio(ours, theirs), 12);
    }
}
