using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Where share partitions begin, as it is described and set, and what is left of a group that is deleted.</content>
public abstract partial class WireScenarios
{
    const short DescribeShareOffsetsVersion = 1;

    [Fact, Trait("Area", "Wire")]
    public async Task Start_of_a_share_partition_is_described_as_it_is_persisted()
    {
        await using var it = await BeginShare();
        Assert.Equal([(0, -1, -1)], await Offsets(it));
        await it.Produce(10);
        await it.Acquire("a");
        Assert.Equal([(0, -1, -1)], await Offsets(it));
        await it.Acknowledge("a", (0, 2, [Accept]), (5, 6, [Reject]));
        // It is written with what came before: where the acknowledgements take it is told by the next.
        Assert.Equal([(0, 0, 5)], await Offsets(it));
        await it.Acknowledge("a", (3, 4, [Accept]));
        Assert.Equal([(0, 3, 3)], await Offsets(it));
        Assert.Equal([(0, 3, 3), (7, -1, -1)], await Offsets(it, it.Topic, 0, 7));
        Assert.Equal([(0, -1, -1)], await Offsets(it, "no-such-topic", 0));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Start_of_a_share_partition_is_set_while_nobody_is_in_the_group()
    {
        await using var it = await BeginShare();
        await it.Produce(5);
        await it.Acquire("a");
        await it.Join("a");
        Assert.Equal(ErrorCode.NonEmptyGroup, (await Alter(it, it.Group, it.Topic, 0)).Error);
        Assert.Equal(ErrorCode.NonEmptyGroup, (await DeleteOffsets(it, it.Topic)).Error);
        await it.Ask("a", it.Leaving());
        Assert.Equal((ErrorCode.None, ErrorCode.None), await Alter(it, it.Group, it.Topic, 0));
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await Alter(it, it.Group, it.Topic, 7));
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await Alter(it, it.Group, "no-such-topic", 0));
        Assert.Equal([(0, 2, 3)], await Offsets(it));
        // The leader goes on until it has something to write.
        Assert.Empty(await it.Fetch("b"));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, await it.Acknowledge("a", (0, 4, [Accept])));
        Assert.Equal([(2, 4, 1)], await it.Acquire("b"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_group_is_created_by_where_it_is_to_begin()
    {
        await using var it = await BeginShare();
        Assert.Equal(ErrorCode.None, await it.Delete());
        await it.Produce(5);
        Assert.Equal((ErrorCode.None, ErrorCode.None), await Alter(it, it.Group, it.Topic, 0));
        Assert.Equal("Empty", (await it.Describe()).GroupState);
        Assert.Equal([(2, 4, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Offsets_of_a_share_group_are_deleted_by_topic()
    {
        await using var it = await BeginShare();
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await DeleteOffsets(it, "no-such-topic"));
        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteOffsets(it, it.Topic));
        Assert.Empty(await Offsets(it));
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await DeleteOffsets(it, it.Topic));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Leader_of_a_share_group_that_is_deleted_cannot_write()
    {
        await using var it = await BeginShare();
        await it.Produce(4);
        await it.Acquire("a");
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 1, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Delete());
        Assert.Equal(ErrorCode.UnknownServerError, await it.Acknowledge("a", (2, 2, [Accept])));
        Assert.Empty(await it.Fetch("b"));
    }

    static async Task<(int Partition, long Start, long Lag)[]> Offsets(ShareBench it, string? topic = null, params int[] partitions)
    {
        var answer = await it.Wire.AskCoordinator<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(
            it.Group, new DescribeShareGroupOffsetsRequest
            {
                Groups = [new() { GroupId = it.Group, Topics = topic is null ? null : [new() { TopicName = topic, Partitions = partitions }] }],
            }, DescribeShareOffsetsVersion);
        var group = answer.Groups.Single();
        Assert.Equal(ErrorCode.None, group.ErrorCode);
        Assert.All(group.Topics.SelectMany(static row => row.Partitions), static row => Assert.Equal(ErrorCode.None, row.ErrorCode));
        return [.. group.Topics.SelectMany(static row => row.Partitions).Select(static row => (row.PartitionIndex, row.StartOffset, row.Lag))];
    }

    /// <summary>Lets a partition begin at its third record.</summary>
    static async Task<(ErrorCode Error, ErrorCode? Row)> Alter(ShareBench it, string group, string topic, int partition)
    {
        var answer = await it.Wire.AskCoordinator<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>(group, new AlterShareGroupOffsetsRequest
        {
            GroupId = group, Topics = [new() { TopicName = topic, Partitions = [new() { PartitionIndex = partition, StartOffset = 2 }] }],
        }, 0);
        return (answer.ErrorCode, answer.Responses.SingleOrDefault()?.Partitions.Single().ErrorCode);
    }

    static async Task<(ErrorCode Error, ErrorCode? Row)> DeleteOffsets(ShareBench it, string topic)
    {
        var answer = await it.Wire.AskCoordinator<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(
            it.Group, new DeleteShareGroupOffsetsRequest { GroupId = it.Group, Topics = [new() { TopicName = topic }] }, 0);
        return (answer.ErrorCode, answer.Responses.SingleOrDefault()?.ErrorCode);
    }
}
