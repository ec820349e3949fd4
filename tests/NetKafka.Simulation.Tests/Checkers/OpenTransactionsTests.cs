using NetKafka.Protocol.Records;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>A record belongs to an open transaction from when it is written until its transaction ends, one way or the other.</summary>
public sealed class OpenTransactionsTests
{
    const string Topic = "t";
    const long Pid = 7;

    readonly PartitionLog _log;

    public OpenTransactionsTests()
    {
        var machine = new ClusterMachine(new ClusterSettings(), 1);
        machine.Operate(0, static cluster =>
        {
            cluster.AddBroker(1, "one", 9092);
            cluster.CreateTopic(new TopicOrder(Topic) { Partitions = 1, ReplicationFactor = 1 });
        });
        _log = machine.Cluster.FindTopic(Topic)!.Partitions[0].Log;
    }

    [Fact]
    public void Record_of_an_open_transaction_is_found()
    {
        Write(sequence: 0, isTransactional: true);
        Assert.True(OpenTransactions.Holds(_log, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Record_whose_transaction_has_ended_is_none_also_while_the_next_is_open(bool isCommitted)
    {
        Write(sequence: 0, isTransactional: true);
        _log.Append(ControlBatch.Create(Pid, 0, isCommitted, 0, 0), 0);
        Write(sequence: 1, isTransactional: true);
        Assert.False(OpenTransactions.Holds(_log, 0));
        Assert.True(OpenTransactions.Holds(_log, 2));
    }

    [Fact]
    public void Record_without_a_transaction_and_offset_without_a_record_are_none()
    {
        Write(sequence: 0, isTransactional: false);
        Assert.False(OpenTransactions.Holds(_log, 0));
        Assert.False(OpenTransactions.Holds(_log, 1));
    }

    void Write(int sequence, bool isTransactional)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[4096], 0, 4096);
        writer.TryAppend(1_000, default, true, [1], false);
        var batch = writer.Seal().ToArray();
        RecordBatchPatch.SetProducer(batch, Pid, 0, sequence, isTransactional);
        _log.Append(batch, 0);
    }
}
