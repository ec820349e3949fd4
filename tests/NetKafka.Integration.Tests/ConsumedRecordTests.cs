using System.Globalization;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests;

/// <summary>What Java and kcat wrote, as the consumer reads it and as Java's console consumer prints it.</summary>
[Trait("Area", "Consumer")]
public sealed class ConsumedRecordTests(KafkaClusters clusters)
{
    const int Partitions = 2;
    const int RecordsOfATool = 200;

    static readonly string[] Codecs = ["none", "gzip", "snappy", "lz4", "zstd"];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Records_of_Javas_console_producer_are_read_as_Java_prints_them(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        foreach (var codec in Codecs)
        {
            await cluster.Tools.ConsoleProduce(
                topic, Enumerable.Range(0, RecordsOfATool).Select(i => $"{HeadersOf(i)}\tZoë-{i % 7}\tPaid {i} € by {codec}"),
                ["parse.key=true", "parse.headers=true"], [$"compression.type={codec}"], Cancellation);
        }

        await AssertReadAsJavaPrints(cluster, topic, Codecs.Length * RecordsOfATool);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Records_of_producer_perf_are_read_as_Java_prints_them(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        foreach (var codec in Codecs)
            await cluster.Tools.ProducerPerf(topic, RecordsOfATool, recordBytes: 300, [$"compression.type={codec}"], Cancellation);

        await AssertReadAsJavaPrints(cluster, topic, Codecs.Length * RecordsOfATool);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Records_of_kcat_are_read_as_Java_prints_them(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(Partitions, cancellation: Cancellation);
        foreach (var codec in Codecs)
        {
            await Kcat.Run(
                cluster.BootstrapServers, ["-P", "-t", topic, "-K", ":", "-z", codec, "-H", "source=kcat", "-H", "empty="],
                string.Concat(Enumerable.Range(0, RecordsOfATool).Select(i => $"Zoë-{i % 7}:Paid {i} € by {codec}\n")), Cancellation);
        }

        await AssertReadAsJavaPrints(cluster, topic, Codecs.Length * RecordsOfATool);
    }

    static async Task AssertReadAsJavaPrints(KafkaCluster cluster, string topic, int count)
    {
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var consumer = kafka.CreateConsumer<string?, string>(new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest });
        await consumer.AssignAsync(Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition)), Cancellation);

        var ours = await consumer.Take(count, Cancellation);
        var javas = await cluster.Tools.ConsoleConsume(
            topic, count,
            ["print.timestamp=true", "print.partition=true", "print.offset=true", "print.headers=true", "print.key=true"],
            cancellation: Cancellation);

        // Partitions come in turns of the reader's own, so each is compared by itself.
        Assert.Equal(
            javas.GroupBy(line => line.Split('\t')[1]).OrderBy(lines => lines.Key, StringComparer.Ordinal).SelectMany(lines => lines),
            ours.GroupBy(record => record.Partition).OrderBy(records => records.Key).SelectMany(records => records).Select(AsJavaPrints));
    }

    static string HeadersOf(int number) => number % 3 == 0 ? "source:web" : $"source:till-{number},größe:klein";

    static string AsJavaPrints(ReadRecord<string?, string> record) => string.Join('\t',
        string.Create(CultureInfo.InvariantCulture, $"CreateTime:{record.TimestampMs}"), $"Partition:{record.Partition}", $"Offset:{record.Offset}",
        record.Headers.Count == 0 ? "NO_HEADERS" : string.Join(',', record.Headers.Select(header => $"{header.Key}:{header.Value}")),
        record.Key ?? "null", record.Value);
}
