using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Producing;

/// <summary>Transactions against the embedded Kafka, by the rules of both versions.</summary>
public sealed class TransactionEndToEndTests : IAsyncDisposable
{
    EmbeddedKafka _embedded = null!;
    KafkaClient _kafka = null!;

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Committed_records_are_read_and_aborted_ones_are_not(int version)
    {
        Start(version);
        await using var producer = Producer("txn");
        for (var round = 0; round < 6; round++)
        {
            await producer.BeginTransactionAsync();
            for (var i = 0; i < 10; i++)
                await producer.PostAsync(new ProducerRecord<int, int>("out", i, round) { Partition = i % 3 });
            if (round % 2 == 0)
                await producer.CommitTransactionAsync();
            else
                await producer.AbortTransactionAsync();
        }
        var read = await ReadCommitted(30);
        Assert.Equal([0, 2, 4], read.Distinct().Order());
        Assert.Equal(30, read.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Second_producer_of_a_name_fences_the_first_whose_records_do_not_show(int version)
    {
        Start(version);
        await using var first = Producer("txn");
        await first.BeginTransactionAsync();
        await first.ProduceAsync("out", 1, 100);
        await using var second = Producer("txn");
        await second.BeginTransactionAsync();
        await second.ProduceAsync("out", 1, 200);
        await second.CommitTransactionAsync();

        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await first.ProduceAsync("out", 1, 101);
            await first.CommitTransactionAsync();
        });
        var over = await Assert.ThrowsAsync<TransactionException>(async () => await first.AbortTransactionAsync());
        Assert.Equal((TransactionRemedy.None, true), (over.Remedy, over.IsFatal));
        Assert.Contains("nother producer", over.Message);
        Assert.NotNull(error);
        Assert.Equal([200], await ReadCommitted(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Offsets_are_committed_with_their_transaction_and_not_with_its_abort(int version)
    {
        Start(version);
        await using var producer = Producer("txn");
        await using var plain = _kafka.CreateProducer<int, int>();
        for (var i = 0; i < 10; i++)
            await plain.ProduceAsync("in", i, i);
        await using var consumer = _kafka.CreateConsumer<int, int>(new ConsumerOptions
        {
            GroupId = "g", Topics = ["in"], EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest,
        });
        await producer.InitTransactionsAsync();
        foreach (var commits in new[] { false, true })
        {
            await producer.BeginTransactionAsync();
            var offsets = new List<TopicPartitionOffset>();
            await foreach (var record in consumer.ReadAllAsync())
            {
                await producer.PostAsync(new ProducerRecord<int, int>("out", record.Key, record.Value * 10));
                offsets.Add(record.Next);
                if (record.Value == 9)
                    break;
            }
            var last = offsets[^1];
            await producer.SendOffsetsToTransactionAsync([last], await consumer.GetGroupMetadataAsync([last.TopicPartition]));
            if (commits)
                await producer.CommitTransactionAsync();
            else
                await producer.AbortTransactionAsync();
            Assert.Equal(commits ? 10 : -1, (await consumer.CommittedAsync([new TopicPartition("in", 0)])).Select(static offset => offset.Offset).DefaultIfEmpty(-1).Single());
            if (!commits)
                await consumer.SeekToBeginningAsync();
        }
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => i * 10), (await ReadCommitted(10)).Order());
    }

    [Theory]
    [InlineData(1, TransactionRemedy.None)]
    [InlineData(2, TransactionRemedy.Abort)]
    public async Task Transaction_that_took_too_long_was_aborted(int version, TransactionRemedy remedy)
    {
        Start(version);
        await using var producer = _kafka.CreateProducer<int, int>(new ProducerOptions { TransactionalId = "txn", TransactionTimeout = TimeSpan.FromMilliseconds(50) });
        await producer.BeginTransactionAsync();
        await producer.ProduceAsync("out", 1, 1);
        // What is committed behind it can be read once it has ended.
        await using var plain = _kafka.CreateProducer<int, int>();
        await plain.ProduceAsync("out", 1, 7);
        Assert.Equal([7], await ReadCommitted(1));
        var error = await Assert.ThrowsAsync<TransactionException>(async () => await producer.CommitTransactionAsync());
        Assert.Equal(remedy, error.Remedy);
        Assert.Contains("TransactionTimeout", error.Message);
        if (remedy != TransactionRemedy.Abort)
            return;
        await producer.AbortTransactionAsync();
        await producer.BeginTransactionAsync();
        await producer.ProduceAsync("out", 1, 2);
        await producer.CommitTransactionAsync();
        Assert.Equal([7, 2], await ReadCommitted(2));
    }

    [Fact]
    public async Task Producer_without_a_transactional_id_has_no_transactions()
    {
        Start(2);
        await using var producer = _kafka.CreateProducer<int, int>();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await producer.BeginTransactionAsync());
    }

    void Start(int version)
    {
        _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, AutoCreateTopics = false, TransactionVersion = version });
        _embedded.CreateTopic("in", 1);
        _embedded.CreateTopic("out", 3);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    Producer<int, int> Producer(string id) => _kafka.CreateProducer<int, int>(new ProducerOptions { TransactionalId = id });

    async Task<List<int>> ReadCommitted(int count)
    {
        await using var consumer = _kafka.CreateConsumer<int, int>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest });
        await consumer.AssignAsync([new TopicPartition("out", 0), new TopicPartition("out", 1), new TopicPartition("out", 2)]);
        var read = new List<int>();
        await foreach (var record in consumer.ReadAllAsync())
        {
            read.Add(record.Value);
            if (read.Count == count)
                break;
        }
        return read;
    }
}
