using System.Diagnostics;
using NetKafka.Load.Measuring;

namespace NetKafka.Load.Tests;

public sealed class SlopeTests
{
    static readonly Snapshot First = new(
        Timestamp: Stopwatch.Frequency, Delivered: 1_000, User: TimeSpan.FromSeconds(5), System: TimeSpan.FromSeconds(1),
        AllocatedBytes: 1_000_000, Gen0: 3, Gen1: 2, Gen2: 1, RssBytes: 10);

    static readonly Snapshot Second = new(
        Timestamp: 3 * Stopwatch.Frequency, Delivered: 4_001_000, User: TimeSpan.FromSeconds(6), System: TimeSpan.FromSeconds(2),
        AllocatedBytes: 9_000_000, Gen0: 5, Gen1: 3, Gen2: 1, RssBytes: 20);

    [Fact]
    public void What_came_before_the_first_point_cancels_out()
    {
        var slope = Slope.Between(First, Second);

        Assert.Equal(4_000_000, slope.Messages);
        Assert.Equal(0.5, slope.CpuMicrosPerMessage, 12);
        Assert.Equal(0.5, slope.WallMicrosPerMessage, 12);
        Assert.Equal(2, slope.BytesPerMessage, 12);
        Assert.Equal((2, 1, 0), (slope.Gen0, slope.Gen1, slope.Gen2));
    }

    [Fact]
    public void Two_seconds_of_processor_in_two_seconds_are_one_core() => Assert.Equal(1, Slope.Between(First, Second).CoreShare, 12);
}
