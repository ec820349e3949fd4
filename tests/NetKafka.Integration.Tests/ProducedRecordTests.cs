using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Integration.Tests;

/// <summary>What the producer wrote, as Java's console consumer and kcat print it.</summary>
[Trait("Area", "Producer")]
public sealed class ProducedRecordTests(KafkaClusters clusters)
{
    const int RecordsOfACodec = 40;

    static readonly DateTimeOffset FirstTime = new(2024, 5, 17, 8, 30, 0, 123, TimeSpan.Zero);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Java_and_kcat_print_what_was_produced_in_each_codec(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        var payments = await ProduceInEachCodec(cluster, topic);

        var java = await cluster.Tools.ConsoleConsume(
            topic, payments.Count,
            ["print.timestamp=true", "print.partition=true", "print.offset=true", "print.headers=true", "print.key=true"],
            cancellation: Cancellation);
        Assert.Equal(payments.Select(AsJavaPrints), java);

        var kcat = await Kcat.Run(
            cluster.BootstrapServers, ["-q", "-C", "-t", topic, "-o", "beginning", "-e", "-f", @"%p %o %T %h %K %S %k %s\n"],
            cancellation: Cancellation);
        Assert.Equal(payments.Select(AsKcatPrints), kcat.Lines);
    }

    [Fact]
    public async Task Batches_lie_in_the_log_in_the_codec_that_was_chosen()
    {
        var cluster = await clusters.Shared(KafkaRelease.Newest);
        var topic = await cluster.CreateTopic(cancellation: Cancellation);
        await ProduceInEachCodec(cluster, topic);

        var dump = await cluster.Tools.DumpLog(await cluster.CopyOfSegment(topic, 0, Cancellation), Cancellation);

        var batches = dump.Where(line => line.StartsWith("baseOffset: ", StringComparison.Ordinal)).ToList();
        Assert.All(batches, batch => Assert.Contains("isvalid: true", batch, StringComparison.Ordinal));
        var codecs = batches.Select(batch => Field(batch, "compresscodec")).Distinct();
        Assert.Equal(Enum.GetNames<CompressionCodec>().Select(name => name.ToLowerInvariant()), codecs);
    }

