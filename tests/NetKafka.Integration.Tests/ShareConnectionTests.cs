using System.Collections.Concurrent;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Serialization;

namespace NetKafka.Integration.Tests;

/// <summary>Records that are locked by a connection on which nothing is sent (KIP-932).</summary>
[Trait("Area", "Share")]
public sealed class ShareConnectionTests(KafkaClusters clusters)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_by_which_a_record_is_locked_is_not_closed_as_idle()
    {
        var work = await SharedTopic.On(await clusters.Shared(KafkaRelease.Newest), cancellation: Cancellation);
        await work.Produce(1, cancellation: Cancellation);
        await using var line = new WatchedLine(work.Cluster.BootstrapServers, TimeSpan.FromMilliseconds(300));
        await using var consumer = line.Client.CreateShareConsumer<Nothing, string>(work.ExplicitOptions());
        await using var records = consumer.ReadAllAsync(Cancellation).GetAsyncEnumerator();
        Assert.True(await records.MoveNextAsync());

        // What is used after that is closed after that.
        var opened = line.Opened;
        await using var admin = line.Client.CreateAdmin();
        await admin.DescribeClusterAsync(Cancellation);
        Assert.True(line.Opened > opened);
        await Wait.Until(() => line.IsClosed(opened), "a connection that was used later is closed as idle", Cancellation);
        consumer.Acknowledge(records.Current);
        Assert.True(Assert.Single(await consumer.CommitAsync(Cancellation)).IsCommitted);
    }

    [Fact]
    public async Task Record_whose_broker_has_closed_the_connection_as_idle_is_told_as_lost_and_comes_again()
    {
        await using var cluster = await clusters.Own(settings: new Dictionary<string, string> { ["connections.max.idle.ms"] = "1000" }, cancellation: Cancellation);
        var work = await SharedTopic.On(cluster, cancellation: Cancellation);
        await work.Produce(1, cancellation: Cancellation);
        await using var line = new WatchedLine(cluster.BootstrapServers, Timeout.InfiniteTimeSpan);
        await using var consumer = line.Client.CreateShareConsumer<Nothing, string>(work.ExplicitOptions());
        await using var records = consumer.ReadAllAsync(Cancellation).GetAsyncEnumerator();
        Assert.True(await records.MoveNextAsync());
        await Wait.Until(() => line.AreClosed, "the broker has closed all connections", Cancellation);
        consumer.Acknowledge(records.Current);
        var told = Assert.Single(await consumer.CommitAsync(Cancellation));
        Assert.Equal([0], told.Offsets);
        Assert.Equal(ErrorCode.ShareSessionNotFound, told.Error!.Code);

        Assert.True(await records.MoveNextAsync());
        Assert.Equal((0L, 2), (records.Current.Offset, (int)records.Current.DeliveryCount));
        consumer.Acknowledge(records.Current);
        Assert.True(Assert.Single(await consumer.CommitAsync(Cancellation)).IsCommitted);
    }

    /// <summary>A client of which it is seen when its connections end.</summary>
    sealed class WatchedLine : IAsyncDisposable
    {
        readonly ConcurrentQueue<WatchedStream> _streams = [];

        public WatchedLine(string bootstrap, TimeSpan maxIdle) => Client = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = bootstrap,
            ConnectionMaxIdle = maxIdle,
            ConnectCallback = async (endpoint, cancellation) =>
            {
                var stream = new WatchedStream(await RelayStream.ConnectAsync(endpoint, cancellation));
                _streams.Enqueue(stream);
                return stream;
            },
        });

        public KafkaClient Client { get; }

        public int Opened => _streams.Count;

        public bool AreClosed => _streams.All(static stream => stream.IsClosed);

        public bool IsClosed(int index) => _streams.ElementAt(index).IsClosed;

        public ValueTask DisposeAsync() => Client.DisposeAsync();
    }

    sealed class WatchedStream(Stream inner) : RelayStream(inner)
    {
        volatile bool _isClosed;

        public bool IsClosed => _isClosed;

        protected override void Dispose(bool disposing)
        {
            _isClosed = true;
            base.Dispose(disposing);
        }
    }
}
