using NetKafka.Consuming;
using NetKafka.Producing;

namespace NetKafka.Tests.Allocation;

/// <summary>What a client asks of the system, counted: sends and receives of a batch and of a fetch.</summary>
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

    KafkaClient Connect() => new(new KafkaClientOptions { BootstrapServers = "replay:9092", ConnectCallback = _peer.ConnectAsync });
}
