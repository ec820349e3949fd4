using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.ShareGroupHeartbeatRequest;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Share groups at their coordinator (KIP-932): who is in them, who reads what, and what is refused.</content>
public abstract partial class WireScenarios
{
    const short ShareHeartbeatVersion = 1;

    [Fact, Trait("Area", "Wire")]
    public async Task Member_of_a_share_group_is_given_partitions_once_they_are_set_up()
    {
        await using var it = await BeginShare(4);
        var other = await it.Bench.Target.CreateTopic(2, cancellation: TestContext.Current.CancellationToken);
        var join = it.Joining();
        join.SubscribedTopicNames = [it.Topic, other];
        var joined = await it.Ask("a", join);
        Assert.Equal((ErrorCode.None, "a"), (joined.ErrorCode, joined.MemberId));
        Assert.True(joined.HeartbeatIntervalMs > 0);
        // Nobody of the group has read the other topic before.
        Assert.True(ShareBench.PartitionsIn(joined).Length <= 4);
        var epoch = joined.MemberEpoch;
        await it.Until(async () => (await it.Beat("a")).Assignment?.TopicPartitions.Length == 2, "both topics");
        Assert.True(it.Epoch("a") > epoch);
        Assert.Equal(6, it.Partitions("a").Length);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Sharing_members_have_a_part_of_the_partitions_each_or_the_same_where_there_are_fewer()
    {
        await using var many = await BeginShare(4);
        await many.Join("a");
        await many.Join("b");
        await many.Until(async () =>
        {
            await many.Beat("a");
            await many.Beat("b");
            return many.Partitions("a").Length == 2 && many.Partitions("b").Length == 2;
        }, "two partitions each");
        Assert.Equal([0, 1, 2, 3], many.Partitions("a").Concat(many.Partitions("b")).Order());
        Assert.Equal(many.Epoch("a"), many.Epoch("b"));

        await using var one = await BeginShare();
        foreach (var member in new[] { "a", "b", "c" })
            await one.Join(member);
        await one.Until(async () =>
        {
            foreach (var member in new[] { "a", "b", "c" })
                await one.Beat(member);
            return new[] { "a", "b", "c" }.All(member => one.Partitions(member) is [0]);
        }, "the partition for all");
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partitions_of_a_sharing_member_that_leaves_go_to_the_others()
    {
        await using var it = await BeginShare(4);
        await it.Join("a");
        await it.Join("b");
        await it.Until(async () =>
        {
            await it.Beat("a");
            return it.Partitions("a").Length == 2;
        }, "two partitions");
        var left = await it.Ask("b", it.Leaving());
        Assert.Equal((ErrorCode.None, "b", -1), (left.ErrorCode, left.MemberId, left.MemberEpoch));
        Assert.Equal(ErrorCode.UnknownMemberId, (await it.Beat("b")).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (await it.Ask("b", it.Leaving())).ErrorCode);
        await it.Until(async () => (await it.Beat("a")).Assignment is not null, "the partitions of who left");
        Assert.Equal([0, 1, 2, 3], it.Partitions("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Sharing_member_of_another_epoch_is_fenced_unless_an_answer_was_lost()
    {
        await using var it = await BeginShare();
        await it.JoinAnd("a");
        await it.Join("b");
        var before = it.Epoch("a");
        await it.Until(async () => (await it.Beat("a")).MemberEpoch > before, "a newer epoch");
        var now = it.Epoch("a");
        var request = it.Staying("a");
        request.MemberEpoch = before;
        Assert.Equal((ErrorCode.None, now), ((await it.Ask("a", request)).ErrorCode, it.Epoch("a")));
        request.MemberEpoch = now + 1;
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await it.Ask("a", request)).ErrorCode);
        request.MemberEpoch = 1;
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await it.Ask("a", request)).ErrorCode);
        // It joins under its id, and has what it had.
        var again = await it.Join("a");
        Assert.Equal((ErrorCode.None, now), (again.ErrorCode, again.MemberEpoch));
        Assert.Equal([0], ShareBench.PartitionsIn(again));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Assignment_of_a_sharing_member_is_told_once_and_again_to_who_names_topics()
    {
        await using var it = await BeginShare();
        await it.JoinAnd("a");
        Assert.Null((await it.Beat("a")).Assignment);
        var named = await it.Ask("a", it.Naming("a"));
        Assert.Equal([0], ShareBench.PartitionsIn(named));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_heartbeat_of_a_wrong_shape_is_refused()
    {
        await using var it = await BeginShare();
        Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask("", it.Joining())).ErrorCode);
        await Refused(static request => request.GroupId = "", ErrorCode.InvalidRequest);
        await Refused(static request => request.RackId = "", ErrorCode.InvalidRequest);
        await Refused(static request => request.SubscribedTopicNames = null, ErrorCode.InvalidRequest);
        await Refused(static request => request.SubscribedTopicNames = [], ErrorCode.InvalidRequest);
        await Refused(static request => request.MemberEpoch = -2, ErrorCode.InvalidRequest);
        await Refused(static request => request.MemberEpoch = 1, ErrorCode.UnknownMemberId);
        await Refused(static request => request.MemberEpoch = -1, ErrorCode.UnknownMemberId);
        Assert.Equal(ErrorCode.None, await it.Delete());
        await Refused(static request => request.MemberEpoch = 1, ErrorCode.GroupIdNotFound);
        await Refused(static request => request.MemberEpoch = -1, ErrorCode.GroupIdNotFound);

        async Task Refused(Action<Request> mistake, ErrorCode error)
        {
            var request = it.Joining();
            mistake(request);
            Assert.Equal(error, (await it.Ask("a", request)).ErrorCode);
        }
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_group_takes_no_members_of_other_kinds_even_where_it_is_empty()
    {
        await using var it = await BeginShare();
        foreach (var isEmpty in new[] { false, true })
        {
            if (!isEmpty)
                await it.Join("a");
            Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Join(it.Bench, "")).ErrorCode);
            var consumer = await it.Wire.AskCoordinator<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
                it.Group, new ConsumerGroupHeartbeatRequest
                {
                    GroupId = it.Group, MemberId = "c", RebalanceTimeoutMs = 30_000, SubscribedTopicNames = [it.Topic], TopicPartitions = [],
                }, 1);
            Assert.Equal(ErrorCode.GroupIdNotFound, consumer.ErrorCode);
            Assert.Equal(ErrorCode.UnknownMemberId, await Heartbeat(it.Bench, "a", 1));
            Assert.Equal(ErrorCode.UnknownMemberId, (await Sync(it.Bench, "a", 1, [])).ErrorCode);
            Assert.Equal(ErrorCode.UnknownMemberId, await Leave(it.Bench, "a"));
            var committed = await it.Wire.AskCoordinator<OffsetCommitRequest, OffsetCommitResponse>(it.Group, new OffsetCommitRequest
            {
                GroupId = it.Group, GenerationIdOrMemberEpoch = -1,
                Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1 }] }],
            }, 8);
            Assert.Equal(ErrorCode.GroupIdNotFound, committed.Topics.Single().Partitions.Single().ErrorCode);
            var fetched = await it.Wire.AskCoordinator<OffsetFetchRequest, OffsetFetchResponse>(it.Group, new OffsetFetchRequest
            {
                Groups = [new() { GroupId = it.Group, Topics = [new() { Name = it.Topic, PartitionIndexes = [0] }] }],
            }, 8);
            var offset = fetched.Groups.Single().Topics.Single().Partitions.Single();
            Assert.Equal((ErrorCode.None, ErrorCode.None, -1), (fetched.Groups[0].ErrorCode, offset.ErrorCode, offset.CommittedOffset));
            if (!isEmpty)
                await it.Ask("a", it.Leaving());
        }
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Group_of_another_kind_takes_no_sharing_members_even_where_it_is_empty()
    {
        await using var it = await BeginShare();
        Assert.Equal(ErrorCode.None, await it.Delete());
        var member = (await Join(it.Bench, "")).MemberId;
        await Join(it.Bench, member);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Join("a")).ErrorCode);
        await it.Wire.AskCoordinator<LeaveGroupRequest, LeaveGroupResponse>(
            it.Group, new LeaveGroupRequest { GroupId = it.Group, Members = [new() { MemberId = member }] }, 5);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Join("a")).ErrorCode);
        Assert.Equal(ErrorCode.None, await it.Delete());
        Assert.Equal(ErrorCode.None, (await it.Join("a")).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_group_is_described_listed_and_deleted()
    {
        await using var it = await BeginShare(2);
        await it.JoinAnd("a", 2);
        var group = await it.Describe();
        Assert.Equal((ErrorCode.None, "Stable", "simple"), (group.ErrorCode, group.GroupState, group.AssignorName));
        Assert.Equal((it.Epoch("a"), it.Epoch("a")), (group.GroupEpoch, group.AssignmentEpoch));
        var member = Assert.Single(group.Members);
        Assert.Equal(("a", it.Epoch("a"), "netkafka-tests"), (member.MemberId, member.MemberEpoch, member.ClientId));
        Assert.Equal([it.Topic], member.SubscribedTopicNames);
        Assert.Equal((it.Topic, 2), (member.Assignment.TopicPartitions.Single().TopicName, member.Assignment.TopicPartitions.Single().Partitions.Length));
        var listed = (await it.Wire.AskCoordinator<ListGroupsRequest, ListGroupsResponse>(it.Group, new ListGroupsRequest { TypesFilter = ["share"] }, 5)).Groups;
        var row = Assert.Single(listed, row => row.GroupId == it.Group);
        Assert.Equal(("Stable", "share", "share"), (row.GroupState, row.ProtocolType, row.GroupType.ToLowerInvariant()));
        var classic = (await it.Wire.AskCoordinator<DescribeGroupsRequest, DescribeGroupsResponse>(it.Group, new DescribeGroupsRequest { Groups = [it.Group] }, 6)).Groups.Single();
        Assert.Equal((ErrorCode.GroupIdNotFound, "Dead"), (classic.ErrorCode, classic.GroupState));
        Assert.Equal(ErrorCode.NonEmptyGroup, await it.Delete());
        await it.Ask("a", it.Leaving());
        Assert.Equal("Empty", (await it.Describe()).GroupState);
        Assert.Equal(ErrorCode.None, await it.Delete());
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Describe()).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partitions_that_are_added_are_shared_too()
    {
        await using var it = await BeginShare();
        await it.JoinAnd("a");
        var added = await it.Wire.AskAny<CreatePartitionsRequest, CreatePartitionsResponse>(
            new CreatePartitionsRequest { Topics = [new() { Name = it.Topic, Count = 3, Assignments = null }], TimeoutMs = 30_000 }, 3);
        Assert.Equal(ErrorCode.None, added.Results.Single().ErrorCode);
        var epoch = it.Epoch("a");
        await it.Until(async () =>
        {
            await it.Beat("a");
            return it.Partitions("a").Length == 3;
        }, "the partitions that were added");
        Assert.True(it.Epoch("a") > epoch);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Groups_have_configurations_with_defaults_and_bounds()
    {
        await using var it = await BeginShare();
        Assert.Equal("earliest", (await it.DescribeConfig("share.auto.offset.reset")).Value);
        Assert.Equal(("30000", (sbyte)3), await Described("share.record.lock.duration.ms"));
        Assert.Equal(("5", (sbyte)3), await Described("share.delivery.count.limit"));
        Assert.Equal(("2000", (sbyte)3), await Described("share.partition.max.record.locks"));
        Assert.Equal(("read_uncommitted", (sbyte)2), await Described("share.isolation.level"));
        Assert.Equal(("true", (sbyte)1), await Described("share.renew.acknowledge.enable"));
        Assert.Equal("45000", (await it.DescribeConfig("share.session.timeout.ms")).Value);
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.auto.offset.reset", "middle"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.auto.offset.reset", "by_duration:-PT1H"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.isolation.level", "read"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.delivery.count.limit", "1"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.delivery.count.limit", "11"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.record.lock.duration.ms", "60001"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.partition.max.record.locks", "99"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("share.renew.acknowledge.enable", "yes"));
        Assert.Equal(ErrorCode.InvalidConfig, await it.TryConfigure("no.such.config", "1"));
        Assert.Equal(ErrorCode.InvalidRequest, await it.TryConfigure("share.isolation.level", null));
        Assert.Equal(ErrorCode.None, await it.TryConfigure("share.auto.offset.reset", null, operation: 1));
        await it.Until(async () => (await it.DescribeConfig("share.auto.offset.reset")).Value == "latest", "the default again");

        async Task<(string?, sbyte)> Described(string name)
        {
            var config = await it.DescribeConfig(name);
            return (config.Value, config.ConfigType);
        }
    }
}
