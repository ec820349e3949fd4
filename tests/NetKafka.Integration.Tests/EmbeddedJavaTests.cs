using System.Globalization;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Testing;

namespace NetKafka.Integration.Tests;

/// <summary>Java's clients on the embedded Kafka: what it serves is not only what our own client takes for Kafka.</summary>
[Trait("Area", "Consumer")]
public sealed class EmbeddedJavaTests(KafkaClusters clusters)
{
    const string Topic = "payments";
    const string Group = "readers";
    const int Partitions = 4;
    const int Records = 40;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("consumer")]
    [InlineData("classic")]
    public async Task Java_reads_a_topic_in_a_group_of_either_protocol(string protocol)
    {
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true, AutoCreateTopics = false });
        embedded.CreateTopic(Topic, Partitions);
        var tools = await clusters.ToolsAgainst(embedded.BootstrapServers);
        var lines = Enumerable.Range(0, Records).Select(static i => i.ToString("D3", CultureInfo.InvariantCulture)).ToArray();
        // Keys spread the records.
        await tools.ConsoleProduce(Topic, lines.Select(static line => $"{line}:{line}"), ["parse.key=true", "key.separator=:"], cancellation: Cancellation);

        var read = await tools.ConsoleConsume(
            Topic, Records, consumerProperties: [$"group.id={Group}", $"group.protocol={protocol}"], cancellation: Cancellation);

        Assert.Equal(lines, read.Order(StringComparer.Ordinal));
        Assert.Equal(Records, Enumerable.Range(0, Partitions).Sum(partition => embedded.GetCommittedOffset(Group, Topic, partition) ?? 0));
        Assert.Equal(Records, (await tools.CommittedOffsets(Group, Cancellation)).Values.Sum());
        var listed = (await tools.Groups(["--list", "--type"], Cancellation)).Lines;
        Assert.Contains(listed, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [Group, var type, ..] && type.Equals(protocol, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Java_reads_a_topic_in_a_share_group_and_sees_where_it_is()
    {
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Tcp = true, AutoCreateTopics = false });
        embedded.CreateTopic(Topic);
        embedded.SetGroupConfig(Group, "share.auto.offset.reset", "earliest");
        var tools = await clusters.ToolsAgainst(embedded.BootstrapServers);
        var lines = Enumerable.Range(0, Records).Select(static i => i.ToString("D3", CultureInfo.InvariantCulture)).ToArray();
        await tools.ConsoleProduce(Topic, lines, cancellation: Cancellation);

        var read = await tools.ConsoleShareConsume(Topic, Group, Records, cancellation: Cancellation);

        Assert.Equal(lines, read.Order(StringComparer.Ordinal));
        Assert.Contains((await tools.ShareGroups(["--list"], Cancellation)).Lines, static line => line.Contains(Group, StringComparison.Ordinal));
        Assert.Contains(
            (await tools.ShareGroups(["--describe", "--group", Group], Cancellation)).Lines,
            static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [Group, Topic, "0", ..]);
        // What was accepted does not come again.
        await tools.ConsoleProduce(Topic, ["more"], cancellation: Cancellation);
        Assert.Equal(["more"], await tools.ConsoleShareConsume(Topic, Group, 1, cancellation: Cancellation));
    }
}