    /// <summary>KIP-467: the broker names the record that it refuses, and writes none of its batch.</summary>
    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Record_without_a_key_fails_with_the_words_of_a_compacted_topics_broker_and_its_neighbours_as_not_written(string version)
    {
        var cluster = await clusters.Shared(version);
        var topic = await cluster.CreateTopic(settings: new Dictionary<string, string> { ["cleanup.policy"] = "compact" }, cancellation: Cancellation);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string?, string>(new ProducerOptions { Linger = TimeSpan.FromSeconds(5) });
        var reports = new ConcurrentDictionary<string, DeliveryReport>();
        foreach (var key in (string?[])["a", null, "b"])
        {
            await producer.PostAsync(
                new ProducerRecord<string?, string>(topic, key, "value"), report => reports[(string)report.State!] = report, key ?? "none", Cancellation);
        }
        await producer.FlushAsync(Cancellation);

        Assert.All(reports.Values, static report => Assert.Equal(RecordFate.NotWritten, Assert.IsType<ProduceException>(report.Error).Fate));
        Assert.Contains("key", reports["none"].Error!.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("another record", reports["a"].Error!.Message);
        Assert.Contains("another record", reports["b"].Error!.Message);
        await producer.ProduceAsync(topic, "c", "written", Cancellation);
        Assert.Equal(["written"], await cluster.Tools.ConsoleConsume(topic, 1, cancellation: Cancellation));
    }

    [Fact]
    public async Task Keys_go_to_the_partitions_that_Java_chooses()
    {
        var cluster = await clusters.Shared();
        var ours = await cluster.CreateTopic(partitions: 7, cancellation: Cancellation);
        var javas = await cluster.CreateTopic(partitions: 7, cancellation: Cancellation);
        var keys = Enumerable.Range(0, 200).Select(i => $"käufer-{i * 7919}").ToList();
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var producer = kafka.CreateProducer<string, string>();

        var sent = await Task.WhenAll(keys.Select(key => producer.ProduceAsync(ours, key, "paid", Cancellation).AsTask()));
        await cluster.Tools.ConsoleProduce(javas, keys.Select(key => $"{key}\tpaid"), ["parse.key=true"], cancellation: Cancellation);

        var lines = await cluster.Tools.ConsoleConsume(
            javas, keys.Count, ["print.partition=true", "print.key=true", "print.value=false"], cancellation: Cancellation);
        var chosen = lines.Select(line => line.Split('\t')).ToDictionary(
            parts => parts[1], parts => int.Parse(parts[0].AsSpan("Partition:".Length), CultureInfo.InvariantCulture));
        Assert.Equal(keys.Select(key => chosen[key]), sent.Select(metadata => metadata.Partition));
    }

    /// <summary>Each codec by a producer of its own, one after the other, so that offsets follow the codecs.</summary>
    static async Task<List<Payment>> ProduceInEachCodec(KafkaCluster cluster, string topic)
    {
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        var payments = new List<Payment>();
        foreach (var codec in Enum.GetValues<CompressionCodec>())
        {
            await using var producer = kafka.CreateProducer<string?, string>(new ProducerOptions { Compression = codec });
            var records = Enumerable.Range(payments.Count, RecordsOfACodec).Select(number => PaymentOf(number, codec)).ToList();
            var offsets = new ConcurrentDictionary<int, long>();
            foreach (var payment in records)
            {
                var record = new ProducerRecord<string?, string>(topic, payment.Key, payment.Value)
                {
                    Timestamp = payment.Time,
                    Headers = payment.Headers.Select(header => Header.FromText(header.Key, header.Value)).ToArray(),
                };
                await producer.PostAsync(
                    record, report => offsets[payment.Offset] = report.Error is null ? report.Metadata.Offset : throw report.Error, cancellation: Cancellation);
            }
            await producer.FlushAsync(Cancellation);
            Assert.All(records, payment => Assert.Equal(payment.Offset, offsets[payment.Offset]));
            payments.AddRange(records);
        }
        return payments;
    }

    static Payment PaymentOf(int number, CompressionCodec codec) => new(
        number, FirstTime.AddMilliseconds(number * 10),
        (number % 4) switch { 0 => null, 1 => "", 2 => "Zoë", _ => $"Alice-{number}" },
        number % 5 == 0 ? "" : $"Paid {number} € to Bob by {codec}, {new StringBuilder().Insert(0, "again and ", number % 30)}again",
        (number % 3) switch
        {
            0 => [],
            1 => [new("source", $"till-{number}")],
            _ => [new("source", "web"), new("source", "shop"), new("empty", ""), new("größe", "klein")],
        });

    static string AsJavaPrints(Payment payment) => string.Join('\t',
        $"CreateTime:{payment.Time.ToUnixTimeMilliseconds()}", "Partition:0", $"Offset:{payment.Offset}",
        payment.Headers.Count == 0 ? "NO_HEADERS" : string.Join(',', payment.Headers.Select(header => $"{header.Key}:{header.Value}")),
        payment.Key ?? "null", payment.Value);

    /// <summary>The length of a key tells null, -1, from empty.</summary>
    static string AsKcatPrints(Payment payment) => string.Join(' ',
        "0", $"{payment.Offset}", $"{payment.Time.ToUnixTimeMilliseconds()}",
        string.Join(',', payment.Headers.Select(header => $"{header.Key}={header.Value}")),
        $"{(payment.Key is null ? -1 : Encoding.UTF8.GetByteCount(payment.Key))}", $"{Encoding.UTF8.GetByteCount(payment.Value)}",
        payment.Key, payment.Value);

    /// <summary>The word behind a name in a line of the dump.</summary>
    static string Field(string line, string name)
    {
        var words = line.Split(' ');
        return words[Array.IndexOf(words, $"{name}:") + 1];
    }

    sealed record Payment(int Offset, DateTimeOffset Time, string? Key, string Value, IReadOnlyList<KeyValuePair<string, string>> Headers);
}
