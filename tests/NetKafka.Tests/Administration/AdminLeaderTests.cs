using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Elections of leaders and reassignments of replicas, against the embedded Kafka.</summary>
public sealed class AdminLeaderTests : AdminScene
{
    static TopicPartition P(int partition) => new("payments", partition);

    [Fact]
    public async Task Preferred_leader_leads_again_and_each_partition_has_its_own_error()
    {
        await CreateAsync([1, 2], [2, 3], [3, 1]);
        Embedded.MoveLeader("payments", 0, 2);
        Embedded.StopBroker(3);
        var elected = await Admin.ElectLeadersAsync(ElectionType.Preferred, [P(0), P(1), P(2), P(3), new("nowhere", 0)], Cancellation);
        Assert.Equal([P(0), P(1), P(2), P(3), new("nowhere", 0)], elected.Select(static outcome => outcome.Item));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.ElectionNotNeeded, ErrorCode.PreferredLeaderNotAvailable, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition],
            Codes(elected));
        Assert.Equal(1, Embedded.GetLeader("payments", 0));
    }

    [Fact]
    public async Task Election_of_all_tells_of_those_that_needed_one()
    {
        await CreateAsync([1, 2], [2, 3], [3, 1]);
        Embedded.MoveLeader("payments", 0, 2);
        Embedded.MoveLeader("payments", 2, 1);
        var elected = await Admin.ElectLeadersAsync(ElectionType.Preferred, null, Cancellation);
        Assert.Equal([P(0), P(2)], elected.Select(static outcome => outcome.Item));
        Assert.All(elected, static outcome => Assert.True(outcome.Succeeded));
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(partition => Embedded.GetLeader("payments", partition)));
    }

    [Fact]
    public async Task Unclean_election_takes_who_is_up_and_loses_what_he_has_not()
    {
        await CreateAsync([1, 2]);
        Embedded.StopBroker(2);
        await ProduceAsync("payments", 0, ("lost", DateTimeOffset.UnixEpoch));
        Embedded.StopBroker(1);
        Assert.Equal([ErrorCode.EligibleLeadersNotAvailable], Codes(await Admin.ElectLeadersAsync(ElectionType.Unclean, [P(0)], Cancellation)));
        Embedded.StartBroker(2);
        Assert.Equal(-1, Embedded.GetLeader("payments", 0));
        Assert.Equal([ErrorCode.None], Codes(await Admin.ElectLeadersAsync(ElectionType.Unclean, [P(0)], Cancellation)));
        Assert.Equal(2, Embedded.GetLeader("payments", 0));
        Assert.Empty(Embedded.ReadLog("payments", 0));
        Assert.Equal([ErrorCode.ElectionNotNeeded], Codes(await Admin.ElectLeadersAsync(ElectionType.Unclean, [P(0)], Cancellation)));
    }

    [Fact]
    public async Task Replicas_move_to_other_brokers_and_the_log_goes_with_them()
    {
        await CreateAsync([1, 2], [2, 3]);
        await ProduceAsync("payments", 0, ("a", DateTimeOffset.UnixEpoch));
        Assert.Equal([ErrorCode.None, ErrorCode.None], Codes(await Reassign((P(0), [3]), (P(1), [3, 2]))));
        Assert.Empty(await Admin.ListPartitionReassignmentsAsync(null, Cancellation));
        var partitions = (await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation))[0].GetOrThrow().Partitions;
        Assert.Equal((3, 3), (Assert.Single(partitions[0].Replicas), partitions[0].Leader!.Id));
        Assert.Equal([3, 2], partitions[1].Replicas);
        await ProduceAsync("payments", 0, ("b", DateTimeOffset.UnixEpoch));
        Assert.Equal(2, Embedded.ReadLog("payments", 0).Count);
    }

    [Fact]
    public async Task Move_to_a_broker_that_is_down_is_listed_until_it_is_back()
    {
        await CreateAsync([1, 2], [1, 2]);
        Embedded.StopBroker(3);
        Assert.Equal([ErrorCode.None], Codes(await Reassign((P(1), [3, 2]))));
        var moving = Assert.Single(await Admin.ListPartitionReassignmentsAsync([P(1), P(0), P(9)], Cancellation));
        Assert.Equal(P(1), moving.Partition);
        Assert.Equal<IReadOnlyList<int>>([[3, 2, 1], [3], [1]], [moving.Replicas, moving.Adding, moving.Removing]);
        Assert.Empty(await Admin.ListPartitionReassignmentsAsync([P(0)], Cancellation));
        Embedded.StartBroker(3);
        Assert.Empty(await Admin.ListPartitionReassignmentsAsync(null, Cancellation));
        Assert.Equal([3, 2], (await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation))[0].GetOrThrow().Partitions[1].Replicas);
    }

    [Fact]
    public async Task Move_that_is_taken_back_leaves_the_replicas_as_they_were()
    {
        await CreateAsync([1, 2], [1, 2]);
        Embedded.StopBroker(3);
        await Reassign((P(0), [3, 2]));
        Assert.Equal([ErrorCode.None, ErrorCode.NoReassignmentInProgress], Codes(await Reassign((P(0), null), (P(1), null))));
        Embedded.StartBroker(3);
        var partition = (await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation))[0].GetOrThrow().Partitions[0];
        Assert.Equal([2, 1], partition.Replicas);
        Assert.Equal([2, 1], partition.InSyncReplicas);
    }

    [Fact]
    public async Task Reassignment_that_cannot_be_has_its_own_error()
    {
        await CreateAsync([1, 2], [1, 2]);
        Assert.Equal(
            [ErrorCode.InvalidReplicaAssignment, ErrorCode.InvalidReplicaAssignment, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition],
            Codes(await Reassign((P(0), [9]), (P(1), []), (P(2), [1]), (new("nowhere", 0), [1]))));
        Assert.Equal([ErrorCode.InvalidReplicaAssignment], Codes(await Reassign((P(0), [1, 1]))));
        var targets = new Dictionary<TopicPartition, IReadOnlyList<int>?> { [P(0)] = [1], [P(1)] = [3, 1] };
        Assert.Equal(
            [ErrorCode.InvalidReplicationFactor, ErrorCode.None], Codes(await Admin.AlterPartitionReassignmentsAsync(targets, allowReplicationFactorChange: false, Cancellation)));
    }

    [Fact]
    public async Task Nothing_to_elect_move_or_list_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.ElectLeadersAsync(ElectionType.Preferred, [], Cancellation));
        Assert.Empty(await admin.AlterPartitionReassignmentsAsync(new Dictionary<TopicPartition, IReadOnlyList<int>?>(), cancellation: Cancellation));
        Assert.Empty(await admin.ListPartitionReassignmentsAsync([], Cancellation));
    }

    static IEnumerable<ErrorCode> Codes(IReadOnlyList<ItemOutcome<TopicPartition>> outcomes) => outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None);

    ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> Reassign(params (TopicPartition Partition, int[]? Replicas)[] targets) =>
        Admin.AlterPartitionReassignmentsAsync(targets.ToDictionary(static target => target.Partition, static target => (IReadOnlyList<int>?)target.Replicas), cancellation: Cancellation);

    async Task CreateAsync(params int[][] replicas) => (await Admin.CreateTopicsAsync(
        [new NewTopic("payments") { Assignments = replicas.Index().ToDictionary(static row => row.Index, static row => (IReadOnlyList<int>)row.Item) }], cancellation: Cancellation))[0].GetOrThrow();
}
