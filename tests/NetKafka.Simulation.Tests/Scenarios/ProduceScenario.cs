using NetKafka.Producing;
using NetKafka.Protocol.Compression;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Idempotent producers with every kind of call, small and large batches and tiny buffers, through chaos and beyond it. What
/// is sent once the cluster has been healthy for a while must be acknowledged.
/// </summary>
sealed class ProduceScenario : Scenario
{
    const string Topic = "orders";
    const string CreatedTopic = "audit";
    const int Partitions = 3;
    const int RecordsInChaos = 220;
    const int RecordsAfter = 20;
    const int FirstEarlyLane = 100;

    public override string Name => "produce";

    public override bool Meets(FaultKind kind) => kind is not (FaultKind.UncleanElection or FaultKind.FeatureChange);

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(120);

    public override async Task RunAsync(SimWorld world)
    {
        world.CreateTopic(Topic, Partitions, 3);
        // Created by the first record, a topic has as many replicas as brokers run then, which may be too few for acks all.
        if (world.Machine.Settings.MinInSyncReplicas > 1)
            world.CreateTopic(CreatedTopic, 1, 3);
        var clients = 1 + world.Random.Next(2);
        var lanes = 1 + world.Random.Next(3);
        var runs = new Task[clients];
        for (var i = 0; i < clients; i++)
            runs[i] = RunClientAsync(world, i, lanes, RecordsInChaos / (clients * lanes) + 1);
        await Task.WhenAll(runs);
    }

    static async Task RunClientAsync(SimWorld world, int number, int laneCount, int records)
    {
        var name = $"client-{number}";
        var client = world.CreateClient(name);
        var ticks = world.ChaosTicks;
        if (world.Random.Next(8) == 0)
        {
            var begun = (long)(ticks * world.Random.NextDouble());
            records -= await EndEarlyAsync(world, client, (number + FirstEarlyLane) * laneCount, laneCount, records, begun) / laneCount;
            ticks -= begun;
        }
        var options = DrawOptions(world, client);
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, byte[]>(options);
        var lanes = CreateLanes(world, producer, options, number * laneCount, laneCount);
        await Task.WhenAll(lanes.Select(lane => lane.SendManyAsync(records, ticks)));
        await world.Healed;
        await world.Pause(SettleTime(client, options));
        // With a short MaxBlock a burst may be too much for a healthy cluster too; and each connection that died unseen may cost one
        // RequestTimeout, one after the other, which a short DeliveryTimeout does not survive.
        var dead = world.Network.Open.Count(connection => connection.IsDead && connection.Client == name);
        var mustSucceed = options.MaxBlock > TimeSpan.FromSeconds(10) && options.DeliveryTimeout > (2 + Math.Max(1, dead)) * client.Runtime.Options.RequestTimeout;
        // An old broker does not know the producer in a topic that was created anew, and whether a lost request was written it cannot tell.
        mustSucceed &= !(world.Surgery.HasRecreated && world.Machine.Settings.RejectUnknownProducers);
        await Task.WhenAll(lanes.Select(lane => lane.SendManyAsync(RecordsAfter / laneCount + 1, TimeSpan.TicksPerSecond, mustSucceed)));
        await Task.WhenAll(lanes.Select(lane => lane.WaitForOutcomesAsync()));
        await producer.DisposeAsync();
        await client.DisposeAsync();
    }

    /// <summary>A producer whose end comes in the middle of everything.</summary>
    /// <returns>How many records it was given until then.</returns>
    static async Task<int> EndEarlyAsync(SimWorld world, KafkaClient client, int firstLane, int laneCount, int records, long endTicks)
    {
        var options = DrawOptions(world, client);
        var producer = client.CreateProducer<ReadOnlyMemory<byte>?, byte[]>(options);
        var lanes = CreateLanes(world, producer, options, firstLane, laneCount);
        var sending = Task.WhenAll(lanes.Select(lane => lane.SendManyAsync(records, world.ChaosTicks)));
        await world.Pause(TimeSpan.FromTicks(endTicks));
        await producer.DisposeAsync();
        await sending;
        // Whoever is told last is told at once.
        await world.Pause(TimeSpan.FromMilliseconds(1));
        foreach (var lane in lanes)
            lane.CheckEnded();
        return lanes.Sum(lane => lane.Sent);
    }

    static ProducerLane[] CreateLanes(
        SimWorld world, Producer<ReadOnlyMemory<byte>?, byte[]> producer, ProducerOptions options, int first, int count)
    {
        var lanes = new ProducerLane[count];
        for (var i = 0; i < count; i++)
            lanes[i] = new ProducerLane(world, producer, options, first + i) { Topics = [Topic, CreatedTopic], Partitions = Partitions };
        return lanes;
    }

    /// <summary>After so long nothing of the chaos may be left: dead connections were noticed, backoffs are over, late batches too.</summary>
    static TimeSpan SettleTime(KafkaClient client, ProducerOptions options) =>
        options.DeliveryTimeout + client.Runtime.Options.RequestTimeout + TimeSpan.FromSeconds(5);

    static ProducerOptions DrawOptions(SimWorld world, KafkaClient client)
    {
        var random = world.Random;
        var spread = world.Chance("spread");
        var isAdaptive = spread.Next(4) > 0;
        var batchSize = random.Next(4) switch { 0 => 0, 1 => 200, 2 => 1_000, _ => 16 * 1024 };
        var linger = random.Next(4) switch { 0 => 0, 1 => 1, 2 => 5, _ => 50 };
        return new ProducerOptions
        {
            BatchSize = batchSize,
            Linger = TimeSpan.FromMilliseconds(linger),
            BufferMemory = random.Next(3) == 0 ? Math.Max(batchSize, 4_096) * (1 + random.Next(3)) : 32 * 1024 * 1024,
            MaxInFlight = 1 + random.Next(5),
            MaxRequestSize = Math.Max(batchSize, random.Next(3) == 0 ? 8 * 1024 : 1024 * 1024),
            MaxBlock = TimeSpan.FromMilliseconds(random.Next(3) == 0 ? 200 + random.Next(2_000) : 60_000),
            DeliveryTimeout = client.Runtime.Options.RequestTimeout
                + TimeSpan.FromMilliseconds(linger + (random.Next(2) == 0 ? random.Next(1_000) : 20_000)),
            Compression = random.Next(3) == 0 ? (CompressionCodec)random.Next(5) : CompressionCodec.None,
            CloseTimeout = TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(500) : 30_000),
            MetadataMaxIdle = TimeSpan.FromMilliseconds(spread.Next(3) == 0 ? 1 + spread.Next(300) : 300_000),
            AdaptivePartitioning = isAdaptive,
            PartitionAvailabilityTimeout = TimeSpan.FromMilliseconds(isAdaptive && spread.Next(3) == 0 ? 50 + spread.Next(500) : 0),
            LeastWindowBytes = random.Next(2) == 0 ? 500 : null,
            BufferTime = random.Next(3) switch { 0 => TimeSpan.FromMilliseconds(1), 1 => Timeout.InfiniteTimeSpan, _ => TimeSpan.FromMilliseconds(50) },
        };
    }
}
