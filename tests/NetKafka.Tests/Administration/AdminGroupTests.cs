using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Groups and what they have committed, against the embedded Kafka.</summary>
public sealed class AdminGroupTests : AdminScene
{
    static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    static TopicPartition P(int partition) => new("payments", partition);

    [Fact]
    public async Task Groups_of_all_kinds_are_listed_from_all_brokers_and_filtered()
    {
        await using var members = await JoinAsync();
        for (var i = 0; i < 8; i++)
            await Admin.AlterConsumerGroupOffsetsAsync($"offsets-{i}", [new TopicPartitionOffset(P(0), 1)], Cancellation);

        var all = (await Admin.ListGroupsAsync(cancellation: Cancellation)).GetOrThrow();
        Assert.Equal([("classic", GroupType.Classic), ("consumer", GroupType.Consumer)], all.Where(static group => !group.GroupId.StartsWith("offsets", StringComparison.Ordinal)).Select(static group => (group.GroupId, group.Type)));
        Assert.Equal(8, all.Count(static group => group is { State: GroupState.Empty, Type: GroupType.Classic, ProtocolType: "" }));
        Assert.Equal(["consumer"], (await Admin.ListGroupsAsync([GroupType.Consumer], cancellation: Cancellation)).Items.Select(static group => group.GroupId));
        Assert.Equal(["classic", "consumer"], (await Admin.ListGroupsAsync(states: [GroupState.Stable], cancellation: Cancellation)).Items.Select(static group => group.GroupId));
    }

    [Fact]
    public async Task Groups_of_both_protocols_are_described_with_their_members()
    {
        await using var members = await JoinAsync();
        var described = await Admin.DescribeConsumerGroupsAsync(["consumer", "nobody", "classic"], includeAuthorizedOperations: true, Cancellation);
        var consumer = described[0].GetOrThrow();
        Assert.Equal((GroupType.Consumer, GroupState.Stable, "uniform"), (consumer.Type, consumer.State, consumer.Assignor));
        Assert.True(consumer.Epoch > 0);
        Assert.NotNull(consumer.Coordinator);
        var member = Assert.Single(consumer.Members);
        Assert.Equal([P(0), P(1), P(2)], member.Assignment);
        Assert.Equal(["payments"], member.SubscribedTopics);

        var classic = described[2].GetOrThrow();
        Assert.Equal((GroupType.Classic, GroupState.Stable, "range", "consumer"), (classic.Type, classic.State, classic.Assignor, classic.ProtocolType));
        Assert.Equal([P(0), P(1), P(2)], Assert.Single(classic.Members).Assignment);
        Assert.Equal(ErrorCode.GroupIdNotFound, described[1].Error!.Code);
    }

