using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class LeaderTests
{
    readonly MachineDriver driver = new(brokers: 3);
    readonly Partition partition;

    public LeaderTests() => partition = driver.CreateTopic("payments").Partitions[0];

    [Fact]
    public void Moved_leader_has_the_next_epoch_and_the_old_one_names_it()
    {
        var old = driver.Connect(1);
        Move(2);

        var refused = driver.Produce(old, "payments", driver.Batch("a"));

        Assert.Equal((ErrorCode.NotLeaderOrFollower, 2, 1), (refused.ErrorCode, refused.CurrentLeader.LeaderId, refused.CurrentLeader.LeaderEpoch));
        Assert.Equal(ErrorCode.None, driver.Produce(driver.Connect(2), "payments", driver.Batch("a")).ErrorCode);
    }

    [Theory]
    [InlineData(0, ErrorCode.FencedLeaderEpoch)]
    [InlineData(1, ErrorCode.None)]
    [InlineData(2, ErrorCode.UnknownLeaderEpoch)]
    [InlineData(-1, ErrorCode.None)]
    public void Readers_epoch_is_compared_with_the_leaders(int epoch, ErrorCode expected)
    {
        Move(2);
        var request = Requests.FetchOf("payments", 0);
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = epoch;

        Assert.Equal(expected, driver.Ask(driver.Connect(2), request, 12).Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public void Stopped_leader_is_followed_by_a_replica_in_sync_with_all_that_was_acked()
    {
        driver.Produce(driver.Connect(1), "payments", driver.Batch("a"));
        Stop(1);

        Assert.Equal((2, 1), (partition.Leader, partition.LeaderEpoch));
        Assert.Equal([2, 3], partition.InSync);
        Assert.Equal(1, driver.Fetch(driver.Connect(2), "payments", 0).HighWatermark);
    }

    [Fact]
    public void Last_replica_in_sync_keeps_the_partition_until_it_is_back()
    {
        var single = driver.CreateTopic("single", replicas: 1).Partitions[0];
        var node = single.Leader;
        driver.Produce(driver.Connect(node), "single", driver.Batch("a"));
        Stop(node);

        var other = driver.Connect(node == 1 ? 2 : 1);
        var metadata = driver.Ask(other, new MetadataRequest { Topics = [new() { Name = "single" }] }, 12);
        Assert.Equal(ErrorCode.LeaderNotAvailable, metadata.Topics[0].Partitions[0].ErrorCode);
        Assert.Equal([node], metadata.Topics[0].Partitions[0].OfflineReplicas);

        Start(node);
        Assert.Equal((node, 1), (single.Leader, single.Log.EndOffset));
    }

    [Fact]
    public void Replicas_that_came_back_before_the_leader_are_in_sync_once_it_leads()
    {
        var driver = new MachineDriver(brokers: 3);
        var partition = driver.CreateTopic("t", replicas: 3).Partitions[0];
        driver.Machine.Operate(0, cluster =>
        {
            for (var node = 1; node <= 3; node++)
                cluster.StopBroker(node, 0);
            for (var node = 1; node <= 3; node++)
                cluster.StartBroker(node, 0);
        });
        Assert.Equal(3, partition.Leader);
        Assert.Equal(partition.Replicas.Order(), partition.InSync.Order());
    }

    [Fact]
    public void Too_few_replicas_in_sync_refuse_acks_all_and_take_acks_1()
    {
        driver.Cluster.Settings.MinInSyncReplicas = 3;
        Stop(3);
        var connection = driver.Connect(1);

        Assert.Equal(ErrorCode.NotEnoughReplicas, driver.Produce(connection, "payments", driver.Batch("a")).ErrorCode);
        Assert.Equal(ErrorCode.None, driver.Produce(connection, "payments", driver.Batch("a"), acks: 1).ErrorCode);
    }

    [Fact]
    public void Acks_all_waits_for_the_followers_and_acks_1_does_not()
    {
        driver.Cluster.Settings.ReplicationDelayMs = 50;
        var connection = driver.Connect(1);

        Assert.Equal(0, driver.Produce(connection, "payments", driver.Batch("a"), acks: 1).BaseOffset);
        Assert.Equal(0, partition.HighWatermark);
        driver.Send(connection, Requests.ProduceOf("payments", driver.Batch("b")), 12);
        driver.Pass(49);
        Assert.False(driver.HasAnswer(connection));
        driver.Pass(1);

        Assert.Equal(1, driver.Take(connection, new ProduceRequest(), 12).Responses[0].PartitionResponses[0].BaseOffset);
        Assert.Equal(2, partition.HighWatermark);
    }

    [Fact]
    public void Records_above_the_high_watermark_are_not_read()
    {
        driver.Cluster.Settings.ReplicationDelayMs = 50;
        var connection = driver.Connect(1);
        driver.Produce(connection, "payments", driver.Batch("a"), acks: 1);

        var fetched = driver.Fetch(connection, "payments", 0);

        Assert.Equal((ErrorCode.None, 0), (fetched.ErrorCode, fetched.Records!.Value.Length));
    }

    [Fact]
    public void Produce_that_waits_for_followers_times_out_and_stays_in_the_log()
    {
        driver.Cluster.Settings.ReplicationDelayMs = 5_000;
        var connection = driver.Connect(1);
        driver.Send(connection, Requests.ProduceOf("payments", driver.Batch("a")), 12);
        driver.Pass(1_000);

        var answer = driver.Take(connection, new ProduceRequest(), 12).Responses[0].PartitionResponses[0];

        Assert.Equal(ErrorCode.RequestTimedOut, answer.ErrorCode);
        Assert.Equal(1, partition.Log.EndOffset);
    }

    [Fact]
    public void Leader_change_ends_a_waiting_produce_without_telling_its_fate()
    {
        driver.Cluster.Settings.ReplicationDelayMs = 50;
        var connection = driver.Connect(1);
        driver.Send(connection, Requests.ProduceOf("payments", driver.Batch("a")), 12);
        Move(2);

        var answer = driver.Take(connection, new ProduceRequest(), 12).Responses[0].PartitionResponses[0];

        Assert.Equal((ErrorCode.NotLeaderOrFollower, 2), (answer.ErrorCode, answer.CurrentLeader.LeaderId));
    }

    [Fact]
    public void Lost_leader_takes_along_nothing_below_the_high_watermark_and_whole_batches_above()
    {
        var kept = new List<long>();
        for (var seed = 0; seed < 20; seed++)
        {
            var cluster = new MachineDriver(brokers: 2, seed: seed);
            cluster.CreateTopic("payments");
            var connection = cluster.Connect(1);
            cluster.Produce(connection, "payments", cluster.Batch("a"));
            cluster.Cluster.Settings.ReplicationDelayMs = 50;
            for (var i = 0; i < 3; i++)
                cluster.Produce(connection, "payments", cluster.Batch("b", "c"), acks: 1);
            cluster.Machine.Operate(cluster.NowMs, state => state.StopBroker(1, cluster.NowMs));
            kept.Add(cluster.Cluster.FindTopic("payments")!.Partitions[0].Log.EndOffset);
        }

        Assert.Equal([1, 3, 5, 7], kept.Distinct().Order());
    }

    [Fact]
    public void Epoch_end_offsets_show_where_each_leader_stopped()
    {
        driver.Produce(driver.Connect(1), "payments", driver.Batch("a", "b"));
        Move(2);
        driver.Produce(driver.Connect(2), "payments", driver.Batch("c"));

        Assert.Equal((ErrorCode.None, 0, 2), EndOf(0));
        Assert.Equal((ErrorCode.None, 1, 3), EndOf(1));
        Assert.Equal((ErrorCode.None, -1, -1), EndOf(5));
    }

    [Fact]
    public void Reader_whose_epoch_ended_earlier_hears_where_it_diverged()
    {
        driver.Produce(driver.Connect(1), "payments", driver.Batch("a"));
        Move(2);
        driver.Produce(driver.Connect(2), "payments", driver.Batch("b", "c"));
        var request = Requests.FetchOf("payments", 2);
        request.Topics[0].Partitions[0].LastFetchedEpoch = 0;

        var answer = driver.Ask(driver.Connect(2), request, 12).Responses[0].Partitions[0];

        Assert.Equal((0, 1), (answer.DivergingEpoch.Epoch, answer.DivergingEpoch.EndOffset));
        Assert.Equal(0, answer.Records!.Value.Length);
    }

    [Fact]
    public void Frozen_broker_tells_what_it_knew()
    {
        driver.Machine.Operate(driver.NowMs, cluster => cluster.FreezeMetadata(3));
        Move(2);

        Assert.Equal(1, LeaderToldBy(3));
        Assert.Equal(2, LeaderToldBy(2));
        driver.Machine.Operate(driver.NowMs, cluster => cluster.ThawMetadata(3));
        Assert.Equal(2, LeaderToldBy(3));
    }

    [Fact]
    public void Leader_whose_log_directory_fails_is_followed_by_another_and_answers_with_a_storage_error()
    {
        var parked = driver.Connect(1);
        driver.Cluster.Settings.ReplicationDelayMs = 50;
        var request = Requests.ProduceOf("payments", driver.Batch("a"));
        driver.Send(parked, request, 12);
        FailLogDir(1, 0);

        Assert.Equal((2, 1), (partition.Leader, partition.LeaderEpoch));
        Assert.Equal([2, 3], partition.InSync);
        Assert.Equal(ErrorCode.KafkaStorageError, driver.Take(parked, request, 12).Responses[0].PartitionResponses[0].ErrorCode);
        Assert.Equal(ErrorCode.KafkaStorageError, driver.Produce(parked, "payments", driver.Batch("a")).ErrorCode);
        Assert.Equal(ErrorCode.KafkaStorageError, driver.Fetch(parked, "payments", 0).ErrorCode);
        Assert.Equal(ErrorCode.EligibleLeadersNotAvailable, Move(1));
        Assert.Equal([1], MetadataOf(2).OfflineReplicas);

        driver.Machine.Operate(driver.NowMs, cluster => cluster.MendLogDir(1, driver.NowMs));
        Assert.Equal([1, 2, 3], partition.InSync);
        Assert.Equal(ErrorCode.None, Move(1));
    }

    [Fact]
    public void Log_directory_that_fails_takes_no_other_along_and_the_last_replica_waits_until_it_is_mended()
    {
        var single = driver.CreateTopic("single", partitions: 2, replicas: 1);
        var node = single.Partitions[0].Leader;
        var other = single.Partitions[1].Leader;
        FailLogDir(node, 0);

        Assert.Equal((Partition.NoLeader, other), (single.Partitions[0].Leader, single.Partitions[1].Leader));
        Stop(node);
        Start(node);
        Assert.Equal(Partition.NoLeader, single.Partitions[0].Leader);
        driver.Machine.Operate(driver.NowMs, cluster => cluster.MendLogDir(node, driver.NowMs));
        Assert.Equal(node, single.Partitions[0].Leader);
    }

    [Fact]
    public void Partition_that_is_added_while_no_replica_can_use_its_log_directory_is_led_once_one_can()
    {
        for (var node = 1; node <= 3; node++)
            FailLogDir(node, 1);
        driver.Machine.Operate(driver.NowMs, cluster => cluster.AddPartitions("payments", 2, null, validateOnly: false));
        var added = driver.Cluster.FindTopic("payments")!.Partitions[1];
        Assert.Equal(Partition.NoLeader, added.Leader);
        for (var node = 1; node <= 3; node++)
        {
            var mended = node;
            driver.Machine.Operate(driver.NowMs, cluster => cluster.MendLogDir(mended, driver.NowMs));
        }
        Assert.NotEqual(Partition.NoLeader, added.Leader);
        Assert.Equal(3, added.InSync.Count);
    }

    [Fact]
    public void Only_a_running_replica_in_sync_can_lead()
    {
        Stop(2);

        Assert.Equal(ErrorCode.EligibleLeadersNotAvailable, Move(2));
        Assert.Equal(1, partition.Leader);
        Start(2);
        Assert.Equal(ErrorCode.None, Move(2));
        Assert.Equal([1, 2, 3], partition.InSync);
    }

    int LeaderToldBy(int node) => MetadataOf(node).LeaderId;

    MetadataResponse.MetadataResponsePartition MetadataOf(int node) =>
        driver.Ask(driver.Connect(node), new MetadataRequest { Topics = null }, 12).Topics[0].Partitions[0];

    void FailLogDir(int node, int directory) =>
        driver.Machine.Operate(driver.NowMs, cluster => cluster.FailLogDir(node, directory, driver.NowMs));

    (ErrorCode Error, int Epoch, long End) EndOf(int epoch)
    {
        var request = new OffsetForLeaderEpochRequest
        {
            ReplicaId = -1, Topics = [new() { Topic = "payments", Partitions = [new() { LeaderEpoch = epoch }] }],
        };
        var answer = driver.Ask(driver.Connect(2), request, 4).Topics[0].Partitions[0];
        return (answer.ErrorCode, answer.LeaderEpoch, answer.EndOffset);
    }

    ErrorCode Move(int node) => driver.Machine.Operate(driver.NowMs, cluster => cluster.MoveLeader("payments", 0, node, driver.NowMs));

    void Stop(int node) => driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(node, driver.NowMs));

    void Start(int node) => driver.Machine.Operate(driver.NowMs, cluster => cluster.StartBroker(node, driver.NowMs));
}
