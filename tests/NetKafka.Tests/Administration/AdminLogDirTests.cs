using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Administration;

/// <summary>Log directories, against the embedded Kafka, whose brokers have two each.</summary>
public sealed class AdminLogDirTests : AdminScene
{
    static TopicPartition P(int partition) => new("payments", partition);

    [Fact]
    public async Task Directories_of_each_broker_tell_what_lies_in_them()
    {
        Embedded.CreateTopic("payments", 2, 1);
        Embedded.CreateTopic("orders", 1, 3);
        await ProduceAsync("payments", 0, ("a", DateTimeOffset.UnixEpoch));
        var leader = Embedded.GetLeader("payments", 0);
        var described = await Admin.DescribeLogDirsAsync([leader, leader % 3 + 1], [P(0)], Cancellation);
        var dirs = described[0].GetOrThrow();
        Assert.Equal(2, dirs.Count);
        var replica = Assert.Single(dirs[0].Replicas);
        Assert.Equal((P(0), 0L, false), (replica.Partition, replica.OffsetLag, replica.IsFuture));
        Assert.True(replica.SizeBytes > 0);
        Assert.Equal(dirs[0].TotalBytes - replica.SizeBytes, dirs[0].UsableBytes);
        Assert.All(dirs, static dir => Assert.Null(dir.Error));
        Assert.All(described[1].GetOrThrow(), static dir => Assert.Empty(dir.Replicas));
        Assert.Contains((await Admin.DescribeLogDirsAsync([leader], cancellation: Cancellation))[0].GetOrThrow().SelectMany(static dir => dir.Replicas), static replica => replica.Partition.Topic == "orders");
    }

    [Fact]
    public async Task Replica_moves_to_the_other_directory_of_its_broker()
    {
        Embedded.CreateTopic("payments", 1, 3);
        var target = (await DirsOf(2))[1].Path;
        Assert.Equal([ErrorCode.None], Codes(await Alter((new(P(0), 2), target))));
        Assert.Equal([P(0)], (await DirsOf(2))[1].Replicas.Select(static replica => replica.Partition));
        Assert.Equal([P(0)], (await DirsOf(1))[0].Replicas.Select(static replica => replica.Partition));
    }

    [Fact]
    public async Task Move_that_cannot_be_has_its_own_error_at_once()
    {
        Embedded.CreateTopic("payments", 1, 1);
        var leader = Embedded.GetLeader("payments", 0);
        var other = leader % 3 + 1;
        var moved = await Alter(
            (new(P(0), leader), "/nowhere"), (new(P(0), other), (await DirsOf(other))[1].Path), (new(new("nowhere", 0), leader), (await DirsOf(leader))[1].Path), (new(P(0), -1), "/a"));
        Assert.Equal([ErrorCode.LogDirNotFound, ErrorCode.ReplicaNotAvailable, ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest], Codes(moved));
        Assert.Contains($"payments-0 on broker {leader} could not be moved to '/nowhere'", moved[0].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_that_cannot_be_used_and_one_of_unknown_size_are_told_as_such()
    {
        var failed = LogDirs.From(new DescribeLogDirsResponse.DescribeLogDirsResult { LogDir = "/data/a", ErrorCode = ErrorCode.KafkaStorageError });
        Assert.Equal(ErrorCode.KafkaStorageError, failed.Error!.Code);
        Assert.Contains("'/data/a' cannot be used", failed.Error.Message, StringComparison.Ordinal);
        Assert.Equal((null, null, false), (failed.TotalBytes, failed.UsableBytes, failed.IsCordoned));
        var moving = LogDirs.From(new DescribeLogDirsResponse.DescribeLogDirsResult
        {
            LogDir = "/data/b",
            TotalBytes = 0,
            UsableBytes = 5,
            IsCordoned = true,
            Topics =
            [
                new() { Name = "b", Partitions = [new() { PartitionIndex = 1, PartitionSize = 7, OffsetLag = 3, IsFutureKey = true }] },
                new() { Name = "a", Partitions = [new() { PartitionIndex = 2 }, new() { PartitionIndex = 0 }] },
            ],
        });
        Assert.Equal((0L, 5L, true), (moving.TotalBytes!.Value, moving.UsableBytes!.Value, moving.IsCordoned));
        Assert.Equal([new("a", 0), new("a", 2), new("b", 1)], moving.Replicas.Select(static replica => replica.Partition));
        Assert.Equal(new LogDirReplica(new("b", 1), 7, 3, true), moving.Replicas[2]);
    }

    [Fact]
    public async Task Nothing_to_describe_or_move_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.DescribeLogDirsAsync([], cancellation: Cancellation));
        Assert.Empty(await admin.AlterReplicaLogDirsAsync(new Dictionary<PartitionReplica, string>(), Cancellation));
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(await admin.DescribeLogDirsAsync([-1], cancellation: Cancellation)).Error!.Code);
    }

    static IEnumerable<ErrorCode> Codes(IReadOnlyList<ItemOutcome<PartitionReplica>> outcomes) => outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None);

    async Task<IReadOnlyList<LogDir>> DirsOf(int node) => (await Admin.DescribeLogDirsAsync([node], cancellation: Cancellation))[0].GetOrThrow();

    ValueTask<IReadOnlyList<ItemOutcome<PartitionReplica>>> Alter(params (PartitionReplica Replica, string Path)[] moves) =>
        Admin.AlterReplicaLogDirsAsync(moves.ToDictionary(static move => move.Replica, static move => move.Path), Cancellation);
}
