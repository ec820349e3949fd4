using NetKafka.Producing;
using NetKafka.Serialization;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>How records without a key are spread over three brokers, each of which leads one partition.</summary>
public sealed class SpreadTests
{
    const string Topic = "clicks";
    const int Senders = 24;
    const int RecordsOfSender = 500;
    const int Total = Senders * RecordsOfSender;

    /// <summary>Seeds whose connections are all of one kind: one that sends from the client's own buffer takes longer than others.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(10)]
    public void Equal_brokers_get_equal_bytes(ulong seed)
    {
        foreach (var share in Spread(seed, slowness: 0))
            Assert.InRange(share, 0.95 * Total / 3, 1.05 * Total / 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Slow_broker_gets_fewer_records(ulong seed)
    {
        var shares = Spread(seed, slowness: 2);
        Assert.True(shares[0] < 0.7 * Math.Min(shares[1], shares[2]), string.Join(", ", shares));
    }

    /// <summary>The records of each broker, in the order of the brokers. All have one size.</summary>
    /// <param name="seed">What the network is like.</param>
    /// <param name="slowness">How many times longer than to the others the way to the first broker is, and back.</param>
    static int[] Spread(ulong seed, int slowness)
    {
        var world = new SimWorld(seed, null);
        var network = world.Network.Settings;
        // What followers take for a record is the same wherever its leader is.
        world.Machine.Settings.ReplicationDelayMs = 0;
        world.Network.Links[1].SlowTicks = slowness * (network.LatencyTicks + network.JitterTicks / 2);
        world.CreateTopic(Topic, 3, 3);
        world.Scheduler.Run(() => ProduceAsync(world), TimeSpan.FromMinutes(10).Ticks);
        Assert.Empty(world.Violations.Kept);
        var shares = new int[3];
        foreach (var partition in world.Machine.Cluster.FindTopic(Topic)!.Partitions)
            shares[partition.Leader - 1] += (int)partition.Log.EndOffset;
        Assert.Equal(Total, shares.Sum());
        return shares;
    }

    static async Task ProduceAsync(SimWorld world)
    {
        var client = world.CreateClient("spreader");
        var producer = client.CreateProducer<Nothing, byte[]>(new ProducerOptions { BatchSize = 200, Linger = TimeSpan.Zero });
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            for (var i = 0; i < RecordsOfSender; i++)
                await producer.ProduceAsync(Topic, default, new byte[200]);
        }));
        await producer.DisposeAsync();
        await client.DisposeAsync();
    }
}
