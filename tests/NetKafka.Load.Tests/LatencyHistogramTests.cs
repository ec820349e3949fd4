using NetKafka.Load.Measuring;

namespace NetKafka.Load.Tests;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5, 500_000)]
    [InlineData(0.99, 990_000)]
    [InlineData(0.999, 999_000)]
    [InlineData(1, 1_000_000)]
    public void Percentile_is_within_a_bucket_of_the_exact_one(double share, long exactNanoseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Open();
        for (var i = 1; i <= 1000; i++)
            histogram.Record(i * 1000);

        Assert.InRange(histogram.Percentile(share) * 1000, exactNanoseconds, exactNanoseconds * (1 + (1.0 / 64)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(long.MaxValue)]
    public void Every_value_has_a_bucket_that_holds_it(long nanoseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Open();
        histogram.Record(nanoseconds);

        Assert.Equal(1, histogram.Count);
        Assert.True(histogram.Percentile(1) * 1000 >= nanoseconds);
    }

    [Fact]
    public void Warm_up_does_not_count()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1_000_000_000);
        histogram.Open();
        histogram.Record(1_000);

        Assert.Equal(1, histogram.Count);
        Assert.Equal(1, histogram.MaxMicros);
    }
}
