using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests;

/// <summary>The brokers and tools that every other test here stands on.</summary>
[Trait("Area", "Wire")]
public sealed class BrokerTests(KafkaClusters clusters)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Java_reads_what_Java_wrote(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(partitions: 1, cancellation: Cancellation);

        await cluster.Tools.ConsoleProduce(
            topic, ["source:test\tAlice\tPaid $200 to Bob", "source:test\tBob\tPaid 5 € to Zoë"],
            ["parse.key=true", "parse.headers=true"], ["compression.type=zstd"], Cancellation);
        var lines = await cluster.Tools.ConsoleConsume(
            topic, 2, ["print.key=true", "print.headers=true", "print.offset=true"], cancellation: Cancellation);

        Assert.Equal(
            ["Offset:0\tsource:test\tAlice\tPaid $200 to Bob", "Offset:1\tsource:test\tBob\tPaid 5 € to Zoë"], lines);
    }

    [Fact]
    public async Task Group_tool_shows_the_offsets_that_a_group_committed()
    {
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(partitions: 2, cancellation: Cancellation);
        var group = cluster.NewName("group");
        await cluster.Tools.ProducerPerf(topic, records: 1_000, recordBytes: 100, cancellation: Cancellation);

        await cluster.Tools.ConsoleConsume(topic, 1_000, consumerProperties: [$"group.id={group}"], cancellation: Cancellation);
        var committed = await cluster.Tools.CommittedOffsets(group, Cancellation);

        Assert.Equal([$"{topic}-0", $"{topic}-1"], committed.Keys.Order());
        Assert.Equal(1_000, committed.Values.Sum());
    }

    [Fact]
    public async Task Log_of_a_partition_can_be_dumped()
    {
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await cluster.Tools.ConsoleProduce(topic, ["Paid $200 to Bob"], cancellation: Cancellation);

        var dump = await cluster.Tools.DumpLog(await cluster.CopyOfSegment(topic, 0, Cancellation), Cancellation);

        Assert.Contains(dump, line => line.Contains("baseOffset: 0 lastOffset: 0", StringComparison.Ordinal));
        Assert.Contains(dump, line => line.EndsWith("payload: Paid $200 to Bob", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kcat_lists_a_topic_that_the_fixture_created()
    {
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(partitions: 3, cancellation: Cancellation);

        var listing = await Kcat.Run(cluster.BootstrapServers, ["-L", "-t", topic], cancellation: Cancellation);

        Assert.Contains(listing.Lines, line => line.Contains($"topic \"{topic}\" with 3 partitions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restarted_broker_has_its_records(bool isKilled)
    {
        await using var cluster = await clusters.Own(cancellation: Cancellation);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await cluster.Tools.ConsoleProduce(topic, ["before"], cancellation: Cancellation);

        await (isKilled ? cluster.Kill(1, Cancellation) : cluster.Stop(1, Cancellation));
        await cluster.Start(1, Cancellation);
        await cluster.Tools.ConsoleProduce(topic, ["after"], cancellation: Cancellation);

        Assert.Equal(["before", "after"], await cluster.Tools.ConsoleConsume(topic, 2, cancellation: Cancellation));
    }

    [Fact]
    public async Task Partition_moves_to_another_broker_when_its_leader_is_killed()
    {
        await using var cluster = await clusters.Own(brokers: 3, cancellation: Cancellation);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await cluster.Tools.ConsoleProduce(topic, ["kept by the others"], cancellation: Cancellation);
        var leader = await cluster.LeaderOf(topic, 0, Cancellation);

        await cluster.Kill(leader, Cancellation);

        Assert.Equal(["kept by the others"], await cluster.Tools.ConsoleConsume(topic, 1, cancellation: Cancellation));
        Assert.NotEqual(leader, await cluster.LeaderOf(topic, 0, Cancellation));
    }
}
