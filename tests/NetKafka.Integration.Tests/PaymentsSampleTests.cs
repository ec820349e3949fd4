using System.Globalization;
using System.Text.RegularExpressions;
using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests;

/// <summary>The sample, as a process of its own.</summary>
[Trait("Area", "Consumer")]
public sealed partial class PaymentsSampleTests(KafkaClusters clusters)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sample_reads_what_it_wrote_to_the_embedded_Kafka()
    {
        var result = await SampleProgram.Run(SampleProgram.Payments, ["--count", "5"], Cancellation);

        Assert.Equal(Enumerable.Range(0, 5).Select(offset => $"wrote  payments-0@{offset}"), Written(result));
        Assert.Equal(5, Read(result).Count);
    }

    [Fact]
    public async Task Sample_refuses_arguments_that_it_does_not_know()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SampleProgram.Run(SampleProgram.Payments, ["--no-such-option"], Cancellation));

        Assert.Contains("--replay-from", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Sample_writes_reads_replays_and_leaves_its_group_on_a_real_Kafka(string version)
    {
        // Its topic and its group have names of their own, and it leaves it to the broker to create the topic.
        await using var cluster = await clusters.Own(
            version, settings: new Dictionary<string, string> { ["auto.create.topics.enable"] = "true" }, cancellation: Cancellation);
        string[] bootstrap = ["--bootstrap", cluster.BootstrapServers];

        var first = await SampleProgram.Run(SampleProgram.Payments, [.. bootstrap, "--count", "3"], Cancellation);
        var moment = await TimeAfter(Read(first).Max(), Cancellation);
        var second = await SampleProgram.Run(SampleProgram.Payments, [.. bootstrap, "--count", "2"], Cancellation);
        var replayed = await SampleProgram.Run(SampleProgram.Payments, [.. bootstrap, "--count", "1", "--replay-from", $"{moment:O}"], Cancellation);
        var fromTheFirst = await SampleProgram.Run(SampleProgram.Payments, [.. bootstrap, "--count", "1", "--replay-from", "1h"], Cancellation);
        var java = await cluster.Tools.ConsoleConsume("payments", 7, ["print.timestamp=true", "print.key=true"], cancellation: Cancellation);

        Assert.Equal(["wrote  payments-0@0", "wrote  payments-0@1", "wrote  payments-0@2"], Written(first));
        Assert.Equal(["wrote  payments-0@3", "wrote  payments-0@4"], Written(second));
        Assert.All(java, line => Assert.EndsWith("\tAlice\tPaid $200 to Bob", line, StringComparison.Ordinal));
        var times = java.Select(line => DateTimeOffset.FromUnixTimeMilliseconds(
            long.Parse(line.AsSpan("CreateTime:".Length, line.IndexOf('\t', StringComparison.Ordinal) - "CreateTime:".Length), CultureInfo.InvariantCulture))).ToList();
        Assert.Equal(times[..3], Read(first));
        Assert.Equal(times[3..5], Read(second));
        Assert.Equal(times[3..6], Read(replayed));
        Assert.Equal(times, Read(fromTheFirst));
        await AssertFollowsUntilInterrupted(cluster, bootstrap);
    }

    static async Task AssertFollowsUntilInterrupted(KafkaCluster cluster, string[] bootstrap)
    {
        await using var following = SampleProgram.Start(SampleProgram.Payments, [.. bootstrap, "--count", "1", "--follow"]);
        await Wait.Until(() => following.Lines.Count(IsRead) == 1, "the payment is read", Cancellation);
        await cluster.Tools.ConsoleProduce("payments", ["Carol\tPaid 5 to Dave"], ["parse.key=true"], cancellation: Cancellation);
        await Wait.Until(() => following.Lines.Any(line => line.StartsWith("read   Carol: Paid 5 to Dave at ", StringComparison.Ordinal)), "Java's payment is read", Cancellation);
        Assert.Contains(await State(cluster), line => line.Contains("Stable", StringComparison.Ordinal));

        Assert.Equal(0, (await following.Interrupt(Cancellation)).ExitCode);

        Assert.Contains(await State(cluster), line => line.Contains("Empty", StringComparison.Ordinal));
        // Seven before it was started, its own, and Java's; the one in hand when it was stopped may not count as done.
        Assert.InRange((await cluster.Tools.CommittedOffsets("realtime-risk", Cancellation))["payments-0"], 8, 9);
    }

    static async Task<IEnumerable<string>> State(KafkaCluster cluster) =>
        (await cluster.Tools.Groups(["--describe", "--group", "realtime-risk", "--state"], Cancellation)).Lines
            .Where(line => line.StartsWith("realtime-risk", StringComparison.Ordinal));

    static IEnumerable<string> Written(ToolResult result) => result.Lines.Where(line => line.StartsWith("wrote ", StringComparison.Ordinal));

    static bool IsRead(string line) => line.StartsWith("read ", StringComparison.Ordinal);

    /// <summary>The times of the payments that were read, each of them Alice's.</summary>
    static List<DateTimeOffset> Read(ToolResult result) =>
    [
        .. result.Lines.Where(IsRead).Select(line => ReadLine().Match(line)).Select(match =>
        {
            Assert.True(match.Success, $"A line of the sample is not as expected:\n{result.Output}");
            return DateTimeOffset.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture);
        }),
    ];

    /// <summary>A moment after the one given, once the clock has passed it.</summary>
    static async Task<DateTimeOffset> TimeAfter(DateTimeOffset time, CancellationToken cancellation)
    {
        var after = time.AddMilliseconds(1);
        await Wait.Until(() => DateTimeOffset.UtcNow > after, "the clock goes on", cancellation);
        return after;
    }

    [GeneratedRegex(@"^read   Alice: Paid \$200 to Bob at (?<time>\S+)$")]
    private static partial Regex ReadLine();
}
