using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class FetchTests
{
    readonly MachineDriver driver = new(brokers: 2);
    readonly int connection;

    public FetchTests()
    {
        driver.CreateTopic("payments", partitions: 2, replicas: 1);
        connection = driver.Connect();
    }

    PartitionLog Log => driver.Cluster.FindTopic("payments")!.Partitions[0].Log;

    [Fact]
    public void Fetch_from_the_middle_of_a_batch_gives_the_whole_batch()
    {
        var batch = driver.Batch("a", "b", "c");
        driver.Produce(connection, "payments", batch);

        var fetched = driver.Fetch(connection, "payments", 2);

        Assert.Equal(batch.Length, fetched.Records!.Value.Length);
        Assert.Equal((3, 3, 0), (fetched.HighWatermark, fetched.LastStableOffset, fetched.LogStartOffset));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Offset_outside_of_the_log_is_out_of_range(long offset)
    {
        driver.Produce(connection, "payments", driver.Batch("a"));

        var fetched = driver.Fetch(connection, "payments", offset);

        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), (fetched.ErrorCode, fetched.HighWatermark));
    }

    [Fact]
    public void First_batch_comes_whole_however_small_the_limit()
    {
        var batch = driver.Batch(new string('x', 500));
        driver.Produce(connection, "payments", batch);
        driver.Produce(connection, "payments", batch);

        var fetched = driver.Fetch(connection, "payments", 0, maxBytes: 10);

        Assert.Equal(batch.Length, fetched.Records!.Value.Length);
    }

    [Fact]
    public void Last_batch_is_cut_at_the_limit()
    {
        var batch = driver.Batch(new string('x', 100));
        driver.Produce(connection, "payments", batch);
        driver.Produce(connection, "payments", batch);

        var fetched = driver.Fetch(connection, "payments", 0, maxBytes: batch.Length + 20);

        Assert.Equal(batch.Length + 20, fetched.Records!.Value.Length);
    }

    [Fact]
    public void Second_partition_gives_no_oversized_batch()
    {
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(2, driver.NowMs));
        driver.CreateTopic("local", partitions: 2, replicas: 1);
        var batch = driver.Batch(new string('x', 500));
        driver.Produce(connection, "local", batch, partition: 0);
        driver.Produce(connection, "local", batch, partition: 1);
        var request = Requests.FetchOf("local", 0, maxBytes: 10);
        request.Topics[0].Partitions =
            [.. request.Topics[0].Partitions, new FetchRequest.FetchPartition { Partition = 1, FetchOffset = 0, PartitionMaxBytes = 10 }];

        var partitions = driver.Ask(connection, request, 12).Responses[0].Partitions;

        Assert.Equal((batch.Length, 0), (partitions[0].Records!.Value.Length, partitions[1].Records!.Value.Length));
    }

    [Fact]
    public void Fetch_at_the_end_waits_for_records()
    {
        var reader = driver.Connect();
        driver.Send(reader, Requests.FetchOf("payments", 0, maxWaitMs: 500), 12);
        Assert.False(driver.HasAnswer(reader));

        driver.Produce(connection, "payments", driver.Batch("a"));

        Assert.True(driver.HasAnswer(reader));
    }

    [Fact]
    public void Fetch_that_waits_in_vain_is_answered_at_its_deadline_and_not_before()
    {
        driver.Send(connection, Requests.FetchOf("payments", 0, maxWaitMs: 500), 12);

        driver.Pass(499);
        Assert.False(driver.HasAnswer(connection));
        driver.Pass(1);

        var fetched = driver.Take(connection, new FetchRequest(), 12).Responses[0].Partitions[0];
        Assert.Equal((ErrorCode.None, 0), (fetched.ErrorCode, fetched.Records!.Value.Length));
    }

    [Fact]
    public void Fetch_waits_until_there_are_min_bytes()
    {
        var reader = driver.Connect();
        var batch = driver.Batch("a");
        driver.Send(reader, Requests.FetchOf("payments", 0, maxWaitMs: 500, minBytes: 2 * batch.Length), 12);

        driver.Produce(connection, "payments", batch);
        Assert.False(driver.HasAnswer(reader));
        driver.Produce(connection, "payments", batch);

        Assert.True(driver.HasAnswer(reader));
    }

    [Fact]
    public void Error_of_one_partition_ends_the_wait()
    {
        var request = Requests.FetchOf("payments", 0, maxWaitMs: 500);
        request.Topics = [.. request.Topics, .. Requests.FetchOf("nothing", 0).Topics];

        var answer = driver.Ask(connection, request, 12);

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, answer.Responses[1].Partitions[0].ErrorCode);
    }

    [Fact]
    public void Deleted_topic_ends_the_wait()
    {
        driver.Send(connection, Requests.FetchOf("payments", 0, maxWaitMs: 500), 12);

        driver.Machine.Operate(driver.NowMs, cluster => cluster.DeleteTopic("payments", driver.NowMs));

        var answer = driver.Take(connection, new FetchRequest(), 12);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, answer.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public void Topic_created_again_is_unknown_under_its_old_id()
    {
        var old = driver.Cluster.FindTopic("payments")!.Id;
        driver.Machine.Operate(driver.NowMs, cluster => cluster.DeleteTopic("payments", driver.NowMs));
        driver.CreateTopic("payments");
        var request = Requests.FetchOf("", 0);
        request.Topics[0].TopicId = old;

        var answer = driver.Ask(connection, request, 13);

        Assert.Equal(ErrorCode.UnknownTopicId, answer.Responses[0].Partitions[0].ErrorCode);
        Assert.NotEqual(old, driver.Cluster.FindTopic("payments")!.Id);
    }

    [Fact]
    public void Broker_that_does_not_lead_names_the_leader_from_version_16_on()
    {
        var request = Requests.FetchOf("", 0, partition: 1);
        request.Topics[0].TopicId = driver.Cluster.FindTopic("payments")!.Id;

        var before = driver.Ask(connection, request, 15);
        var after = driver.Ask(connection, request, 16);

        Assert.Equal((ErrorCode.NotLeaderOrFollower, -1), Leader(before));
        Assert.Equal((ErrorCode.NotLeaderOrFollower, 2), Leader(after));
        Assert.Equal("host-2", Assert.Single(after.NodeEndpoints).Host);

        static (ErrorCode, int) Leader(FetchResponse answer) =>
            (answer.Responses[0].Partitions[0].ErrorCode, answer.Responses[0].Partitions[0].CurrentLeader.LeaderId);
    }

    [Fact]
    public void Deleted_records_are_out_of_range()
    {
        driver.Produce(connection, "payments", driver.Batch("a", "b"));
        driver.Produce(connection, "payments", driver.Batch("c"));
        driver.Machine.Operate(driver.NowMs, _ => Log.MoveStart(1));

        Assert.Equal(ErrorCode.OffsetOutOfRange, driver.Fetch(connection, "payments", 0).ErrorCode);
        Assert.Equal(1, driver.Fetch(connection, "payments", 1).LogStartOffset);
        Assert.Equal(2, Log.Batches.Count);
    }

    [Fact]
    public void Open_transaction_holds_the_stable_offset_and_its_abort_is_listed()
    {
        driver.Machine.Settings.VerifiesTransactions = false;
        driver.Produce(connection, "payments", driver.Batch("before"));
        driver.Produce(connection, "payments", Batches.Create(["inside"], driver.WallClockMs, 9, 0, 0, transactional: true));
        driver.Produce(connection, "payments", driver.Batch("after"));

        var open = Committed(0);
        Assert.Equal((3, 1), (open.HighWatermark, open.LastStableOffset));
        Assert.Empty(open.AbortedTransactions!);
        Assert.Equal(1, LastOffsetIn(open));

        Log.Append(ControlBatch.Create(9, 0, commit: false, driver.WallClockMs, 0), 0);
        driver.Machine.Operate(driver.NowMs, cluster => cluster.Replicate(cluster.FindTopic("payments")!.Partitions[0], driver.NowMs));

        var ended = Committed(0);
        Assert.Equal((4, 4), (ended.HighWatermark, ended.LastStableOffset));
        var aborted = Assert.Single(ended.AbortedTransactions!);
        Assert.Equal((9, 1), (aborted.ProducerId, aborted.FirstOffset));
        Assert.Null(driver.Fetch(connection, "payments", 0).AbortedTransactions);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Aborted_transactions_come_in_either_order(bool isTurned)
    {
        driver.Machine.Settings.TurnsAbortedList = isTurned;
        driver.Machine.Settings.VerifiesTransactions = false;
        for (short producer = 8; producer < 10; producer++)
        {
            driver.Produce(connection, "payments", Batches.Create(["inside"], driver.WallClockMs, producer, 0, 0, transactional: true));
            Log.Append(ControlBatch.Create(producer, 0, commit: false, driver.WallClockMs, 0), 0);
        }
        driver.Machine.Operate(driver.NowMs, cluster => cluster.Replicate(cluster.FindTopic("payments")!.Partitions[0], driver.NowMs));

        long[] wanted = isTurned ? [9, 8] : [8, 9];
        Assert.Equal(wanted, Committed(0).AbortedTransactions!.Select(aborted => aborted.ProducerId));
    }

    static long LastOffsetIn(FetchResponse.PartitionData data)
    {
        long next = 0;
        for (var bytes = data.Records!.Value; bytes.Length > BatchHeader.Size;)
        {
            var header = new BatchHeader(bytes.Span);
            next = header.BaseOffset + header.LastOffsetDelta + 1;
            bytes = bytes[(header.Length + BatchHeader.LogOverhead)..];
        }

        return next;
    }

    FetchResponse.PartitionData Committed(long offset)
    {
        var request = Requests.FetchOf("payments", offset);
        request.IsolationLevel = 1;
        return driver.Ask(connection, request, 12).Responses[0].Partitions[0];
    }
}
