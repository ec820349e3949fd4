using NetKafka.Consuming;
using NetKafka.Producing;

namespace NetKafka.Tests.Allocation;

/// <summary>
/// What a record costs the garbage collector, counted over the whole process: so nothing else may run beside these tests.
/// Nothing is less than a hundredth of a byte: a fetch has one small object, and a caller that is too fast has to wait at times.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class AllocationTests
{
    const int Records = 1_000_000;
    const int MostBytes = Records / 100;
    const int MostRuns = 3;

    static readonly byte[] Key = "Alice"u8.ToArray();
    static readonly byte[] Value = "Paid $200 to Bob, and twelve for the cab"u8.ToArray();

    // Filled before anything is counted, so that later no buffer is the first of its kind.
    static readonly ProducerOptions SoonFull = new() { BufferMemory = 2 * 1024 * 1024 };

    readonly ReplayPeer _peer = new(Key, Value);

    [Fact]
    public async Task Posting_a_record_allocates_nothing()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(SoonFull);
        await Fill(producer);
        var acks = new Counter();
        var posted = 0;

        Assert.InRange(await Measure(count =>
        {
            posted += count;
            return Post(producer, acks, count);
        }), 0, MostBytes);
        Assert.Equal(posted, acks.Value);
    }

    [Fact]
    public async Task Awaiting_a_record_allocates_nothing()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(SoonFull);
        await Fill(producer);

        Assert.InRange(await Task.Run(() => Produce(producer)), 0, MostBytes);
    }

    [Fact]
    public async Task Thousand_senders_that_await_allocate_nothing_for_a_record()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(SoonFull);
        await Fill(producer);

        Assert.InRange(await Task.Run(() => Send(producer, 1000)), 0, MostBytes);
    }

    [Fact]
    public async Task Reading_a_record_allocates_nothing()
    {
        await using var kafka = Connect();
        await using var consumer = await Consume(kafka);
        await using var records = consumer.ReadAllAsync().GetAsyncEnumerator();

        Assert.InRange(await Measure(count => Read(records, count)), 0, MostBytes);
    }

    [Fact]
    public async Task Reading_a_batch_allocates_nothing_for_a_record()
    {
        await using var kafka = Connect();
        await using var consumer = await Consume(kafka);
        await using var batches = consumer.ReadBatchesAsync().GetAsyncEnumerator();

        Assert.InRange(await Measure(count => ReadBatches(batches, count)), 0, MostBytes);
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

    /// <summary>The least of a few runs: what the test host itself allocates meanwhile is no part of a record.</summary>
    static async Task<long> MeasureHere(Func<int, Task> run)
    {
        await run(Records);
        var least = long.MaxValue;
        for (var i = 0; i < MostRuns && least > MostBytes; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await run(Records);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least;
    }

    /// <summary>Uses all of the buffer memory at once: how much of it a load takes is a matter of how the threads run.</summary>
    async Task Fill(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer)
    {
        var record = new ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(ReplayPeer.Topic, Key, Value);
        await producer.PostAsync(record);
        await producer.FlushAsync();
        _peer.Hold();
        while (producer.TryPost(record))
        {
        }
        _peer.GoOn();
        await producer.FlushAsync();
    }

    static async Task Post(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, Counter acks, int count)
    {
        var record = new ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(ReplayPeer.Topic, Key, Value);
        for (var i = 0; i < count; i++)
            await producer.PostAsync(record, static report => ((Counter)report.State!).Add(report.IsDelivered), acks);
        await producer.FlushAsync();
    }

    static async Task<long> Produce(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer)
    {
        const int AtOnce = 4096;
        var record = new ProducerRecord<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(ReplayPeer.Topic, Key, Value);
        var sent = new ValueTask<RecordMetadata>[AtOnce];
        var marks = new Marks();
        for (var i = 0; i < Marks.Records + AtOnce; i++)
        {
            if (i >= AtOnce)
            {
                await sent[i % AtOnce];
                marks.Count();
            }
            if (i < Marks.Records)
                sent[i % AtOnce] = producer.ProduceAsync(record);
        }
        return marks.Least;
    }

    static async Task<long> Send(Producer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> producer, int senders)
    {
        var marks = new Marks();
        await Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
        {
            for (var i = 0; i < Marks.Records / senders; i++)
            {
                await producer.ProduceAsync(ReplayPeer.Topic, Key, Value);
                marks.Count();
            }
        }));
        return marks.Least;
    }

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

    /// <summary>
    /// What was allocated at each million of records, for loops that live on: their own beginning lies before the first mark.
    /// </summary>
    sealed class Marks
    {
        public const int Records = (MostRuns + 1) * AllocationTests.Records;

        readonly long[] _allocated = new long[MostRuns + 1];
        int _count;

        /// <summary>The least between two marks.</summary>
        public long Least => Enumerable.Range(1, MostRuns).Min(i => _allocated[i] - _allocated[i - 1]);

        public void Count()
        {
            var count = Interlocked.Increment(ref _count);
            if (count % AllocationTests.Records == 0)
                _allocated[count / AllocationTests.Records - 1] = GC.GetTotalAllocatedBytes(precise: true);
        }
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
