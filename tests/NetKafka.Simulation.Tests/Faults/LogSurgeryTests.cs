using System.Buffers.Binary;
using NetKafka.Protocol.Records;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Faults;

public sealed class LogSurgeryTests
{
    const int Batches = 12;
    const int RecordsEach = 5;

    readonly ClusterMachine _machine = new(new ClusterSettings(), 1);
    readonly HashSet<long> _told = [];
    readonly LogSurgery _surgery;

    public LogSurgeryTests()
    {
        _machine.Operate(0, cluster =>
        {
            cluster.AddBroker(1, "one", 9092);
            cluster.CreateTopic(new TopicOrder("t") { Partitions = 1, ReplicationFactor = 1 });
        });
        _surgery = new LogSurgery(record => Assert.True(_told.Add(record.Offset)));
        for (var i = 0; i < Batches; i++)
            Partition.Log.Append(Batch(i * RecordsEach), 0);
        Partition.AdvanceHighWatermark(Partition.Log.EndOffset);
    }

    Partition Partition => _machine.Cluster.FindTopic("t")!.Partitions[0];

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(58)]
    public void Truth_keeps_what_is_deleted_and_knows_that_it_is_gone(int howMuch)
    {
        var start = _surgery.Delete(Partition, howMuch, 0);
        Assert.Equal(start, Partition.Log.StartOffset);
        Check(record => record.Offset < start);
    }

    [Fact]
    public void Truth_keeps_what_is_deleted_by_and_by()
    {
        while (_surgery.Delete(Partition, 3, 0) >= 0)
        {
        }
        Check(record => record.Offset < Partition.Log.StartOffset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(123_456)]
    public void Truth_keeps_what_is_compacted_and_what_is_left_can_be_read(int howMuch)
    {
        var gone = _surgery.Compact(Partition, howMuch);
        Assert.InRange(gone, 1, Batches * RecordsEach - 1);
        Assert.Contains(Partition.Log.Batches, static batch => batch.Header.RecordCount is > 0 and < RecordsEach);
        Check(record => _told.Contains(record.Offset));
        _surgery.Compact(Partition, howMuch + 1);
        Check(record => _told.Contains(record.Offset));
    }

    [Fact]
    public void Producer_whose_batches_are_gone_is_known_after_a_truncation()
    {
        _surgery.Delete(Partition, 40, 0);
        Partition.Log.TruncateTo(Partition.Log.EndOffset - RecordsEach);
        Assert.Equal((Batches - 1) * RecordsEach - 1, Partition.Log.Producers.Find(9)!.LastSequence);
    }

    void Check(Predicate<LoggedRecord> isRemoved)
    {
        var truth = LogTruth.Read(_machine.Cluster, new Dictionary<string, int> { ["t"] = 1 }, _surgery.Removed);
        Assert.Empty(truth.Damage);
        Assert.Equal(Enumerable.Range(0, Batches * RecordsEach), truth.Records.Select(static record => record.Id));
        Assert.All(truth.Records, record => Assert.Equal(isRemoved(record), record.IsRemoved));
        Assert.Equal(truth.Records.Where(static record => record.IsRemoved).Select(static record => record.Offset), _told.Order());
    }

    static byte[] Batch(int first)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[4096], 0, 4096);
        for (var i = 0; i < RecordsEach; i++)
        {
            var value = new byte[SentRecord.SmallestValue];
            BinaryPrimitives.WriteInt32BigEndian(value, first + i);
            writer.TryAppend(1_000, default, true, value, false);
        }
        var batch = writer.Seal().ToArray();
        RecordBatchPatch.SetProducer(batch, 9, 0, first);
        return batch;
    }
}
