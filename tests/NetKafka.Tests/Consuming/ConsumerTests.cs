using NetKafka.Consuming;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>The consumer against the embedded Kafka, over in-memory streams.</summary>
public sealed class ConsumerTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, DefaultPartitions = 4 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public ConsumerTests() => _kafka = NewClient();

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    KafkaClient NewClient() =>
        new(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });

    static ConsumerOptions Options(string group, params string[] topics) =>
        new() { GroupId = group, Topics = topics, AutoOffsetReset = AutoOffsetReset.Earliest };

    async Task Produce(string topic, int from, int count, int? partition = null)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        var sends = new List<Task>();
        for (var i = from; i < from + count; i++)
        {
            var record = new NetKafka.Producing.ProducerRecord<string, string>(topic, $"key-{i}", $"value-{i}") { Partition = partition };
            sends.Add(producer.ProduceAsync(record).AsTask());
        }
        await Task.WhenAll(sends);
    }

    [Fact]
    public async Task Group_of_one_reads_every_record_once_and_in_order()
    {
        await Produce("payments", 0, 1000);
        await using var consumer = _kafka.CreateConsumer<string, string>(Options("group", "payments"));

        var values = new List<string>();
        var offsets = new Dictionary<int, long>();
        await foreach (var record in consumer.ReadAllAsync(_end.Token))
        {
            Assert.Equal(offsets.GetValueOrDefault(record.Partition), record.Offset);
            offsets[record.Partition] = record.Offset + 1;
            Assert.Equal("key" + record.Value["value".Length..], record.Key);
            values.Add(record.Value);
            if (values.Count == 1000)
                break;
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"value-{i}").Order(), values.Order());
    }

    [Fact]
    public async Task Closing_commits_what_is_finished_and_the_next_member_goes_on_there()
    {
        await Produce("payments", 0, 10, partition: 0);
        await using (var first = _kafka.CreateConsumer<string, string>(Options("group", "payments")))
        {
            await foreach (var record in first.ReadAllAsync(_end.Token))
            {
                // The loop leaves with this record in hand, so it is not finished.
                if (record.Offset == 6)
                    break;
            }
        }
        Assert.Equal(6, _embedded.GetCommittedOffset("group", "payments", 0));

        await using var second = _kafka.CreateConsumer<string, string>(Options("group", "payments"));
        await foreach (var record in second.ReadAllAsync(_end.Token))
        {
            Assert.Equal(6, record.Offset);
            second.MarkFinished(record);
            break;
        }
        await second.DisposeAsync();
        Assert.Equal(7, _embedded.GetCommittedOffset("group", "payments", 0));
    }
}
