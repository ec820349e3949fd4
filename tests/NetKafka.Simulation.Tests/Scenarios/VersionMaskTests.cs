using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Serialization;
using NetKafka.Simulation.Tests.Runs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>Brokers that speak other versions than these: a producer works with them, or tells in one clear error what is missing.</summary>
public sealed class VersionMaskTests
{
    const string Topic = "orders";
    const int Masks = 2_000;

    // What the brokers of a release speak at most.
    static readonly Dictionary<string, (ApiKey Api, short Newest)[]> Releases = new()
    {
        ["2.1"] =
        [
            (ApiKey.Produce, 7), (ApiKey.Fetch, 10), (ApiKey.ListOffsets, 4), (ApiKey.Metadata, 7), (ApiKey.OffsetCommit, 6), (ApiKey.OffsetFetch, 5),
            (ApiKey.FindCoordinator, 2), (ApiKey.JoinGroup, 3), (ApiKey.Heartbeat, 2), (ApiKey.LeaveGroup, 2), (ApiKey.SyncGroup, 2), (ApiKey.ApiVersions, 2),
            (ApiKey.InitProducerId, 1), (ApiKey.OffsetForLeaderEpoch, 1), (ApiKey.AddPartitionsToTxn, 1), (ApiKey.AddOffsetsToTxn, 1), (ApiKey.EndTxn, 1),
            (ApiKey.TxnOffsetCommit, 2),
        ],
        ["2.4"] =
        [
            (ApiKey.Produce, 8), (ApiKey.Fetch, 11), (ApiKey.ListOffsets, 5), (ApiKey.Metadata, 9), (ApiKey.OffsetCommit, 8), (ApiKey.OffsetFetch, 6),
            (ApiKey.FindCoordinator, 3), (ApiKey.JoinGroup, 6), (ApiKey.Heartbeat, 4), (ApiKey.LeaveGroup, 4), (ApiKey.SyncGroup, 4), (ApiKey.ApiVersions, 3),
            (ApiKey.InitProducerId, 2), (ApiKey.OffsetForLeaderEpoch, 3), (ApiKey.AddPartitionsToTxn, 1), (ApiKey.AddOffsetsToTxn, 1), (ApiKey.EndTxn, 1),
            (ApiKey.TxnOffsetCommit, 2),
        ],
        ["2.8"] =
        [
            (ApiKey.Produce, 9), (ApiKey.Fetch, 12), (ApiKey.ListOffsets, 6), (ApiKey.Metadata, 11), (ApiKey.OffsetCommit, 8), (ApiKey.OffsetFetch, 7),
            (ApiKey.FindCoordinator, 3), (ApiKey.JoinGroup, 7), (ApiKey.Heartbeat, 4), (ApiKey.LeaveGroup, 4), (ApiKey.SyncGroup, 5), (ApiKey.ApiVersions, 3),
            (ApiKey.InitProducerId, 4), (ApiKey.OffsetForLeaderEpoch, 4), (ApiKey.AddPartitionsToTxn, 3), (ApiKey.AddOffsetsToTxn, 3), (ApiKey.EndTxn, 3),
            (ApiKey.TxnOffsetCommit, 3),
        ],
    };

    [Theory]
    [InlineData("2.1", false)]
    [InlineData("2.4", false)]
    [InlineData("2.8", true)]
    public void Old_brokers_take_records_and_transactions_and_offsets_in_them_from_2_5_on(string release, bool takesOffsets)
    {
        var world = MakeWorld(7);
        foreach (var (api, newest) in Releases[release])
            world.Machine.Settings.ApiVersionLimits[(short)api] = (0, newest);
        Assert.Null(Run(world, isTransactional: false, sendsOffsets: false));
        Assert.Null(Run(world, isTransactional: true, sendsOffsets: false));
        var error = Run(world, isTransactional: true, sendsOffsets: true);
        if (takesOffsets)
            Assert.Null(error);
        else
            Assert.Contains("2.5", Assert.IsType<TransactionException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Producer_works_with_any_mask_of_versions_or_tells_what_is_missing()
    {
        var works = 0;
        for (ulong seed = 0; seed < Masks; seed++)
        {
            var world = MakeWorld(seed);
            DrawMask(new RandomSource(seed), world.Machine.Settings.ApiVersionLimits);
            var error = Run(world, isTransactional: seed % 2 == 0, sendsOffsets: seed % 4 == 0);
            works += error is null ? 1 : 0;
            if (error is not null)
                Assert.True(error is KafkaException && error.Message.Contains("version", StringComparison.Ordinal), $"mask {seed}: {error}");
        }
        Assert.InRange(works, Masks / 20, Masks - Masks / 20);
    }

    static SimWorld MakeWorld(ulong seed)
    {
        var world = new SimWorld(seed, null);
        world.Machine.Settings.ApiVersionLimits.Clear();
        world.Machine.Settings.TransactionVersion = 0;
        world.CreateTopic(Topic, 2, 3);
        return world;
    }

    /// <summary>A third of the APIs has some of its versions, or none.</summary>
    static void DrawMask(RandomSource random, IDictionary<short, (short Min, short Max)> limits)
    {
        foreach (var (api, newest) in Releases["2.8"])
        {
            if (random.Next(8) > 0)
                continue;
            var min = api == ApiKey.ApiVersions ? 0 : random.Next(newest + 2);
            limits[(short)api] = ((short)min, (short)(min - 1 + random.Next(newest + 2)));
            if (api == ApiKey.ApiVersions)
                limits[(short)api] = (0, (short)random.Next(newest + 1));
        }
    }

    /// <summary>Writes some records, in a transaction or not.</summary>
    /// <returns>What ended it; null where all went well.</returns>
    static Exception? Run(SimWorld world, bool isTransactional, bool sendsOffsets)
    {
        Exception? error = null;
        world.Scheduler.Run(
            async () =>
            {
                var client = world.CreateClient($"client-{isTransactional}-{sendsOffsets}");
                var producer = client.CreateProducer<Nothing, byte[]>(new ProducerOptions
                {
                    TransactionalId = isTransactional ? $"txn-{sendsOffsets}" : null, MaxBlock = TimeSpan.FromSeconds(10),
                });
                try
                {
                    if (isTransactional)
                        await producer.BeginTransactionAsync();
                    await Task.WhenAll(Enumerable.Range(0, 5).Select(async i =>
                        await producer.ProduceAsync(new ProducerRecord<Nothing, byte[]>(Topic, default, new byte[20]) { Partition = i % 2 })));
                    if (sendsOffsets)
                        await producer.SendOffsetsToTransactionAsync([new TopicPartitionOffset(Topic, 0, 1)], new ConsumerGroupMetadata("g", "", -1, null));
                    if (isTransactional)
                        await producer.CommitTransactionAsync();
                }
                catch (Exception failed)
                {
                    error = failed;
                }
                await producer.DisposeAsync();
                await client.DisposeAsync();
            },
            TimeSpan.FromMinutes(20).Ticks);
        Assert.Empty(world.Violations.Kept);
        return error;
    }
}
