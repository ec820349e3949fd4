using CsCheck;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class BackoffTests
{
    static readonly Backoff HundredToSecond = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(4, 800)]
    [InlineData(5, 1000)]
    [InlineData(int.MaxValue, 1000)]
    public void Wait_doubles_up_to_its_bound_and_is_spread_by_a_fifth(int attempts, int milliseconds) =>
        Gen.ULong.Sample(seed =>
        {
            var wait = HundredToSecond.After(attempts, new RandomSource(seed)).TotalMilliseconds;
            Assert.InRange(wait, milliseconds * 0.8 - 0.001, milliseconds * 1.2 + 0.001);
        });

    [Fact]
    public void Many_clients_do_not_come_back_at_one_moment()
    {
        var waits = Enumerable.Range(0, 1000).Select(seed => HundredToSecond.After(1, new RandomSource((ulong)seed)).TotalMilliseconds).ToList();

        Assert.InRange(waits.Min(), 80, 85);
        Assert.InRange(waits.Max(), 115, 120);
        Assert.InRange(waits.Average(), 97, 103);
    }

    [Fact]
    public void Random_source_repeats_itself_under_one_seed_and_stays_in_range() =>
        Gen.Select(Gen.ULong, Gen.Int[1, int.MaxValue]).Sample((seed, bound) =>
        {
            var (one, other) = (new RandomSource(seed), new RandomSource(seed));
            for (var i = 0; i < 20; i++)
            {
                var number = one.Next(bound);
                Assert.InRange(number, 0, bound - 1);
                Assert.Equal(number, other.Next(bound));
                Assert.InRange(one.NextDouble(), 0, 1 - 1e-16);
                other.NextDouble();
            }
        });
}
