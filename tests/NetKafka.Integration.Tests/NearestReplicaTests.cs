using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>Brokers that send consumers to the replica of their rack (KIP-392).</summary>
[Trait("Area", "Consumer")]
public sealed class NearestReplicaTests(KafkaClusters clusters)
{
    /// <summary>The broker of the consumer's rack.</summary>
    const int Near = 2;

    const int Records = 3_000;
    const int ValueBytes = 1_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consumer_reads_from_the_broker_of_its_rack_goes_on_without_it_at_once_and_comes_back_to_it()
    {
        await using var cluster = await clusters.Own(brokers: 3, settings: new Dictionary<string, string>
        {
            ["replica.selector.class"] = "org.apache.kafka.common.replica.RackAwareReplicaSelector",
            // For so long nobody is told that the broker is dead.
            ["broker.session.timeout.ms"] = "15000",
        }, cancellation: Cancellation);
        var topic = await cluster.CreateTopic(3, cancellation: Cancellation);
        var own = await PartitionLedBy(cluster, topic, Near);
        await using var writer = new KafkaClient(cluster.BootstrapServers);
        await using var producer = writer.CreateProducer<int, byte[]>();
        var written = 0;
        await Produce(2 * Records);
        var received = new ConcurrentDictionary<int, long>();
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = cluster.BootstrapServers, ClientRack = $"rack-{Near}",
            ConnectCallback = async (endpoint, cancellation) => new CountedStream(
                await RelayStream.ConnectAsync(endpoint, cancellation), count => received.AddOrUpdate(endpoint.Port, count, (_, sum) => sum + count)),
        });
        await using var consumer = kafka.CreateConsumer<int, byte[]>(new ConsumerOptions { MaxPrefetchBytes = 256 * 1024, MaxPartitionFetchBytes = 32 * 1024 });
        await consumer.AssignTopicsAsync([topic], AutoOffsetReset.Earliest, Cancellation);
        var read = new ConcurrentQueue<(int Partition, long Offset, int Key)>();
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var reading = ReadAsync();

        await Reached(() => read.Count == Records, "half of the records");
        var (near, all) = (received[PortOf(cluster, Near)], received.Values.Sum());
        Assert.InRange(near, (long)Records * ValueBytes, long.MaxValue);
        Assert.InRange(all - near, 0, (long)Records * ValueBytes / 10);

        // What is there of partitions that others lead is read before the cluster knows.
        await cluster.Kill(Near, Cancellation);
        goesOn.SetResult();
        await Reached(() => read.Count(record => record.Partition != own) == 2 * Records / 3 * 2, "the records that other brokers lead");
        Assert.Equal(Near, await cluster.LeaderOf(topic, own, Cancellation));
        Assert.InRange(received.Values.Sum() - all, (long)Records * ValueBytes / 2, long.MaxValue);
        await Reached(() => read.Count == written, "the records that another broker leads by now");
        near = received[PortOf(cluster, Near)];
        await Produce(Records);
        await Reached(() => read.Count == written, "records that were written without the broker");
        Assert.Equal(near, received[PortOf(cluster, Near)]);

        await cluster.Start(Near, Cancellation);
        await ReachedAsync(
            async () =>
            {
                await Produce(30);
                await Reached(() => read.Count == written, "records that were written while the broker was back");
                return received[PortOf(cluster, Near)] - near > 30 * ValueBytes;
            },
            "the broker is read from again");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Assert.Equal(Enumerable.Range(0, written), read.Select(static record => record.Key).Order());
        Assert.All(read.GroupBy(static record => record.Partition), static records =>
            Assert.Equal(Enumerable.Range(0, records.Count()).Select(static offset => (long)offset), records.Select(static record => record.Offset)));

        async Task ReadAsync()
        {
            await foreach (var record in consumer.ReadAllAsync(stop.Token))
            {
                read.Enqueue((record.Partition, record.Offset, record.Key));
                if (read.Count == Records)
                    await goesOn.Task;
            }
        }

        async Task Produce(int count)
        {
            for (var end = written + count; written < end; written++)
                await producer.PostAsync(new ProducerRecord<int, byte[]>(topic, written, new byte[ValueBytes]) { Partition = written % 3 }, cancellation: Cancellation);
            await producer.FlushAsync(Cancellation);
        }

        Task Reached(Func<bool> isSo, string what) => ReachedAsync(() => Task.FromResult(isSo()), what);

        Task ReachedAsync(Func<Task<bool>> isSo, string what) => Wait.Until(
            async () =>
            {
                if (reading.IsFaulted)
                    await reading;
                return await isSo();
            },
            what, Cancellation);
    }

    static async Task<int> PartitionLedBy(KafkaCluster cluster, string topic, int node)
    {
        for (var partition = 0; ; partition++)
        {
            if (await cluster.LeaderOf(topic, partition, Cancellation) == node)
                return partition;
        }
    }

    static int PortOf(KafkaCluster cluster, int node) => int.Parse(cluster.BootstrapServers.Split(',')[node - 1].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Tells how many bytes are read.</summary>
    sealed class CountedStream(Stream inner, Action<int> onRead) : RelayStream(inner)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            onRead(count);
            return count;
        }
    }
}
