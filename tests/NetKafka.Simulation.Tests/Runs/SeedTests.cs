namespace NetKafka.Simulation.Tests.Runs;

public sealed class SeedTests
{
    [Fact]
    public void Raw_requests_hold_under_every_seed() => Holds("raw", 300);

    [Fact]
    public void Idempotent_producers_lose_and_double_nothing_under_a_thousand_seeds() => Holds("produce", 1_000);

    [Fact]
    public void Group_handles_every_record_in_order_under_a_thousand_seeds() => Holds("consume", 1_000);

    [Fact]
    public void Readers_are_given_what_is_committed_and_nothing_else() => Holds("committed", 500);

    [Fact]
    public void Transactions_are_whole_or_not_there_and_copies_exactly_one() => Holds("transact", 500);

    [Theory]
    [InlineData("transact")]
    [InlineData("raw")]
    [InlineData("committed")]
    [InlineData("consume")]
    [InlineData("produce")]
    public void Seed_gives_the_same_trace_twice(string scenario)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var first = SeedRun.Execute(seed, scenario);
            var second = SeedRun.Execute(seed, scenario, new RunOptions(TellsStory: true));
            Assert.Equal((seed, first.TraceHash, first.Steps), (seed, second.TraceHash, second.Steps));
        }
    }

    [Fact]
    public void Seeds_differ_in_their_traces()
    {
        var traces = Enumerable.Range(0, 20).Select(seed => SeedRun.Execute((ulong)seed, "raw").TraceHash);
        Assert.Equal(20, traces.Distinct().Count());
    }

    static void Holds(string scenario, ulong seeds)
    {
        var failures = new List<string>();
        var range = new SeedRange(scenario, 0, seeds, _ => { });
        range.Run();
        foreach (var failure in range.Failures)
            failures.Add(failure.Line);
        Assert.True(range.FailedSeeds == 0, $"{range.Summary}\n{string.Join('\n', failures)}");
        Assert.True(range.FewestRecords >= 200, $"A seed had {range.FewestRecords} records.");
        Assert.True(range.FewestFaults.Count >= 5, $"Seed {range.FewestFaults.Seed} met {range.FewestFaults.Count} faults.");
    }
}
