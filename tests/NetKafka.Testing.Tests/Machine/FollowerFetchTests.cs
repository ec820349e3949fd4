using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Consumers that are sent to a replica in their rack (KIP-392). Broker 1 leads.</summary>
public sealed class FollowerFetchTests
{
    readonly MachineDriver driver = new(brokers: 3);
    readonly Partition partition;

    public FollowerFetchTests()
    {
        driver.Cluster.Settings.SelectsReplicasByRack = true;
        partition = driver.CreateTopic("payments", replicas: 3).Partitions[0];
        driver.Produce(driver.Connect(1), "payments", driver.Batch("a"));
    }

    FetchResponse.PartitionData Fetch(int node, string rack, long offset = 0, short version = 12)
    {
        var request = Requests.FetchOf("payments", offset);
        request.RackId = rack;
        return driver.Ask(driver.Connect(node), request, version).Responses[0].Partitions[0];
    }

    [Fact]
    public void Leader_names_the_replica_of_the_rack_and_gives_nothing()
    {
        var fetched = Fetch(1, "rack-2");
        Assert.Equal((2, 0, 1), (fetched.PreferredReadReplica, fetched.Records!.Value.Length, fetched.HighWatermark));
        Assert.NotEmpty(Fetch(2, "rack-2").Records!.Value.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("rack-1")]
    [InlineData("rack-9")]
    public void Leader_serves_who_is_not_nearer_to_another(string rack)
    {
        var fetched = Fetch(1, rack);
        Assert.Equal(-1, fetched.PreferredReadReplica);
        Assert.NotEmpty(fetched.Records!.Value.ToArray());
    }

    [Fact]
    public void Replica_that_is_not_in_sync_is_not_named_and_serves_what_it_has()
    {
        driver.Machine.Operate(0, cluster => cluster.CutReplicas(2, 0));
        driver.Produce(driver.Connect(1), "payments", driver.Batch("b"));
        Assert.Equal(-1, Fetch(1, "rack-2").PreferredReadReplica);
        Assert.Equal(1, Fetch(2, "rack-2").HighWatermark);
        Assert.Empty(Fetch(2, "rack-2", 1).Records!.Value.ToArray());
        Assert.Equal(ErrorCode.OffsetOutOfRange, Fetch(2, "rack-2", 2).ErrorCode);
        driver.Machine.Operate(0, cluster => cluster.RejoinReplicas(2, 0));
        Assert.Equal(2, Fetch(1, "rack-2", 2).PreferredReadReplica);
        Assert.NotEmpty(Fetch(2, "rack-2", 1).Records!.Value.ToArray());
    }

    [Fact]
    public void Replica_that_has_stopped_copying_comes_back_with_a_new_start_of_its_broker()
    {
        driver.Machine.Operate(0, cluster => cluster.StickReplicas(2, 0));
        driver.Machine.Operate(0, cluster => cluster.RejoinReplicas(2, 0));
        Assert.Equal(-1, Fetch(1, "rack-2").PreferredReadReplica);
        driver.Machine.Operate(0, cluster => cluster.StopBroker(2, 0));
        driver.Machine.Operate(0, cluster => cluster.StartBroker(2, 0));
        Assert.Equal(2, Fetch(1, "rack-2").PreferredReadReplica);
    }

    [Fact]
    public void Followers_that_have_deleted_more_than_their_leader_are_not_named_for_that_and_do_not_have_it()
    {
        driver.Produce(driver.Connect(1), "payments", driver.Batch("b"));
        driver.Machine.Operate(0, _ => ClusterState.TrimFollowers(partition, 1, 0));
        Assert.Equal(-1, Fetch(1, "rack-2").PreferredReadReplica);
        Assert.Equal(2, Fetch(1, "rack-2", 1).PreferredReadReplica);
        Assert.Equal(ErrorCode.OffsetOutOfRange, Fetch(2, "rack-2").ErrorCode);
        Assert.NotEmpty(Fetch(2, "rack-2", 1).Records!.Value.ToArray());
    }

    [Fact]
    public void Version_without_racks_is_served_by_the_leader_alone()
    {
        Assert.NotEmpty(Fetch(1, "", version: 10).Records!.Value.ToArray());
        Assert.Equal(ErrorCode.NotLeaderOrFollower, Fetch(2, "", version: 10).ErrorCode);
    }

    [Fact]
    public void Follower_serves_up_to_the_high_watermark_that_it_knows()
    {
        driver.Cluster.Settings.ReplicationDelayMs = 50;
        driver.Produce(driver.Connect(1), "payments", driver.Batch("b"), acks: 1);
        driver.Pass(50);
        Assert.Equal(2, partition.HighWatermark);
        Assert.Equal(1, Fetch(2, "rack-2", 1).HighWatermark);
        Assert.Empty(Fetch(2, "rack-2", 1).Records!.Value.ToArray());
        driver.Pass(50);
        Assert.Equal(2, Fetch(2, "rack-2", 1).HighWatermark);
        Assert.NotEmpty(Fetch(2, "rack-2", 1).Records!.Value.ToArray());
    }

    [Fact]
    public void Cluster_without_the_selector_sends_nobody_elsewhere()
    {
        driver.Cluster.Settings.SelectsReplicasByRack = false;
        Assert.Equal(-1, Fetch(1, "rack-2").PreferredReadReplica);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, Fetch(2, "rack-2").ErrorCode);
    }
}
