using NetKafka.Administration;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Topics, against the embedded Kafka.</summary>
public sealed class AdminTopicTests : AdminScene
{
    [Fact]
    public async Task Topic_is_created_with_its_typed_settings()
    {
        var created = Assert.Single(await Admin.CreateTopicsAsync(
        [
            new NewTopic("payments", 2, 3)
            {
                Retention = TimeSpan.FromDays(7), RetentionBytes = 1_000_000, CleanupPolicy = CleanupPolicy.CompactAndDelete, MinInSyncReplicas = 2,
                MinCompactionLag = TimeSpan.FromMinutes(1), MaxCompactionLag = TimeSpan.FromDays(1), DeleteRetention = TimeSpan.FromHours(1),
                Configs = new Dictionary<string, string> { ["max.message.bytes"] = "2000" },
            },
        ], cancellation: Cancellation)).GetOrThrow();
        Assert.Equal((2, 3), (created.Partitions, created.ReplicationFactor));
        var configs = Assert.Single(await Admin.DescribeConfigsAsync([ConfigResource.Topic("payments")], cancellation: Cancellation)).GetOrThrow()
            .Where(static entry => entry.Source == ConfigSource.Topic).ToDictionary(static entry => entry.Name, static entry => entry.Value);
        Assert.Equal("604800000", configs["retention.ms"]);
        Assert.Equal("1000000", configs["retention.bytes"]);
        Assert.Equal("compact,delete", configs["cleanup.policy"]);
        Assert.Equal("2", configs["min.insync.replicas"]);
        Assert.Equal("60000", configs["min.compaction.lag.ms"]);
        Assert.Equal("86400000", configs["max.compaction.lag.ms"]);
        Assert.Equal("3600000", configs["delete.retention.ms"]);
        Assert.Equal("2000", configs["max.message.bytes"]);
    }

    [Fact]
    public async Task Setting_that_stands_in_a_property_and_in_Configs_is_a_mistake_of_its_topic_alone()
    {
        var created = await Admin.CreateTopicsAsync(
        [
            new NewTopic("a") { Retention = Timeout.InfiniteTimeSpan, Configs = new Dictionary<string, string> { ["retention.ms"] = "1" } }, new NewTopic("b"),
        ], cancellation: Cancellation);
        Assert.Equal([ErrorCode.InvalidConfig, ErrorCode.None], created.Select(static result => result.Error?.Code ?? ErrorCode.None));
        Assert.Contains("retention.ms", created[0].Error!.Message, StringComparison.Ordinal);
        Assert.Equal(["b"], (await Admin.ListTopicsAsync(cancellation: Cancellation)).Select(static topic => topic.Name));
    }

    [Fact]
    public async Task Copies_are_where_they_were_assigned()
    {
        var assignments = new Dictionary<int, IReadOnlyList<int>> { [0] = [3, 1], [1] = [2, 3] };
        Assert.True(Assert.Single(await Admin.CreateTopicsAsync([new NewTopic("payments") { Assignments = assignments }], cancellation: Cancellation)).Succeeded);
        var partitions = Assert.Single(await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation)).GetOrThrow().Partitions;
        Assert.Equal([3, 1], partitions[0].Replicas);
        Assert.Equal([2, 3], partitions[1].Replicas);

        var more = new Dictionary<string, NewPartitions> { ["payments"] = new(3) { Assignments = [[1, 2]] } };
        Assert.True(Assert.Single(await Admin.CreatePartitionsAsync(more, cancellation: Cancellation)).Succeeded);
        Assert.Equal([1, 2], Assert.Single(await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation)).GetOrThrow().Partitions[2].Replicas);
    }

    [Fact]
    public async Task Partitions_can_only_become_more()
    {
        await Admin.CreateTopicAsync("payments", 3, cancellation: Cancellation);
        var outcomes = await Admin.CreatePartitionsAsync(
            new Dictionary<string, NewPartitions> { ["payments"] = new(2), ["nowhere"] = new(4) }, cancellation: Cancellation);
        Assert.Equal([ErrorCode.InvalidPartitions, ErrorCode.UnknownTopicOrPartition], outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));

        var validated = await Admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { ["payments"] = new(5) }, validateOnly: true, Cancellation);
        Assert.True(Assert.Single(validated).Succeeded);
        Assert.Equal(3, Assert.Single(await Admin.DescribeTopicsAsync(["payments"], cancellation: Cancellation)).GetOrThrow().Partitions.Count);
    }

    [Fact]
    public async Task Topic_is_described_and_deleted_by_its_id()
    {
        var id = (await Admin.CreateTopicAsync("payments", 3, cancellation: Cancellation)).Id;
        var stranger = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        var described = await Admin.DescribeTopicsByIdAsync([stranger, id], includeAuthorizedOperations: true, Cancellation);
        Assert.Equal(ErrorCode.UnknownTopicId, described[0].Error!.Code);
        Assert.Equal(("payments", 3), (described[1].GetOrThrow().Name, described[1].GetOrThrow().Partitions.Count));
        Assert.Contains(AclOperation.Write, described[1].GetOrThrow().AuthorizedOperations!);

        var deleted = await Admin.DeleteTopicsByIdAsync([stranger, id], Cancellation);
        Assert.Equal([ErrorCode.UnknownTopicId, ErrorCode.None], deleted.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Empty(await Admin.ListTopicsAsync(cancellation: Cancellation));
    }

    /// <summary>A page holds 2,000 partitions.</summary>
    [Fact]
    public async Task Topics_that_fill_several_pages_are_described_whole_and_in_the_callers_order()
    {
        await Admin.CreateTopicsAsync([new NewTopic("b", 2_500, 1), new NewTopic("a", 3_000, 1), new NewTopic("c", 1, 1)], cancellation: Cancellation);
        var described = await Admin.DescribeTopicsAsync(["c", "nowhere", "a", "b"], includeAuthorizedOperations: true, Cancellation);
        Assert.Equal(["c", "nowhere", "a", "b"], described.Select(static result => result.Item));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, described[1].Error!.Code);
        foreach (var (at, count) in ((int, int)[])[(0, 1), (2, 3_000), (3, 2_500)])
        {
            Assert.Equal(Enumerable.Range(0, count), described[at].GetOrThrow().Partitions.Select(static partition => partition.Partition));
            Assert.Contains(AclOperation.Read, described[at].GetOrThrow().AuthorizedOperations!);
            Assert.NotNull(described[at].GetOrThrow().Partitions[^1].EligibleLeaderReplicas);
        }
    }
}
