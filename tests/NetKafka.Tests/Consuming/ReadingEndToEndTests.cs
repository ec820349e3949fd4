using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Ways to read, against the embedded Kafka over in-memory streams.</summary>
public sealed class ReadingEndToEndTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, DefaultPartitions = 3 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);

    public ReadingEndToEndTests() => _kafka = new KafkaClient(
        new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    static TopicPartition P(int partition) => new("payments", partition);

    static ConsumerOptions Alone(Action<ConsumerOptions>? configure = null)
    {
        var options = new ConsumerOptions { AutoOffsetReset = AutoOffsetReset.Earliest };
        configure?.Invoke(options);
        return options;
    }

    async Task Produce(int partition, params string[] values)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        foreach (var value in values)
            await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", value) { Partition = partition }, _end.Token);
    }

    [Fact]
    public async Task Reader_is_told_of_each_end_behind_the_last_record_before_it()
    {
        await Produce(0, "a", "b");
        await Produce(1, "c");
        var seen = new List<string>();
        var ends = 0;
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnPartitionEnd = async (end, cancellation) =>
        {
            seen.Add($"end of {end}");
            if (++ends == 3)
                await Produce(0, "d");
            else if (ends == 4)
                _end.Cancel();
        }));
        await consumer.AssignAsync([P(0), P(1), P(2)], _end.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                seen.Add($"{record} {record.Value}");
        });
        Assert.Equal(
            ["payments-0@0 a", "payments-0@1 b", "end of payments-0@2", "payments-0@2 d", "end of payments-0@3"],
            seen.Where(line => line.Contains("payments-0", StringComparison.Ordinal)));
        Assert.Equal(["payments-1@0 c", "end of payments-1@1"], seen.Where(line => line.Contains("payments-1", StringComparison.Ordinal)));
        Assert.Equal(["end of payments-2@0"], seen.Where(line => line.Contains("payments-2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Error_of_who_is_told_of_an_end_reaches_the_reader()
    {
        await Produce(0, "a");
        await using var consumer = _kafka.CreateConsumer<string, string>(
            Alone(options => options.OnPartitionEnd = (_, _) => throw new NotSupportedException("enough")));
        await consumer.AssignAsync([P(0)], _end.Token);
        var read = new List<string>();
        await Assert.ThrowsAsync<NotSupportedException>(async () =>
        {
            await foreach (var record in consumer.ReadAllAsync(_end.Token))
                read.Add(record.Value);
        });
        Assert.Equal(["a"], read);
        Assert.Equal(1, consumer.Position(P(0)));
    }

    [Fact]
    public async Task Runner_is_told_of_an_end_too()
    {
        await Produce(0, "a", "b");
        using var told = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var end = default(TopicPartitionOffset);
        await using var consumer = _kafka.CreateConsumer<string, string>(Alone(options => options.OnPartitionEnd = (place, _) =>
        {
            end = place;
            told.Cancel();
            return default;
        }));
        await consumer.AssignAsync([P(0)], _end.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.ProcessAsync((_, _) => default, null, told.Token));
        Assert.Equal(new TopicPartitionOffset(P(0), 2), end);
    }
}
