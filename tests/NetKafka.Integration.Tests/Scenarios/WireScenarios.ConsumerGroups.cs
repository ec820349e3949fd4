using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatResponse;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Groups of the consumer protocol (KIP-848): who has what in which epoch, and what is refused.</content>
public abstract partial class WireScenarios
{
    const short ConsumerHeartbeatVersion = 1;
    const short ConsumerDescribeVersion = 1;
    const short EpochFetchVersion = 9;
    const int ConsumerPartitions = 4;

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_that_joins_alone_has_every_partition_at_once()
    {
        await using var it = await BeginConsumers();
        var answer = await it.Ask("a", it.Joining());
        Assert.Equal((ErrorCode.None, "a", 2), (answer.ErrorCode, answer.MemberId, answer.MemberEpoch));
        Assert.True(answer.HeartbeatIntervalMs > 0);
        Assert.Equal([0, 1, 2, 3], PartitionsOf(answer));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Assignment_is_told_once_and_again_to_who_says_all()
    {
        await using var it = await BeginConsumers();
        await it.Join("a");
        Assert.Null((await it.Beat("a")).Assignment);
        Assert.Null((await it.Acknowledge("a")).Assignment);
        var full = it.Joining();
        (full.MemberEpoch, full.TopicPartitions) = (2, it.Owned("a"));
        var told = await it.Ask("a", full);
        Assert.Equal([0, 1, 2, 3], PartitionsOf(told));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Second_consumer_waits_until_the_first_has_given_up_what_it_is_to_have()
    {
        await using var it = await BeginConsumers();
        await it.Join("a");
        var joined = await it.Join("b");
        Assert.Equal(ErrorCode.None, joined.ErrorCode);
        Assert.Empty(PartitionsOf(joined));
        // The first is asked to revoke, and stays in its epoch until it says that it has.
        await it.Until(async () => (await it.Beat("a")).Assignment is not null, "the revocation");
        Assert.Equal((2, 2), (it.Epoch("a"), it.Partitions("a").Length));
        Assert.Equal(2, (await it.Beat("a")).MemberEpoch);
        Assert.Null((await it.Beat("b")).Assignment);
        var request = it.Staying("a");
        request.TopicPartitions = [new() { TopicId = it.TopicId, Partitions = [0, 1, 2, 3] }];
        Assert.Equal(2, (await it.Ask("a", request)).MemberEpoch);
        var acknowledged = await it.Acknowledge("a");
        Assert.Equal((3, null), (acknowledged.MemberEpoch, acknowledged.Assignment));
        await it.Beat("b");
        Assert.Equal((3, 2), (it.Epoch("b"), it.Partitions("b").Length));
        Assert.Equal([0, 1, 2, 3], it.Partitions("a").Concat(it.Partitions("b")).Order());
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partitions_of_a_consumer_that_leaves_go_to_the_other()
    {
        await using var it = await BeginPair();
        var left = await it.Ask("b", it.Leaving(-1));
        Assert.Equal((ErrorCode.None, "b", -1), (left.ErrorCode, left.MemberId, left.MemberEpoch));
        Assert.Equal(ErrorCode.UnknownMemberId, (await it.Beat("b")).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (await it.Ask("b", it.Leaving(-1))).ErrorCode);
        await it.Until(async () => (await it.Beat("a")).Assignment is not null, "the partitions of who left");
        Assert.Equal((4, 4), (it.Epoch("a"), it.Partitions("a").Length));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Static_consumer_comes_back_to_what_it_had()
    {
        await using var it = await BeginPair("i");
        var had = it.Partitions("a");
        var left = await it.Ask("a", it.Leaving(-2, "i"));
        Assert.Equal((ErrorCode.None, -2), (left.ErrorCode, left.MemberEpoch));
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await it.Ask("a", it.Staying("a", "i"))).ErrorCode);
        Assert.Null((await it.Beat("b")).Assignment);
        var back = it.Joining();
        back.InstanceId = "i";
        var joined = await it.Ask("c", back);
        Assert.Equal((ErrorCode.None, 3), (joined.ErrorCode, joined.MemberEpoch));
        Assert.Equal(had, PartitionsOf(joined));
        // What it came back to counts as given to it from the first epoch on.
        Assert.Equal(ErrorCode.None, await it.Commit("c", 1, had[0]));
        Assert.Null((await it.Beat("b")).Assignment);
        Assert.Equal(3, it.Epoch("b"));
        Assert.Equal(ErrorCode.FencedInstanceId, (await it.Ask("a", it.Staying("a", "i"))).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Instance_id_of_a_consumer_that_is_there_is_not_released()
    {
        await using var it = await BeginPair("i");
        var other = it.Joining();
        other.InstanceId = "i";
        Assert.Equal(ErrorCode.UnreleasedInstanceId, (await it.Ask("c", other)).ErrorCode);
        Assert.Equal(ErrorCode.UnreleasedInstanceId, (await it.Ask("a", other)).ErrorCode);
        var unknown = it.Staying("a", "j");
        Assert.Equal(ErrorCode.UnknownMemberId, (await it.Ask("a", unknown)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await it.Ask("a", it.Leaving(-1, "i"))).ErrorCode);
        Assert.Equal(ErrorCode.None, (await it.Ask("c", other)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_of_another_epoch_is_fenced_unless_an_answer_was_lost()
    {
        await using var it = await BeginPair();
        Assert.Equal(3, it.Epoch("a"));
        var request = it.Staying("a");
        (request.MemberEpoch, request.TopicPartitions) = (2, it.Owned("a"));
        Assert.Equal(3, (await it.Ask("a", request)).MemberEpoch);
        request.TopicPartitions = it.Owned("b");
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await it.Ask("a", request)).ErrorCode);
        request.TopicPartitions = null;
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await it.Ask("a", request)).ErrorCode);
        request.MemberEpoch = 4;
        Assert.Equal(ErrorCode.FencedMemberEpoch, (await it.Ask("a", request)).ErrorCode);
        // It joins under its id, and has what it had.
        var again = await it.Ask("a", it.Joining());
        Assert.Equal((ErrorCode.None, 3, 2), (again.ErrorCode, again.MemberEpoch, PartitionsOf(again).Length));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_commits_in_its_epoch_and_in_an_older_one_what_it_has_had_since()
    {
        await using var it = await BeginPair();
        var (kept, taken) = (it.Partitions("a")[0], it.Partitions("b")[0]);
        Assert.Equal(ErrorCode.None, await it.Commit("a", 3, kept));
        Assert.Equal(ErrorCode.StaleMemberEpoch, await it.Commit("a", 4, kept));
        Assert.Equal(ErrorCode.StaleMemberEpoch, await it.Commit("a", 2, taken));
        Assert.Equal(ErrorCode.StaleMemberEpoch, await it.Commit("b", 2, taken));
        Assert.Equal(ErrorCode.None, await it.Commit("a", 2, kept));
        Assert.Equal(ErrorCode.StaleMemberEpoch, await it.Commit("a", 1, kept));
        Assert.Equal(ErrorCode.UnknownMemberId, await it.Commit("nobody", 3, kept));
        Assert.Equal(ErrorCode.UnknownMemberId, await it.Commit("", -1, kept));
        Assert.Equal(ErrorCode.UnsupportedVersion, await it.Commit("a", 3, kept, version: 8));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_reads_offsets_in_its_epoch_alone()
    {
        await using var it = await BeginConsumers();
        await it.Join("a");
        Assert.Equal(ErrorCode.None, await it.Commit("a", 2, 0));
        Assert.Equal((ErrorCode.None, 7), await it.Fetch("a", 2));
        Assert.Equal((ErrorCode.None, 7), await it.Fetch(null, -1));
        Assert.Equal(ErrorCode.StaleMemberEpoch, (await it.Fetch("a", 3)).Error);
        Assert.Equal(ErrorCode.StaleMemberEpoch, (await it.Fetch("a", 1)).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, (await it.Fetch("nobody", 2)).Error);
        await it.Ask("a", it.Leaving(-1));
        Assert.Equal(ErrorCode.None, await it.Commit("", -1, 0));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_subscribes_by_an_expression_that_the_brokers_resolve()
    {
        await using var it = await BeginConsumers();
        var join = it.Joining();
        // The whole name is meant, so a part of it matches nothing.
        (join.SubscribedTopicNames, join.SubscribedTopicRegex) = (null, it.Topic[..^1] + "[" + it.Topic[^1] + "]");
        var joined = await it.Ask("a", join);
        Assert.Equal((ErrorCode.None, 1, 0), (joined.ErrorCode, joined.MemberEpoch, PartitionsOf(joined).Length));
        await it.Until(async () => (await it.Beat("a")).Assignment?.TopicPartitions.Length > 0, "the topics of an expression");
        Assert.Equal([0, 1, 2, 3], it.Partitions("a"));
        var part = it.Joining();
        (part.SubscribedTopicNames, part.SubscribedTopicRegex) = (null, it.Topic[1..^1]);
        await it.Ask("b", part);
        Assert.Empty(it.Partitions("b"));
    }

    [Theory, Trait("Area", "Wire")]
    [InlineData("(")]
    [InlineData("a)(b")]
    [InlineData(@"(a)\1")]
    [InlineData("(?=a)b")]
    public async Task Expression_that_cannot_be_used_is_refused(string regex)
    {
        await using var it = await BeginConsumers();
        var join = it.Joining();
        join.SubscribedTopicRegex = regex;
        Assert.Equal(ErrorCode.InvalidRegularExpression, (await it.Ask("a", join)).ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Beat("a")).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Heartbeat_of_a_wrong_shape_is_refused()
    {
        await using var it = await BeginConsumers();
        Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask("", it.Joining())).ErrorCode);
        await Refused(static request => request.GroupId = "");
        await Refused(static request => request.InstanceId = "");
        await Refused(static request => request.RackId = "");
        await Refused(static request => request.RebalanceTimeoutMs = -1);
        await Refused(static request => request.TopicPartitions = null);
        await Refused(static request => request.TopicPartitions = [new() { TopicId = Guid.NewGuid(), Partitions = [0] }]);
        await Refused(static request => request.SubscribedTopicNames = null);
        await Refused(static request => request.MemberEpoch = -3);
        await Refused(static request => request.MemberEpoch = -2);
        var unknown = it.Joining();
        unknown.ServerAssignor = "sticky";
        Assert.Equal(ErrorCode.UnsupportedAssignor, (await it.Ask("a", unknown)).ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Ask("a", it.Staying("a"))).ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Ask("a", it.Leaving(-1))).ErrorCode);

        async Task Refused(Action<Request> mistake)
        {
            var request = it.Joining();
            mistake(request);
            Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask("a", request)).ErrorCode);
        }
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_that_has_no_id_is_given_one_in_the_first_version()
    {
        await using var it = await BeginConsumers();
        var answer = await it.Ask("", it.Joining(), version: 0);
        Assert.Equal((ErrorCode.None, 2), (answer.ErrorCode, answer.MemberEpoch));
        Assert.NotEmpty(answer.MemberId!);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Consumer_group_is_described_and_is_no_classic_one()
    {
        await using var it = await BeginPair("i");
        var group = await it.Describe();
        Assert.Equal((ErrorCode.None, "Stable", 3, 3, "uniform"), (group.ErrorCode, group.GroupState, group.GroupEpoch, group.AssignmentEpoch, group.AssignorName));
        Assert.Equal([("a", "i", 3), ("b", null, 3)], group.Members.OrderBy(static row => row.MemberId).Select(static row => (row.MemberId, row.InstanceId, row.MemberEpoch)));
        foreach (var row in group.Members)
        {
            Assert.Equal([it.Topic], row.SubscribedTopicNames);
            Assert.Equal((it.Topic, 2), (row.Assignment.TopicPartitions.Single().TopicName, row.Assignment.TopicPartitions.Single().Partitions.Length));
            Assert.Equal(row.Assignment.TopicPartitions[0].Partitions.Order(), row.TargetAssignment.TopicPartitions.Single().Partitions.Order());
            Assert.Equal(1, row.MemberType);
        }
        var classic = (await it.Wire.AskCoordinator<DescribeGroupsRequest, DescribeGroupsResponse>(it.Group, new DescribeGroupsRequest { Groups = [it.Group] }, 6)).Groups.Single();
        Assert.Equal((ErrorCode.GroupIdNotFound, "Dead"), (classic.ErrorCode, classic.GroupState));
        var listed = (await it.Wire.AskCoordinator<ListGroupsRequest, ListGroupsResponse>(it.Group, new ListGroupsRequest { TypesFilter = ["consumer"] }, 5)).Groups;
        var row1 = Assert.Single(listed, row => row.GroupId == it.Group);
        Assert.Equal(("Stable", "consumer"), (row1.GroupState, row1.ProtocolType));
        Assert.Equal("consumer", row1.GroupType, ignoreCase: true);
        Assert.Equal(ErrorCode.NonEmptyGroup, await it.Delete());
        await it.Ask("a", it.Leaving(-1, "i"));
        await it.Ask("b", it.Leaving(-1));
        Assert.Equal("Empty", (await it.Describe()).GroupState);
        Assert.Equal(ErrorCode.None, await it.Delete());
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Describe()).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Classic_member_and_consumer_share_a_group_until_the_consumer_leaves()
    {
        await using var it = await BeginConsumers();
        var member = (await it.JoinClassic("")).MemberId;
        Assert.Equal(1, (await it.JoinClassic(member)).GenerationId);
        var (_, all) = await it.SyncClassic(member, 1, 0, 1, 2, 3);
        Assert.Equal([0, 1, 2, 3], all);
        var joined = await it.Join("a");
        Assert.Equal((ErrorCode.None, 2, 0), (joined.ErrorCode, joined.MemberEpoch, PartitionsOf(joined).Length));
        Assert.Equal(ErrorCode.RebalanceInProgress, await it.HeartbeatClassic(member, 1));
        // It has given everything up, so it comes to the new epoch in one step. Nobody leads.
        var again = await it.JoinClassic(member);
        Assert.Equal((ErrorCode.None, 2, "", 0), (again.ErrorCode, again.GenerationId, again.Leader, again.Members.Length));
        var (error, share) = await it.SyncClassic(member, 2);
        Assert.Equal((ErrorCode.None, 2), (error, share.Length));
        Assert.Equal(ErrorCode.None, await it.HeartbeatClassic(member, 2));
        Assert.Equal(ErrorCode.IllegalGeneration, await it.HeartbeatClassic(member, 1));
        Assert.Equal(ErrorCode.UnknownMemberId, await it.HeartbeatClassic("a", 2));
        await it.Beat("a");
        Assert.Equal([0, 1, 2, 3], it.Partitions("a").Concat(share).Order());
        Assert.Equal(ErrorCode.None, await it.Commit(member, 2, share[0]));
        Assert.Equal(ErrorCode.IllegalGeneration, await it.Commit(member, 3, share[0]));
        var group = await it.Describe();
        Assert.Equal("Stable", group.GroupState);
        Assert.Equal([("a", 1), (member, 0)], group.Members.OrderBy(static row => -row.MemberType).Select(static row => (row.MemberId, (int)row.MemberType)));
        Assert.Equal(ErrorCode.None, (await it.Ask("a", it.Leaving(-1))).ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await it.Describe()).ErrorCode);
        Assert.Equal(ErrorCode.RebalanceInProgress, await it.HeartbeatClassic(member, 2));
        var alone = await it.JoinClassic(member);
        Assert.Equal((ErrorCode.None, 3, member), (alone.ErrorCode, alone.GenerationId, alone.Leader));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Classic_member_that_keeps_partitions_revokes_what_the_consumer_is_to_have()
    {
        await using var it = await BeginConsumers();
        var member = (await it.JoinClassic("")).MemberId;
        await it.JoinClassic(member);
        await it.SyncClassic(member, 1, 0, 1, 2, 3);
        await it.Join("a");
        Assert.Equal(1, (await it.JoinClassic(member, 0, 1, 2, 3)).GenerationId);
        var kept = (await it.SyncClassic(member, 1)).Partitions;
        Assert.Equal(2, kept.Length);
        Assert.Null((await it.Beat("a")).Assignment);
        Assert.Equal(ErrorCode.RebalanceInProgress, await it.HeartbeatClassic(member, 1));
        Assert.Equal(2, (await it.JoinClassic(member, kept)).GenerationId);
        var (_, share) = await it.SyncClassic(member, 2);
        Assert.Equal(kept, share);
        await it.Beat("a");
        Assert.Equal(2, it.Partitions("a").Length);
    }

    static int[] PartitionsOf(Response answer) => [.. answer.Assignment!.TopicPartitions.SelectMany(static topic => topic.Partitions).Order()];

    async Task<ConsumerBench> BeginConsumers() => await ConsumerBench.On(await Begin());

    /// <summary>Two members, "a" (static if it has an instance id) and "b", with two partitions each in epoch 3.</summary>
    async Task<ConsumerBench> BeginPair(string? instance = null)
    {
        var it = await BeginConsumers();
        await it.Join("a", instance);
        await it.Join("b");
        await it.Until(async () =>
        {
            await it.Acknowledge("a", instance);
            await it.Acknowledge("b");
            return it.Partitions("a").Length == 2 && it.Partitions("b").Length == 2;
        }, "two partitions each");
        return it;
    }
}
