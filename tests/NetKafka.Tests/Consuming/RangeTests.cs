using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Testing;

namespace NetKafka.Tests.Consuming;

/// <summary>Reads with an end, against the embedded Kafka over in-memory streams.</summary>
public sealed class RangeTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly DateTimeOffset FirstTime = new(2024, 5, 17, 8, 30, 0, TimeSpan.Zero);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, DefaultPartitions = 3 });
    readonly KafkaClient _kafka;
    readonly CancellationTokenSource _end = new(Patience);
    readonly Consumer<string, string> _consumer;

    public RangeTests()
    {
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
        _consumer = _kafka.CreateConsumer<string, string>(new ConsumerOptions());
        _embedded.CreateTopic("payments", 3);
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
        _end.Dispose();
    }

    static TopicPartition P(int partition) => new("payments", partition);

    /// <summary>Record i of a partition has the value i, and is written i minutes after the first.</summary>
    async Task Produce(int partition, int count, int first = 0)
    {
        await using var producer = _kafka.CreateProducer<string, string>();
        for (var i = first; i < first + count; i++)
            await producer.PostAsync(new ProducerRecord<string, string>("payments", "k", $"{i}") { Partition = partition, Timestamp = FirstTime.AddMinutes(i) }, cancellation: _end.Token);
        await producer.FlushAsync(_end.Token);
    }

    async Task<string> Read(IAsyncEnumerable<ConsumerRecord<string, string>> records)
    {
        var read = new List<(int Partition, string Value)>();
        await foreach (var record in records)
            read.Add((record.Partition, record.Value));
        Assert.Empty(_consumer.Assignment);
        return string.Join("; ", read.GroupBy(record => record.Partition).OrderBy(group => group.Key)
            .Select(group => $"{group.Key}: {string.Join(' ', group.Select(record => record.Value))}"));
    }

    [Fact]
    public async Task Range_of_offsets_ends_by_itself_in_each_partition()
    {
        await Produce(0, 10);
        await Produce(1, 5);
        PartitionRange[] ranges = [new(P(0), 2, 5), new(P(1), 3), new(P(2))];
        Assert.Equal("0: 2 3 4; 1: 3 4", await Read(_consumer.ReadRangeAsync(ranges, _end.Token)));
        Assert.Equal("0: 2 3 4; 1: 3 4", await Read(_consumer.ReadRangeAsync(ranges, _end.Token)));
    }

    [Fact]
    public async Task Range_of_times_holds_what_was_written_between_them()
    {
        await Produce(0, 10);
        await Produce(1, 5);
        Assert.Equal("0: 3 4 5; 1: 3 4", await Read(_consumer.ReadRangeAsync("payments", FirstTime.AddMinutes(2.5), FirstTime.AddMinutes(6), _end.Token)));
        Assert.Equal("1: 3 4", await Read(_consumer.ReadRangeAsync([P(1), P(2)], FirstTime.AddMinutes(3), DateTimeOffset.MaxValue, _end.Token)));
        Assert.Equal("", await Read(_consumer.ReadRangeAsync("payments", FirstTime.AddMinutes(20), FirstTime.AddMinutes(30), _end.Token)));
        Assert.Equal("", await Read(_consumer.ReadRangeAsync("payments", FirstTime, FirstTime, _end.Token)));
    }

    [Fact]
    public async Task Range_begins_where_the_log_begins_later()
    {
        await Produce(0, 10);
        _embedded.DeleteRecords("payments", 0, 4);
        Assert.Equal("0: 4 5", await Read(_consumer.ReadRangeAsync([new PartitionRange(P(0), 1, 6)], _end.Token)));
        Assert.Equal("", await Read(_consumer.ReadRangeAsync([new PartitionRange(P(0), 1, 4)], _end.Token)));
    }

    [Fact]
    public async Task What_is_written_after_the_loop_began_does_not_belong_to_it()
    {
        await Produce(0, 3);
        var read = new List<string>();
        await foreach (var record in _consumer.ReadRangeAsync([new PartitionRange(P(0))], _end.Token))
        {
            read.Add(record.Value);
            if (read.Count == 1)
                await Produce(0, 3, first: 3);
        }
        Assert.Equal(["0", "1", "2"], read);
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted, "0: 0 1")]
    [InlineData(IsolationLevel.ReadUncommitted, "0: 0 1 aborted")]
    public async Task Markers_and_aborted_records_at_the_end_do_not_keep_it_from_ending(IsolationLevel level, string expected)
    {
        await Produce(0, 2);
        await using (var producer = _kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" }))
        {
            await producer.InitTransactionsAsync(_end.Token);
            await producer.BeginTransactionAsync(_end.Token);
            await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", "aborted") { Partition = 0 }, _end.Token);
            await producer.AbortTransactionAsync(_end.Token);
        }
        await using var consumer = _kafka.CreateConsumer<string, string>(new ConsumerOptions { IsolationLevel = level });
        Assert.Equal(expected, await Read(consumer.ReadRangeAsync([new PartitionRange(P(0))], _end.Token)));
    }

    [Fact]
    public async Task Records_that_are_deleted_while_a_range_is_read_are_left_out()
    {
        await Produce(0, 4);
        await using var consumer = _kafka.CreateConsumer<string, string>(new ConsumerOptions { MaxPartitionFetchBytes = 1024 });
        await using (var producer = _kafka.CreateProducer<string, string>())
        {
            for (var i = 0; i < 6; i++)
                await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", new string('x', 2000)) { Partition = 0 }, _end.Token);
        }
        var offsets = new List<long>();
        await foreach (var record in consumer.ReadRangeAsync([new PartitionRange(P(0))], _end.Token))
        {
            if (offsets.Count == 0)
                _embedded.DeleteRecords("payments", 0, 9);
            offsets.Add(record.Offset);
        }
        Assert.Equal(0, offsets[0]);
        Assert.Equal(9, offsets[^1]);
    }

    [Fact]
    public async Task Loop_that_is_left_gives_its_partitions_up()
    {
        await Produce(0, 4);
        await foreach (var record in _consumer.ReadRangeAsync([new PartitionRange(P(0))], _end.Token))
            break;
        Assert.Empty(_consumer.Assignment);
        Assert.Equal("0: 0 1 2 3", await Read(_consumer.ReadRangeAsync([new PartitionRange(P(0))], _end.Token)));
    }

    [Fact]
    public async Task Range_that_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentException>(() => _consumer.ReadRangeAsync([new PartitionRange(P(0), 5, 4)]));
        Assert.Throws<ArgumentException>(() => _consumer.ReadRangeAsync([new PartitionRange(P(0)), new PartitionRange(P(0))]));
        Assert.Throws<ArgumentException>(() => _consumer.ReadRangeAsync("payments", FirstTime, FirstTime.AddMinutes(-1)));
        await using var member = _kafka.CreateConsumer<string, string>("group", "payments");
        Assert.Throws<InvalidOperationException>(() => member.ReadRangeAsync("payments", FirstTime, FirstTime));
    }
}
