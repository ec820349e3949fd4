using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;

namespace NetKafka.Integration.Tests;

/// <summary>Brokers that send consumers to the replica of their rack (KIP-392).</summary>
[Trait("Area", "Consumer")]
public sealed class NearestReplicaTests(KafkaClusters clusters)
{
    const int Records = 2_000;
    const int ValueBytes = 1_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Consumer_reads_from_the_broker_of_its_rack_and_misses_and_repeats_nothing_when_that_is_killed()
    {
        await using var cluster = await clusters.Own(brokers: 3, settings: new Dictionary<string, string>
        {
            ["replica.selector.class"] = "org.apache.kafka.common.replica.RackAwareReplicaSelector",
        }, cancellation: Cancellation);
        var topic = await cluster.CreateTopic(3, cancellation: Cancellation);
        await using var writer = new KafkaClient(cluster.BootstrapServers);
        await using var producer = writer.CreateProducer<int, byte[]>();
        await Produce(producer, topic, 0);
        var received = new ConcurrentDictionary<int, long>();
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = cluster.BootstrapServers, ClientRack = "rack-2",
            ConnectCallback = (endpoint, cancellation) => ConnectAsync(endpoint, received, cancellation),
        });
        await using var consumer = kafka.CreateConsumer<int, byte[]>(new ConsumerOptions());
        await consumer.AssignTopicsAsync([topic], AutoOffsetReset.Earliest, Cancellation);

        var read = new List<int>();
        await foreach (var record in consumer.ReadAllAsync(Cancellation))
        {
            read.Add(record.Key);
            if (read.Count == Records)
            {
                var near = received[PortOf(cluster, 2)];
                Assert.InRange(near, (long)Records * ValueBytes, long.MaxValue);
                Assert.InRange(received.Values.Sum() - near, 0, (long)Records * ValueBytes / 10);
                await cluster.Kill(2, Cancellation);
                await Produce(producer, topic, Records);
            }
            if (read.Count == 2 * Records)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 2 * Records), read.Order());
    }

    static int PortOf(KafkaCluster cluster, int node) => int.Parse(cluster.BootstrapServers.Split(',')[node - 1].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);

    static async Task Produce(Producer<int, byte[]> producer, string topic, int first)
    {
        for (var i = first; i < first + Records; i++)
            await producer.PostAsync(new ProducerRecord<int, byte[]>(topic, i, new byte[ValueBytes]), cancellation: Cancellation);
        await producer.FlushAsync(Cancellation);
    }

    static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, ConcurrentDictionary<int, long> received, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellation);
            return new CountedStream(new NetworkStream(socket, ownsSocket: true), count => received.AddOrUpdate(endpoint.Port, count, (_, sum) => sum + count));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Tells how many bytes are read.</summary>
    sealed class CountedStream(Stream inner, Action<int> onRead) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        int Count(int read)
        {
            onRead(read);
            return read;
        }
    }
}
