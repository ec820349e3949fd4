using CsCheck;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class InstantTests
{
    [Fact]
    public void Sum_that_is_too_late_is_never()
    {
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromDays(1));
        Assert.Equal(Instant.Never, new Instant(long.MaxValue - 5) + TimeSpan.FromTicks(6));
        Assert.Equal(Instant.Never, new Instant(7) + TimeSpan.MaxValue);
    }

    [Fact]
    public void Sum_follows_the_order_of_its_parts() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue]).Sample((start, span) =>
        {
            var moment = new Instant(start);
            var later = moment + TimeSpan.FromTicks(span);
            Assert.True(later >= moment);
            Assert.Equal(later, Instant.Later(moment, later));
            Assert.Equal(moment, Instant.Earlier(moment, later));
            Assert.True(later == Instant.Never || later - moment == TimeSpan.FromTicks(span));
        });

    [Fact]
    public void Every_moment_is_before_never()
    {
        Assert.True(Instant.Start < Instant.Never);
        Assert.True(Instant.Never >= new Instant(long.MaxValue - 1));
        Assert.Equal(1, Instant.Never.CompareTo(Instant.Start));
        Assert.Equal("never", Instant.Never.ToString());
        Assert.Equal("1.5 ms", new Instant(15_000).ToString());
    }
}
