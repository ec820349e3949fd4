using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests;

/// <summary>A group's offsets and members, as Java's tool for groups shows them.</summary>
[Trait("Area", "Consumer")]
public sealed class GroupOffsetTests(KafkaClusters clusters)
{
    const int Partitions = 3;
    const int Records = 120;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Committed_offsets_and_lag_are_what_Java_shows(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        var group = cluster.NewName("group");
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await Produce(kafka, topic);
        await using var consumer = kafka.CreateConsumer<int, string>(new ConsumerOptions
        {
            GroupId = group, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false,
        });

        var read = await consumer.Take(Records - 17, Cancellation);
        await consumer.CommitAsync(Cancellation);

        var partitions = Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition)).ToList();
        var committed = await consumer.CommittedAsync(partitions, Cancellation);
        var ends = await consumer.EndOffsetsAsync(partitions, Cancellation);
        var shown = await Describe(cluster, group);
        Assert.Equal(Records, ends.Sum(end => end.Offset));
        Assert.Equal(read.CountBy(record => record.Partition).OrderBy(count => count.Key).Select(count => (count.Key, (long)count.Value)),
            committed.Select(offset => (offset.Partition, offset.Offset)));
        Assert.Equal(committed.Select(offset => (offset.Partition, offset.Offset)), shown.Where(row => row.Offset is not null).Select(row => (row.Partition, row.Offset!.Value)));
        Assert.Equal(ends.Select(end => end.Offset), shown.Select(row => row.End));
        Assert.All(shown.Where(row => row.Offset is not null), row => Assert.Equal(row.End - row.Offset, row.Lag));
        Assert.All(shown, row => Assert.StartsWith("netkafka", row.ClientId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Closing_commits_what_was_finished_and_leaves_the_group_empty()
    {
        var cluster = await clusters.Shared();
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        var group = cluster.NewName("group");
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await Produce(kafka, topic);
        var consumer = kafka.CreateConsumer<int, string>(new ConsumerOptions
        {
            GroupId = group, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest, AutoCommitInterval = TimeSpan.FromHours(1),
        });

        var read = await consumer.Take(Records / 2, Cancellation);
        await consumer.DisposeAsync();

        // As with Java, a partition that is assigned and not read yet has the position at which it begins.
        var finished = read.GroupBy(record => $"{topic}-{record.Partition}").ToDictionary(records => records.Key, records => records.Max(record => record.Offset) + 1);
        var committed = await cluster.Tools.CommittedOffsets(group, Cancellation);
        Assert.Equal(finished, committed.Where(offset => finished.ContainsKey(offset.Key)));
        Assert.All(committed.Where(offset => !finished.ContainsKey(offset.Key)), offset => Assert.Equal(0, offset.Value));
        var state = await cluster.Tools.Groups(["--describe", "--group", group, "--state"], Cancellation);
        Assert.Contains(state.Lines, line => line.StartsWith(group, StringComparison.Ordinal) && line.Contains("Empty", StringComparison.Ordinal));
    }

    static async Task Produce(KafkaClient kafka, string topic)
    {
        await using var producer = kafka.CreateProducer<int, string>();
        await Task.WhenAll(Enumerable.Range(0, Records).Select(i => producer.ProduceAsync(topic, i, $"Paid {i}", Cancellation).AsTask()));
    }

    /// <summary>The rows of the tool, by partition; a member that has committed nothing shows a dash.</summary>
    static async Task<IReadOnlyList<Row>> Describe(KafkaCluster cluster, string group)
    {
        var lines = (await cluster.Tools.Groups(["--describe", "--group", group], Cancellation)).Lines
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var header = lines.Find(columns => columns.Contains("CURRENT-OFFSET")) ?? throw new InvalidOperationException("The tool printed no table.");
        string Column(string[] columns, string name) => columns[Array.IndexOf(header, name)];
        long? Number(string[] columns, string name) =>
            Column(columns, name) is var text && text != "-" ? long.Parse(text, CultureInfo.InvariantCulture) : null;
        return [.. lines.Where(columns => columns.Length >= header.Length && columns[0] == group)
            .Select(columns => new Row(
                (int)Number(columns, "PARTITION")!, Number(columns, "CURRENT-OFFSET"), Number(columns, "LOG-END-OFFSET")!.Value,
                Number(columns, "LAG"), Column(columns, "CLIENT-ID")))
            .OrderBy(row => row.Partition)];
    }

    sealed record Row(int Partition, long? Offset, long End, long? Lag, string ClientId);
}
