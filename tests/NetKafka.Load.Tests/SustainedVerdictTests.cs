using NetKafka.Load.Measuring;

namespace NetKafka.Load.Tests;

public sealed class SustainedVerdictTests
{
    [Fact]
    public void Memory_that_stays_and_nothing_lost_is_good() =>
        Assert.Empty(SustainedVerdict.Problems([AMinute(100), AMinute(104), AMinute(97)], lost: 0, faults: 0));

    [Fact]
    public void Growth_beyond_a_twentieth_is_told() =>
        Assert.Single(SustainedVerdict.Problems([AMinute(100), AMinute(106), AMinute(100)], lost: 0, faults: 0));

    [Fact]
    public void Older_generations_losses_and_faults_are_told() =>
        Assert.Equal(3, SustainedVerdict.Problems([AMinute(100), AMinute(100) with { Gen1 = 1 }], lost: 1, faults: 1).Count);

    [Fact]
    public void Pauses_may_fill_the_buffer_and_no_more()
    {
        Assert.Empty(Paused(rest: 60, AMinute(100) with { Gen2 = 1 }, AMinute(110) with { Gen2 = 2 }));
        Assert.Single(Paused(rest: 60, AMinute(100), AMinute(111)));
    }

    static IReadOnlyList<string> Paused(long rest, params Minute[] minutes) =>
        SustainedVerdict.Problems(minutes, lost: 0, faults: 0, growthBytes: 50, restBytes: rest);

    static Minute AMinute(long rssBytes) => new(1, rssBytes, 0, 0, 0, TimeSpan.Zero);
}
