using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Classic groups: who is in, in which generation, and what it may commit.</content>
public abstract partial class WireScenarios
{
    const short JoinVersion = 9;
    const short SyncVersion = 5;
    const short HeartbeatVersion = 4;
    const short LeaveVersion = 5;
    const short CommitVersion = 9;
    const short OffsetFetchVersion = 7;

    [Fact, Trait("Area", "Wire")]
    public async Task Member_without_an_id_is_given_one_and_asked_to_come_again()
    {
        await using var it = await BeginGroup();
        var first = await Join(it, "");
        Assert.Equal(ErrorCode.MemberIdRequired, first.ErrorCode);
        Assert.NotEmpty(first.MemberId);
        var second = await Join(it, first.MemberId);
        Assert.Equal(
            (ErrorCode.None, 1, first.MemberId, first.MemberId), (second.ErrorCode, second.GenerationId, second.MemberId, second.Leader));
        Assert.Equal([first.MemberId], second.Members.Select(static member => member.MemberId));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Member_lives_in_its_generation_alone()
    {
        await using var it = await BeginGroup();
        var member = await BecomeMember(it);
        Assert.Equal(ErrorCode.None, await Heartbeat(it, member, 1));
        Assert.Equal(ErrorCode.IllegalGeneration, await Heartbeat(it, member, 2));
        Assert.Equal(ErrorCode.IllegalGeneration, await Heartbeat(it, member, 0));
        Assert.Equal(ErrorCode.UnknownMemberId, await Heartbeat(it, "nobody", 1));
        Assert.Equal(ErrorCode.UnknownMemberId, await Heartbeat(it, member, 1, TestSettings.NewName("group")));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Assignment_is_what_the_leader_has_said()
    {
        await using var it = await BeginGroup();
        var member = await BecomeMember(it, [1, 2, 3]);
        Assert.Equal([1, 2, 3], (await Sync(it, member, 1, [])).Assignment);
        Assert.Equal(ErrorCode.IllegalGeneration, (await Sync(it, member, 5, [])).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Sync(it, "nobody", 1, [])).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Commit_counts_from_a_member_in_its_generation()
    {
        await using var it = await BeginGroup();
        var member = await BecomeMember(it);
        Assert.Equal(ErrorCode.None, await Commit(it, member, 1, 5));
        Assert.Equal(5, await Committed(it));
        Assert.Equal(ErrorCode.IllegalGeneration, await Commit(it, member, 2, 6));
        Assert.Equal(ErrorCode.UnknownMemberId, await Commit(it, "nobody", 1, 6));
        Assert.Equal(ErrorCode.UnknownMemberId, await Commit(it, "", -1, 6));
        Assert.Equal(5, await Committed(it));
        // Nothing keeps a member from going back.
        Assert.Equal(ErrorCode.None, await Commit(it, member, 1, 2));
        Assert.Equal(2, await Committed(it));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Anybody_commits_for_a_group_without_members()
    {
        await using var it = await BeginGroup();
        Assert.Equal(-1, await Committed(it));
        Assert.Equal(ErrorCode.None, await Commit(it, "", -1, 9));
        Assert.Equal(9, await Committed(it));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Newcomer_makes_the_group_rebalance()
    {
        await using var it = await BeginGroup();
        var first = await BecomeMember(it);
        await using var other = new RawWire(it.Target);
        var second = (await Join(it, "")).MemberId;
        // Its answer comes when the others have joined too, so it has a connection of its own.
        var joining = Join(it, second, wire: other);
        await Wait.Until(async () => await Heartbeat(it, first, 1) == ErrorCode.RebalanceInProgress, "the rebalance", TestContext.Current.CancellationToken);
        // The old generation goes on until all have come.
        Assert.Equal(ErrorCode.None, await Commit(it, first, 1, 3));
        var again = await Join(it, first);
        Assert.Equal((ErrorCode.None, 2, first), (again.ErrorCode, again.GenerationId, again.Leader));
        Assert.Equal(2, again.Members.Length);
        var joined = await joining;
        Assert.Equal((ErrorCode.None, 2, first, 0), (joined.ErrorCode, joined.GenerationId, joined.Leader, joined.Members.Length));
        // Nobody has an assignment yet.
        Assert.Equal(ErrorCode.RebalanceInProgress, await Commit(it, first, 2, 4));
        Assert.Equal(ErrorCode.IllegalGeneration, await Heartbeat(it, first, 1));
        Assert.Equal(ErrorCode.None, (await Sync(it, first, 2, [(first, [1]), (second, [2])])).ErrorCode);
        Assert.Equal([2], (await Sync(it, second, 2, [])).Assignment);
        Assert.Equal(ErrorCode.None, await Commit(it, second, 2, 4));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Member_that_leaves_is_unknown_and_a_stranger_cannot_leave()
    {
        await using var it = await BeginGroup();
        var member = await BecomeMember(it);
        Assert.Equal(ErrorCode.UnknownMemberId, await Leave(it, "nobody"));
        Assert.Equal(ErrorCode.None, await Leave(it, member));
        Assert.Equal(ErrorCode.UnknownMemberId, await Heartbeat(it, member, 1));
        Assert.Equal(ErrorCode.UnknownMemberId, await Leave(it, member));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Static_member_that_comes_again_fences_its_forerunner()
    {
        await using var it = await BeginGroup();
        var first = await Join(it, "", instance: "i");
        Assert.Equal((ErrorCode.None, 1), (first.ErrorCode, first.GenerationId));
        Assert.Equal(ErrorCode.None, (await Sync(it, first.MemberId, 1, [(first.MemberId, [7])], "i")).ErrorCode);
        var second = await Join(it, "", instance: "i");
        Assert.Equal((ErrorCode.None, 1), (second.ErrorCode, second.GenerationId));
        Assert.NotEqual(first.MemberId, second.MemberId);
        Assert.Equal(ErrorCode.FencedInstanceId, await Heartbeat(it, first.MemberId, 1, instance: "i"));
        Assert.Equal([7], (await Sync(it, second.MemberId, 1, [], "i")).Assignment);
        Assert.Equal(ErrorCode.None, await Heartbeat(it, second.MemberId, 1, instance: "i"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Member_with_other_protocols_is_refused()
    {
        await using var it = await BeginGroup();
        await BecomeMember(it);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Join(it, "", protocol: "other")).ErrorCode);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Join(it, "", type: "connect")).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Session_that_is_too_short_or_too_long_is_refused_and_so_is_a_group_without_a_name()
    {
        await using var it = await BeginGroup();
        Assert.Equal(ErrorCode.InvalidSessionTimeout, (await Join(it, "", sessionMs: 1)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidSessionTimeout, (await Join(it, "", sessionMs: int.MaxValue)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidGroupId, (await Join(it, "", group: "")).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Join(it, "nobody")).ErrorCode);
    }

    /// <summary>A coordinator that has just taken over its group says so for a while.</summary>
    async Task<Bench> BeginGroup()
    {
        var it = await Begin();
        await Wait.Until(async () => await Heartbeat(it, "nobody", 1) == ErrorCode.UnknownMemberId, $"the coordinator of {it.Group}", TestContext.Current.CancellationToken);
        return it;
    }

    static async Task<string> BecomeMember(Bench it, byte[]? assignment = null)
    {
        var member = (await Join(it, "")).MemberId;
        Assert.Equal(ErrorCode.None, (await Join(it, member)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await Sync(it, member, 1, [(member, assignment ?? [0])])).ErrorCode);
        return member;
    }

    static Task<JoinGroupResponse> Join(
        Bench it, string member, string? instance = null, string protocol = "range", string type = "consumer", int sessionMs = 30_000,
        string? group = null, RawWire? wire = null) =>
        (wire ?? it.Wire).AskCoordinator<JoinGroupRequest, JoinGroupResponse>(it.Group, new JoinGroupRequest
        {
            GroupId = group ?? it.Group,
            SessionTimeoutMs = sessionMs,
            RebalanceTimeoutMs = 30_000,
            MemberId = member,
            GroupInstanceId = instance,
            ProtocolType = type,
            Protocols = [new() { Name = protocol, Metadata = [1] }],
        }, JoinVersion);

    static Task<SyncGroupResponse> Sync(
        Bench it, string member, int generation, IEnumerable<(string Member, byte[] Assignment)> assignments, string? instance = null) =>
        it.Wire.AskCoordinator<SyncGroupRequest, SyncGroupResponse>(it.Group, new SyncGroupRequest
        {
            GroupId = it.Group,
            GenerationId = generation,
            MemberId = member,
            GroupInstanceId = instance,
            ProtocolType = "consumer",
            ProtocolName = "range",
            Assignments = [.. assignments.Select(static item => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = item.Member, Assignment = item.Assignment })],
        }, SyncVersion);

    static async Task<ErrorCode> Heartbeat(Bench it, string member, int generation, string? group = null, string? instance = null) =>
        (await it.Wire.AskCoordinator<HeartbeatRequest, HeartbeatResponse>(group ?? it.Group, new HeartbeatRequest
        {
            GroupId = group ?? it.Group, MemberId = member, GenerationId = generation, GroupInstanceId = instance,
        }, HeartbeatVersion)).ErrorCode;

    static async Task<ErrorCode> Leave(Bench it, string member)
    {
        var answer = await it.Wire.AskCoordinator<LeaveGroupRequest, LeaveGroupResponse>(
            it.Group, new LeaveGroupRequest { GroupId = it.Group, Members = [new() { MemberId = member }] }, LeaveVersion);
        return answer.ErrorCode != ErrorCode.None ? answer.ErrorCode : answer.Members.Single().ErrorCode;
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Offset_is_deleted_unless_a_member_subscribes_to_its_topic()
    {
        await using var it = await BeginGroup();
        Assert.Equal((ErrorCode.GroupIdNotFound, null), await DeleteOffset(it, it.Topic, 0));
        Assert.Equal(ErrorCode.None, await Commit(it, "", -1, 9));
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await DeleteOffset(it, it.Topic, 77));
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await DeleteOffset(it, TestSettings.NewName("nowhere"), 0));
        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteOffset(it, it.Topic, 0));
        Assert.Equal(-1, await Committed(it));
        // There is nothing of it any more; whether the group is there still, the coordinator decides when it cleans up.
        Assert.Equal(ErrorCode.None, await Commit(it, "", -1, 9));
        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteOffset(it, it.Topic, 0));
    }

    /// <summary>What this member says of itself nobody can read, so it may read anything.</summary>
    [Fact, Trait("Area", "Wire")]
    public async Task Offset_of_a_topic_that_a_member_reads_is_not_deleted()
    {
        await using var it = await BeginGroup();
        await BecomeMember(it);
        Assert.Equal((ErrorCode.None, ErrorCode.GroupSubscribedToTopic), await DeleteOffset(it, it.Topic, 0));
    }

    static async Task<(ErrorCode Error, ErrorCode? OfPartition)> DeleteOffset(Bench it, string topic, int partition)
    {
        var answer = await it.Wire.AskCoordinator<OffsetDeleteRequest, OffsetDeleteResponse>(it.Group, new OffsetDeleteRequest
        {
            GroupId = it.Group, Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition }] }],
        }, 0);
        return (answer.ErrorCode, answer.Topics.SingleOrDefault()?.Partitions.Single().ErrorCode);
    }

    static async Task<ErrorCode> Commit(Bench it, string member, int generation, long offset) =>
        (await it.Wire.AskCoordinator<OffsetCommitRequest, OffsetCommitResponse>(it.Group, new OffsetCommitRequest
        {
            GroupId = it.Group,
            MemberId = member,
            GenerationIdOrMemberEpoch = generation,
            Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset }] }],
        }, CommitVersion)).Topics.Single().Partitions.Single().ErrorCode;

    static async Task<long> Committed(Bench it)
    {
        var answer = await it.Wire.AskCoordinator<OffsetFetchRequest, OffsetFetchResponse>(it.Group, new OffsetFetchRequest
        {
            GroupId = it.Group, Topics = [new() { Name = it.Topic, PartitionIndexes = [0] }],
        }, OffsetFetchVersion);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        var row = answer.Topics.Single().Partitions.Single();
        Assert.Equal(ErrorCode.None, row.ErrorCode);
        return row.CommittedOffset;
    }
}
