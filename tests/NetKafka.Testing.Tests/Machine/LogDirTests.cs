using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class LogDirTests
{
    readonly MachineDriver driver = new(brokers: 3);
    readonly Partition partition;

    public LogDirTests() => partition = driver.CreateTopic("payments", replicas: 3).Partitions[0];

    [Fact]
    public void Directory_that_has_failed_says_so_and_takes_nothing()
    {
        Fail(1, 0);

        var dirs = driver.Ask(driver.Connect(1), new DescribeLogDirsRequest { Topics = null }, 4).Results;

        Assert.Equal([ErrorCode.KafkaStorageError, ErrorCode.None], dirs.Select(dir => dir.ErrorCode));
        Assert.All(dirs, dir => Assert.Empty(dir.Topics));
        Assert.Equal(ErrorCode.KafkaStorageError, Move(1, dirs[1].LogDir));
        Fail(2, 1);
        Assert.Equal(ErrorCode.KafkaStorageError, Move(2, "/var/kafka/broker-2/b"));
    }

    [Fact]
    public void Replica_that_was_moved_is_not_lost_with_its_old_directory()
    {
        Assert.Equal(ErrorCode.None, Move(1, "/var/kafka/broker-1/b"));

        Fail(1, 0);
        Assert.Equal(1, partition.Leader);
        Fail(1, 1);
        Assert.NotEqual(1, partition.Leader);
    }

    [Fact]
    public void Replica_out_of_sync_lags_by_what_it_has_not()
    {
        driver.Machine.Operate(driver.NowMs, cluster => cluster.CutReplicas(2, driver.NowMs));
        driver.Produce(driver.Connect(1), "payments", driver.Batch("a", "b"));

        var replica = driver.Ask(driver.Connect(2), new DescribeLogDirsRequest { Topics = null }, 4).Results[0].Topics[0].Partitions[0];

        Assert.Equal((0, 2), (replica.PartitionSize, replica.OffsetLag));
    }

    void Fail(int node, int directory) => driver.Machine.Operate(driver.NowMs, cluster => cluster.FailLogDir(node, directory, driver.NowMs));

    ErrorCode Move(int node, string path) => driver.Ask(
        driver.Connect(node), new AlterReplicaLogDirsRequest { Dirs = [new() { Path = path, Topics = [new() { Name = "payments", Partitions = [0] }] }] }, 2)
        .Results[0].Partitions[0].ErrorCode;
}