    [Fact]
    public async Task Share_group_is_described_listed_and_set_elsewhere_once_it_is_empty()
    {
        await FillAsync();
        Embedded.SetGroupConfig("share", "share.auto.offset.reset", "earliest");
        await using (var consumer = Kafka.CreateShareConsumer<string, string>("share", "payments"))
        {
            await foreach (var record in consumer.ReadAllAsync(Cancellation))
                break;
            var group = Assert.Single(await Admin.DescribeShareGroupsAsync(["share"], cancellation: Cancellation)).GetOrThrow();
            Assert.Equal((GroupType.Share, GroupState.Stable), (group.Type, group.State));
            Assert.Equal([P(0), P(1), P(2)], Assert.Single(group.Members).Assignment);
            Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(await Admin.AlterShareGroupOffsetsAsync("share", [new TopicPartitionOffset(P(0), 2)], Cancellation)).Error!.Code);
        }
        Assert.True(Assert.Single(await Admin.AlterShareGroupOffsetsAsync("share", [new TopicPartitionOffset(P(0), 2)], Cancellation)).Succeeded);
        Assert.Equal(2, Assert.Single(await Admin.ListShareGroupOffsetsAsync(["share"], Cancellation)).GetOrThrow()[P(0)].StartOffset);
        Assert.True(Assert.Single(await Admin.DeleteShareGroupOffsetsAsync("share", ["payments"], Cancellation)).Succeeded);
        Assert.Empty(Assert.Single(await Admin.ListShareGroupOffsetsAsync(["share"], Cancellation)).GetOrThrow());
    }

    [Fact]
    public async Task Group_with_members_is_not_deleted_and_one_without_is_gone()
    {
        await using (var members = await JoinAsync())
        {
            var refused = await Admin.DeleteGroupsAsync(["classic", "nobody"], Cancellation);
            Assert.Equal([ErrorCode.NonEmptyGroup, ErrorCode.GroupIdNotFound], refused.Select(static outcome => outcome.Error!.Code));
        }
        Assert.True(Assert.Single(await Admin.DeleteGroupsAsync(["classic"], Cancellation)).Succeeded);
        Assert.Equal(["consumer"], (await Admin.ListGroupsAsync(cancellation: Cancellation)).Items.Select(static group => group.GroupId));
    }

    [Fact]
    public async Task Offsets_are_set_listed_and_deleted()
    {
        await FillAsync();
        var set = await Admin.AlterConsumerGroupOffsetsAsync(
            "g", [new TopicPartitionOffset(P(0), 2) { Metadata = "by hand" }, new TopicPartitionOffset(P(1), 1), new TopicPartitionOffset(P(9), 1), new TopicPartitionOffset(P(2), -1)], Cancellation);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest], set.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        var listed = Assert.Single(await Admin.ListConsumerGroupOffsetsAsync(["g"], cancellation: Cancellation)).GetOrThrow();
        Assert.Equal((2, "by hand"), (listed[P(0)].Offset, listed[P(0)].Metadata));
        Assert.Equal([P(0), P(1)], listed.Keys.Order());

        var deleted = await Admin.DeleteConsumerGroupOffsetsAsync("g", [P(0), P(9)], Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownTopicOrPartition], deleted.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Equal([P(1)], Assert.Single(await Admin.ListConsumerGroupOffsetsAsync(["g"], cancellation: Cancellation)).GetOrThrow().Keys);
    }

    [Fact]
    public async Task Offsets_of_a_group_with_members_are_neither_set_nor_deleted_where_they_read()
    {
        await using var members = await JoinAsync();
        var set = Assert.Single(await Admin.AlterConsumerGroupOffsetsAsync("classic", [new TopicPartitionOffset(P(0), 2)], Cancellation));
        Assert.Equal(ErrorCode.UnknownMemberId, set.Error!.Code);
        Assert.Contains("end them first", set.Error.Message, StringComparison.Ordinal);
        foreach (var group in (string[])["classic", "consumer"])
            Assert.Equal(ErrorCode.GroupSubscribedToTopic, Assert.Single(await Admin.DeleteConsumerGroupOffsetsAsync(group, [P(0)], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.GroupIdNotFound, Assert.Single(await Admin.DeleteConsumerGroupOffsetsAsync("nobody", [P(0)], Cancellation)).Error!.Code);
    }

    [Fact]
    public async Task Group_goes_on_where_it_is_reset_to()
    {
        await FillAsync();
        await Admin.DeleteRecordsAsync([new TopicPartitionOffset(P(0), 1)], Cancellation);
        await Admin.AlterConsumerGroupOffsetsAsync("g", [new TopicPartitionOffset(P(0), 2)], Cancellation);
        Assert.Equal(1, await ResetAsync(OffsetReset.ToEarliest));
        Assert.Equal(3, await ResetAsync(OffsetReset.ToLatest));
        Assert.Equal(1, await ResetAsync(OffsetReset.ShiftBy(-100)));
        Assert.Equal(2, await ResetAsync(OffsetReset.ShiftBy(1)));
        Assert.Equal(3, await ResetAsync(OffsetReset.ToOffset(77)));
        Assert.Equal(2, await ResetAsync(OffsetReset.ToTime(Noon.AddHours(2))));
        Assert.Equal(3, await ResetAsync(OffsetReset.ToTime(Noon.AddDays(2))));
        Assert.Equal(1, await ResetAsync(OffsetReset.ByDuration(TimeSpan.FromDays(36500))));

        var dry = Assert.Single(await Admin.ResetConsumerGroupOffsetsAsync("g", [P(0)], OffsetReset.ToLatest, validateOnly: true, Cancellation));
        Assert.Equal(3, dry.GetOrThrow());
        Assert.Equal(1, Assert.Single(await Admin.ListConsumerGroupOffsetsAsync(["g"], cancellation: Cancellation)).GetOrThrow()[P(0)].Offset);
    }

    [Fact]
    public async Task Reset_has_an_error_for_each_partition_that_it_cannot_place()
    {
        await FillAsync();
        await Admin.AlterConsumerGroupOffsetsAsync("g", [new TopicPartitionOffset(P(0), 1)], Cancellation);
        var reset = await Admin.ResetConsumerGroupOffsetsAsync("g", [P(0), P(1), P(9)], OffsetReset.ShiftBy(1), cancellation: Cancellation);
        Assert.Equal(2, reset[0].GetOrThrow());
        Assert.Contains("committed nothing", reset[1].Error!.Message, StringComparison.Ordinal);
        Assert.False(reset[2].Succeeded);
        Assert.Equal(
            ErrorCode.UnknownTopicOrPartition, (await Admin.ResetConsumerGroupOffsetsAsync("g", [P(0), P(9)], OffsetReset.ToEarliest, cancellation: Cancellation))[1].Error!.Code);
    }

    [Fact]
    public async Task Coordinators_that_move_are_followed()
    {
        await FillAsync();
        for (var node = 1; node <= 3; node++)
        {
            foreach (var group in (string[])["g", "h", "i"])
                Assert.True(Assert.Single(await Admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(P(0), node)], Cancellation)).Succeeded);
            Embedded.StopBroker(node);
            var listed = await Admin.ListConsumerGroupOffsetsAsync(["g", "h", "i"], cancellation: Cancellation);
            Assert.All(listed, result => Assert.Equal(node, result.GetOrThrow()[P(0)].Offset));
            Embedded.StartBroker(node);
        }
    }

    async Task<long> ResetAsync(OffsetReset reset)
    {
        var place = Assert.Single(await Admin.ResetConsumerGroupOffsetsAsync("g", [P(0)], reset, cancellation: Cancellation)).GetOrThrow();
        Assert.Equal(place, Assert.Single(await Admin.ListConsumerGroupOffsetsAsync(["g"], cancellation: Cancellation)).GetOrThrow()[P(0)].Offset);
        return place;
    }

    async Task FillAsync()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await ProduceAsync("payments", 0, ("a", Noon), ("b", Noon.AddHours(1)), ("c", Noon.AddHours(2)));
    }

    /// <summary>A member of a group of each protocol that has all partitions.</summary>
    async Task<Members> JoinAsync()
    {
        await FillAsync();
        var members = new Members(
        [
            Kafka.CreateConsumer<string, string>(Options("classic", GroupProtocol.Classic)), Kafka.CreateConsumer<string, string>(Options("consumer", GroupProtocol.Consumer)),
        ]);
        foreach (var consumer in members.Consumers)
        {
            await foreach (var record in consumer.ReadAllAsync(Cancellation))
                break;
        }
        return members;
    }

    static ConsumerOptions Options(string group, GroupProtocol protocol) =>
        new() { GroupId = group, GroupProtocol = protocol, Topics = ["payments"], AutoOffsetReset = AutoOffsetReset.Earliest };

    sealed record Members(IReadOnlyList<Consumer<string, string>> Consumers) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var consumer in Consumers)
                await consumer.DisposeAsync();
        }
    }
}
