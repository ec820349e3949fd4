using NetKafka.Consuming;
using NetKafka.Producing;

namespace NetKafka.Tests.Allocation;

/// <summary>
/// What a record costs the garbage collector, counted over the whole process: so nothing else may run beside these tests.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class AllocationTests
{
    const int Records = 1_000_000;
    const int MostBytesOfRecord = 1;

    static readonly byte[] Key = "Alice"u8.ToArray();
    static readonly byte[] Value = "Paid $200 to Bob, and twelve for the cab"u8.ToArray();

    // Reached while warming up, so that later no buffer is the first of its kind.
    static readonly ProducerOptions BoundedSoon = new() { BufferMemory = 2 * 1024 * 1024 };

    readonly ReplayPeer _peer = new(Key, Value);

    [Fact]
    public async Task Posting_a_record_allocates_at_most_a_byte()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(BoundedSoon);
        var acks = new Counter();

        Assert.InRange(await Measure(count => Post(producer, acks, count)), 0, Records * MostBytesOfRecord);
        Assert.Equal(2 * Records, acks.Value);
    }

    [Fact]
    public async Task Awaiting_a_record_allocates_at_most_a_byte()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(BoundedSoon);

        Assert.InRange(await Measure(count => Produce(producer, count)), 0, Records * MostBytesOfRecord);
    }

    [Fact]
    public async Task Thousand_senders_that_await_allocate_at_most_a_byte_a_record()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(BoundedSoon);

        Assert.InRange(await Measure(count => Send(producer, 1000, count)), 0, Records * MostBytesOfRecord);
    }

    [Fact]
    public async Task Reading_a_record_allocates_at_most_a_byte()
    {
        await using var kafka = Connect();
        await using var consumer = await Consume(kafka);
        await using var records = consumer.ReadAllAsync().GetAsyncEnumerator();

        Assert.InRange(await Measure(count => Read(records, count)), 0, Records * MostBytesOfRecord);
    }

    [Fact]
    public async Task Reading_a_batch_allocates_at_most_a_byte_a_record()
    {
        await using var kafka = Connect();
        await using var consumer = await Consume(kafka);
        await using var batches = consumer.ReadBatchesAsync().GetAsyncEnumerator();

        Assert.InRange(await Measure(count => ReadBatches(batches, count)), 0, Records * MostBytesOfRecord);
    }

    KafkaClient Connect() => new(new KafkaClientOptions { BootstrapServers = "replay:9092", ConnectCallback = _peer.ConnectAsync });

    static async Task<Consumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> Consume(KafkaClient kafka)
    {
        var consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ConsumerOptions());
        await consumer.AssignAsync([new TopicPartitionOffset(ReplayPeer.Topic, 0, 0)]);
        return consumer;
    }

    /// <summary>On the pool: the context of the test runner allocates for each continuation that it is given.</summary>
    static Task<long> Measure(Func<int, Task> run) => Task.Run(() => MeasureHere(run));

    static async Task<long> MeasureHere(Func<int, Task> run)
    {
        await run(Records);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await run(Records);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    static async Task Post(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, Counter acks, int count)
    {
        var record = new ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(ReplayPeer.Topic, Key, Value);
        for (var i = 0; i < count; i++)
            await producer.PostAsync(record, static report => ((Counter)report.State!).Add(report.IsDelivered), acks);
        await producer.FlushAsync();
    }

    static async Task Produce(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, int count)
    {
        const int AtOnce = 4096;
        var record = new ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(ReplayPeer.Topic, Key, Value);
        var sent = new ValueTask<RecordMetadata>[AtOnce];
        for (var i = 0; i < count + AtOnce; i++)
        {
            if (i >= AtOnce)
                await sent[i % AtOnce];
            if (i < count)
                sent[i % AtOnce] = producer.ProduceAsync(record);
        }
    }

    static Task Send(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, int senders, int count) =>
        Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
        {
            for (var i = 0; i < count / senders; i++)
                await producer.ProduceAsync(ReplayPeer.Topic, Key, Value);
        }));

    static async Task Read(IAsyncEnumerator<ConsumerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> records, int count)
    {
        long bytes = 0;
        for (var i = 0; i < count; i++)
        {
            Assert.True(await records.MoveNextAsync());
            bytes += records.Current.Key.Length + records.Current.Value.Length;
        }
        Assert.Equal((long)count * (Key.Length + Value.Length), bytes);
    }

    static async Task ReadBatches(IAsyncEnumerator<ConsumerBatch<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> batches, int count)
    {
        long bytes = 0;
        var read = 0;
        while (read < count)
        {
            Assert.True(await batches.MoveNextAsync());
            foreach (var record in batches.Current)
            {
                bytes += record.Key.Length + record.Value.Length;
                read++;
            }
        }
        Assert.Equal((long)read * (Key.Length + Value.Length), bytes);
    }

    sealed class Counter
    {
        int _value;

        public int Value => Volatile.Read(ref _value);

        public void Add(bool isSuccess)
        {
            if (isSuccess)
                Interlocked.Increment(ref _value);
        }
    }
}
