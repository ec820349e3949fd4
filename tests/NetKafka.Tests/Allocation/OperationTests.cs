using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Allocation;

/// <summary>What a client asks of the system, counted: sends and receives of a batch and of a fetch, and its timers at rest.</summary>
public sealed class OperationTests
{
    const int Rounds = 1000;

    static readonly byte[] Key = "Alice"u8.ToArray();
    static readonly byte[] Value = new byte[100];

    readonly ReplayPeer _peer = new(Key, Value);

    [Fact]
    public async Task Batch_leaves_by_one_send_and_its_answer_comes_by_one_receive()
    {
        await using var kafka = Connect();
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ProducerOptions { Linger = TimeSpan.Zero });
        await producer.ProduceAsync(ReplayPeer.Topic, Key, Value);
        var (requests, before) = (_peer.Requests, _peer.Operations);
        for (var i = 0; i < Rounds; i++)
            await producer.ProduceAsync(ReplayPeer.Topic, Key, Value);

        Assert.Equal(Rounds, _peer.Requests - requests);
        Assert.Equal((Rounds, Rounds), (_peer.Operations.Writes - before.Writes, _peer.Operations.Reads - before.Reads));
    }

    [Fact]
    public async Task Fetch_leaves_by_one_send_and_its_answer_comes_by_two_receives()
    {
        await using var kafka = Connect();
        await using var consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ConsumerOptions());
        await consumer.AssignAsync([new TopicPartitionOffset(ReplayPeer.Topic, 0, 0)]);
        await using var batches = consumer.ReadBatchesAsync().GetAsyncEnumerator();
        await batches.MoveNextAsync();
        var (requests, before) = (_peer.Requests, _peer.Operations);
        for (var i = 0; i < Rounds * ReplayPeer.BatchesOfFetch; i++)
            await batches.MoveNextAsync();
        await consumer.DisposeAsync();
        var fetches = _peer.Requests - requests;

        Assert.InRange(fetches, Rounds - 64, Rounds + 64);
        // The head of an answer tells how long it is; the rest comes into a buffer of that size. A few are for the end.
        Assert.InRange(_peer.Operations.Writes - before.Writes, fetches, fetches + 8);
        Assert.InRange(_peer.Operations.Reads - before.Reads, 2 * fetches - 8, 2 * fetches + 8);
    }

    /// <summary>Nothing ticks: only deadlines that were set while there was work pass once, and metadata is due after its age.</summary>
    [Fact]
    public async Task Client_at_rest_wakes_up_only_for_its_metadata()
    {
        var time = new ManualTime();
        await using var kafka = Connect(time);
        await using var producer = kafka.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ProducerOptions { Linger = TimeSpan.Zero });
        await using var consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(new ConsumerOptions());
        for (var i = 0; i < Rounds; i++)
            await producer.ProduceAsync(ReplayPeer.Topic, Key, Value);
        // Until the threads that told of the last record have come to rest.
        for (var tries = 0; await PassAsync(time, TimeSpan.FromSeconds(1)) > 0; tries++)
            Assert.InRange(tries, 0, 60);
        var before = _peer.Operations;

        Assert.InRange(await PassAsync(time, TimeSpan.FromMinutes(3)), 0, 2);
        Assert.Equal(before, _peer.Operations);
        // The age of metadata is five minutes: one refresh, its answer, and what is left of its deadline.
        Assert.InRange(await PassAsync(time, TimeSpan.FromMinutes(3)), 1, 4);
    }

    /// <summary>On the pool: what goes on after a record was awaited is user code to the client, which looks after it.</summary>
    static Task<int> PassAsync(ManualTime time, TimeSpan span) => Task.Run(() => time.PassWithTimers(span));

    KafkaClient Connect(TimeProvider? time = null) => new(new KafkaClientOptions
    {
        BootstrapServers = "replay:9092",
        ConnectCallback = _peer.ConnectAsync,
        TimeProvider = time ?? TimeProvider.System,
    });
}
