using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Simulation.Tests.Runs;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Scenarios;

/// <summary>
/// Transactions of several writers, open side by side, committed or aborted, compressed or not, lie in the log as brokers leave
/// them there; readers of committed records and of all records read them through faults, and seek.
/// </summary>
sealed class CommittedScenario : Scenario
{
    const string Topic = "ledger";
    const int Records = 220;
    const int BatchBytes = 8_000;
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    readonly List<LedgerReader> _readers = [];

    public override string Name => "committed";

    public override bool Meets(FaultKind kind) => kind is not (FaultKind.TopicRecreated or FaultKind.FeatureChange);

    public override bool MayHaveRacks => true;

    public override TimeSpan LivenessBound => TimeSpan.FromSeconds(90);

    public override async Task RunAsync(SimWorld world)
    {
        var partitions = 1 + world.Random.Next(3);
        world.CreateTopic(Topic, partitions, 3);
        for (var i = 0; i < 2; i++)
            _readers.Add(new LedgerReader(world, Topic, partitions, $"reader-{i}", isCommitted: i == 0 || world.Random.Next(2) == 0));
        var reading = Task.WhenAll(_readers.Select(reader => reader.RunAsync()));
        var writers = new Task[1 + world.Random.Next(3)];
        for (var i = 0; i < writers.Length; i++)
            writers[i] = WriteAsync(world, partitions, i, Records / writers.Length + 1);
        await Task.WhenAll(writers);
        await world.Healed;
        // A marker that no other replica had copied may be gone with its broker; the coordinator writes it again.
        for (var i = 0; i < writers.Length * partitions; i++)
            Append(world, i % partitions, ControlBatch.Create(TransactionalId(i / partitions), 0, commit: false, world.WallClockMs, 0));
        await world.Pause(TimeSpan.FromSeconds(1));
        foreach (var reader in _readers)
            reader.SettleDown();
        // Nothing is written any more, and no fault takes anything away.
        var truth = world.ReadLog();
        while (!_readers.TrueForAll(reader => CheckerOf(reader, truth, world).IsComplete))
            await world.Pause(LookEvery);
        foreach (var reader in _readers)
            reader.Stop();
        await reading;
    }

    public override void Check(SimWorld world)
    {
        var truth = world.ReadLog();
        foreach (var damage in truth.Damage)
            world.Violations.Add("P2 no phantom", damage);
        foreach (var reader in _readers)
            CheckerOf(reader, truth, world).Check();
    }

    static ReaderChecker CheckerOf(LedgerReader reader, LogTruth truth, SimWorld world) =>
        new(reader.History, truth, world.Surgery.Losses, reader.IsCommitted, world.Violations);

    static async Task WriteAsync(SimWorld world, int partitions, int writer, int count)
    {
        var random = world.Chance($"writer {writer}");
        var sequences = new int[partitions];
        using var compression = new CompressionPool();
        var longestPause = (int)(world.ChaosTicks / 40);
        while (count > 0)
        {
            var touched = new SortedSet<int>();
            var isTransaction = random.Next(5) > 0;
            for (var batches = 1 + random.Next(4); batches > 0 && count > 0; batches--)
            {
                await world.Pause(TimeSpan.FromTicks(random.Next(longestPause)));
                var (partition, records) = (random.Next(partitions), 1 + random.Next(6));
                var batch = MakeBatch(world, random, compression, records);
                RecordBatchPatch.SetProducer(
                    batch, isTransaction ? TransactionalId(writer) : PlainId(writer), 0, sequences[partition], isTransaction);
                sequences[partition] += records;
                Append(world, partition, batch);
                touched.Add(partition);
                count -= records;
            }
            if (!isTransaction)
                continue;
            await world.Pause(TimeSpan.FromTicks(random.Next(longestPause)));
            // A partition may have been added to the transaction, and nothing written to it.
            touched.Add(random.Next(partitions));
            var isCommitted = random.Next(2) == 0;
            foreach (var partition in touched)
                Append(world, partition, ControlBatch.Create(TransactionalId(writer), 0, isCommitted, world.WallClockMs, 0));
        }
    }

    /// <summary>Two producer ids a writer: what is in no transaction is not of the same one.</summary>
    static long TransactionalId(int writer) => 2 * writer + 1;

    static long PlainId(int writer) => 2 * writer;

    static byte[] MakeBatch(SimWorld world, RandomSource random, CompressionPool compression, int count)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[BatchBytes], 0, BatchBytes);
        for (var i = 0; i < count; i++)
        {
            var record = world.History.Add(new SentRecord
            {
                Id = world.History.NextId,
                Producer = 0,
                Topic = Topic,
                Partition = -1,
                Key = null,
                ValueBytes = SentRecord.SmallestValue + random.Next(random.Next(10) == 0 ? 1_000 : 60),
                TimestampMs = world.WallClockMs,
                InvokedTicks = world.Scheduler.Now,
                LatestEndTicks = long.MaxValue,
            });
            writer.TryAppend(record.TimestampMs, default, true, record.ValueOf(), false);
        }
        if (random.Next(2) == 0)
            return writer.Seal().ToArray();
        var codec = (CompressionCodec)(1 + random.Next(4));
        var buffer = compression.RentBuffer();
        var sealedBytes = writer.Seal(codec, CompressionLevels.Default(codec), compression, buffer).ToArray();
        compression.Return(buffer);
        return sealedBytes;
    }

    static void Append(SimWorld world, int partition, byte[] batch) => world.Network.Operate(machine => machine.Operate(
        world.Scheduler.NowMs,
        cluster =>
        {
            var written = cluster.FindTopic(Topic)!.Partitions[partition];
            written.Log.Append(batch, written.LeaderEpoch);
            cluster.Replicate(written, world.Scheduler.NowMs);
        }));
}
