using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Streams groups, and members that are put out of groups, against the embedded Kafka.</summary>
public sealed class AdminMemberTests : AdminScene
{
    static TopicPartition P(int partition) => new("payments", partition);

    [Fact]
    public async Task Streams_group_is_listed_and_described_with_its_topology_and_tasks()
    {
        await Admin.CreateTopicAsync("payments", 2, 1, Cancellation);
        await StreamsMember.JoinAsync(Admin, "app", "m", "payments", Cancellation);
        var listing = Assert.Single((await Admin.ListGroupsAsync([GroupType.Streams], cancellation: Cancellation)).GetOrThrow());
        Assert.Equal(("app", GroupState.Stable, "streams"), (listing.GroupId, listing.State, listing.ProtocolType));

        var described = await Admin.DescribeStreamsGroupsAsync(["app", "nobody"], cancellation: Cancellation);
        Assert.Equal(ErrorCode.GroupIdNotFound, described[1].Error!.Code);
        var group = described[0].GetOrThrow();
        Assert.Equal((GroupState.Stable, group.Epoch), (group.State, group.TargetAssignmentEpoch));
        Assert.NotNull(group.Coordinator);
        Assert.Equal(["payments"], Assert.Single(group.Topology!.Subtopologies).SourceTopics);
        var member = Assert.Single(group.Members);
        Assert.Equal(("m", "process", "somewhere:8080", "a"), (member.MemberId, member.ProcessId, member.UserEndpoint, member.ClientTags["zone"]));
        Assert.Equal([new StreamsTask("0", 0), new StreamsTask("0", 1)], member.Assignment.Active);
        Assert.Equal(member.Assignment.Active, member.TargetAssignment.Active);
    }

    [Fact]
    public async Task Offsets_of_a_streams_group_are_set_and_deleted_once_it_is_empty()
    {
        await Admin.CreateTopicAsync("payments", 2, 1, Cancellation);
        var joined = await StreamsMember.JoinAsync(Admin, "app", "m", "payments", Cancellation);
        Assert.Equal(ErrorCode.UnknownMemberId, Assert.Single(await Admin.AlterConsumerGroupOffsetsAsync("app", [new TopicPartitionOffset(P(0), 0)], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(await Admin.DeleteGroupsAsync(["app"], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.GroupSubscribedToTopic, Assert.Single(await Admin.DeleteConsumerGroupOffsetsAsync("app", [P(0)], Cancellation)).Error!.Code);
        Assert.True(joined.MemberEpoch > 0);
        await StreamsMember.BeatAsync(Admin, "app", "m", -1, Cancellation);
        Assert.True(Assert.Single(await Admin.AlterConsumerGroupOffsetsAsync("app", [new TopicPartitionOffset(P(0), 7)], Cancellation)).Succeeded);
        Assert.Equal(7, Assert.Single(await Admin.ListConsumerGroupOffsetsAsync(["app"], cancellation: Cancellation)).GetOrThrow()[P(0)].Offset);
        Assert.Equal(0, Assert.Single(await Admin.ResetConsumerGroupOffsetsAsync("app", [P(0)], OffsetReset.ToEarliest, cancellation: Cancellation)).GetOrThrow());
        Assert.True(Assert.Single(await Admin.DeleteConsumerGroupOffsetsAsync("app", [P(0)], Cancellation)).Succeeded);
        Assert.True(Assert.Single(await Admin.DeleteGroupsAsync(["app"], Cancellation)).Succeeded);
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task Static_member_is_put_out_and_one_that_is_not_there_is_an_error(GroupProtocol protocol)
    {
        await Admin.CreateTopicAsync("payments", 2, 1, Cancellation);
        await FillAsync();
        // It leaves its place behind when it ends.
        await using (await JoinAsync(protocol, "one"))
            Assert.Equal(["one"], await InstancesAsync());
        Assert.Equal(["one"], await InstancesAsync());
        var removed = await Admin.RemoveMembersFromConsumerGroupAsync("group", ["one", "two"], "it is gone", Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownMemberId], removed.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Empty(await InstancesAsync());
    }

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public async Task All_members_are_put_out_of_a_group_and_of_an_empty_one_nobody(GroupProtocol protocol)
    {
        await Admin.CreateTopicAsync("payments", 2, 1, Cancellation);
        await FillAsync();
        await using (await JoinAsync(protocol, "one"))
        await using (await JoinAsync(protocol, "two"))
            Assert.Equal(["one", "two"], (await InstancesAsync()).Order());
        var removed = await Admin.RemoveAllMembersFromConsumerGroupAsync("group", cancellation: Cancellation);
        Assert.Equal(2, removed.Count);
        Assert.All(removed, static outcome => outcome.EnsureSuccess());
        Assert.Equal(GroupState.Empty, Assert.Single(await Admin.DescribeConsumerGroupsAsync(["group"], cancellation: Cancellation)).GetOrThrow().State);
        Assert.Empty(await Admin.RemoveAllMembersFromConsumerGroupAsync("group", cancellation: Cancellation));
        Assert.Equal(
            ErrorCode.GroupIdNotFound,
            (await Assert.ThrowsAsync<KafkaException>(() => Admin.RemoveAllMembersFromConsumerGroupAsync("nobody", cancellation: Cancellation).AsTask())).Code);
    }

    [Fact]
    public async Task Nothing_to_describe_or_put_out_succeeds_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        using var admin = nowhere.CreateAdmin();
        Assert.Empty(await admin.DescribeStreamsGroupsAsync([], cancellation: Cancellation));
        Assert.Empty(await admin.RemoveMembersFromConsumerGroupAsync("group", [], cancellation: Cancellation));
    }

    async Task FillAsync()
    {
        for (var partition = 0; partition < 2; partition++)
            await ProduceAsync("payments", partition, ("v", DateTimeOffset.UnixEpoch));
    }

    async Task<IEnumerable<string?>> InstancesAsync() =>
        Assert.Single(await Admin.DescribeConsumerGroupsAsync(["group"], cancellation: Cancellation)).GetOrThrow().Members.Select(static member => member.GroupInstanceId);

    async Task<Consumer<string, string>> JoinAsync(GroupProtocol protocol, string instance)
    {
        var consumer = Kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = "group", GroupProtocol = protocol, GroupInstanceId = instance, Topics = ["payments"], AutoOffsetReset = AutoOffsetReset.Earliest });
        await foreach (var record in consumer.ReadAllAsync(Cancellation))
            break;
        return consumer;
    }
}
