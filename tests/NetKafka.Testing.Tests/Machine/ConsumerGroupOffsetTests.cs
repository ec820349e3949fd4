using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Offsets of groups of the consumer protocol, and what other APIs say of such groups.</summary>
public sealed class ConsumerGroupOffsetTests
{
    readonly MachineDriver driver = new();

    public ConsumerGroupOffsetTests() => driver.CreateTopic("payments", partitions: 2);

    [Fact]
    public void Member_commits_and_reads_in_its_epoch()
    {
        var member = Joined("a");

        Assert.Equal(ErrorCode.None, member.Commit("payments", 5));
        Assert.Equal((ErrorCode.None, 5), Fetch(member, "a", 2));
    }

    [Fact]
    public void Commit_in_an_epoch_that_is_not_the_members_is_stale()
    {
        var (first, second) = (Joined("a"), Joined("b"));
        TestConsumer.Settle(first, second);
        var moved = int.Parse(second.Assigned.Single()[^1..]);

        Assert.Equal(ErrorCode.StaleMemberEpoch, first.Commit("payments", 5, epoch: 4));
        Assert.Equal(ErrorCode.StaleMemberEpoch, first.Commit("payments", 5, epoch: 2, partition: moved));
        Assert.Equal(ErrorCode.UnknownMemberId, new TestConsumer(driver, "c").Commit("payments", 5, epoch: 3));
    }

    [Fact]
    public void Commit_of_what_a_member_has_had_since_an_older_epoch_counts_in_that_epoch()
    {
        var (first, second) = (Joined("a"), Joined("b"));
        TestConsumer.Settle(first, second);
        var kept = int.Parse(first.Assigned.Single()[^1..]);

        Assert.Equal((3, ErrorCode.None), (first.Epoch, first.Commit("payments", 5, epoch: 2, partition: kept)));
    }

    [Fact]
    public void Member_commits_what_it_is_to_revoke_until_it_has()
    {
        var first = Joined("a");
        var second = new TestConsumer(driver, "b");
        second.Join("payments");
        first.Acknowledge();

        Assert.Equal(ErrorCode.None, first.Commit("payments", 5, partition: 0));
        Assert.Equal(ErrorCode.None, first.Commit("payments", 5, partition: 1));
    }

    [Fact]
    public void Commit_in_a_version_without_epochs_is_refused()
    {
        Assert.Equal(ErrorCode.UnsupportedVersion, Joined("a").Commit("payments", 5, version: 8));
    }

    [Fact]
    public void Anybody_commits_for_a_group_that_all_have_left()
    {
        var member = Joined("a");
        Assert.Equal(ErrorCode.UnknownMemberId, new TestConsumer(driver, "").Commit("payments", 5, epoch: -1));
        member.Leave();

        Assert.Equal(ErrorCode.None, new TestConsumer(driver, "").Commit("payments", 5, epoch: -1));
        Assert.Equal((ErrorCode.None, 5), Fetch(member, null, -1));
    }

    [Fact]
    public void Reading_needs_the_members_epoch_or_no_member_at_all()
    {
        var member = Joined("a");
        member.Commit("payments", 5);

        Assert.Equal((ErrorCode.None, 5), Fetch(member, null, -1));
        Assert.Equal(ErrorCode.StaleMemberEpoch, Fetch(member, "a", 1).Error);
        Assert.Equal(ErrorCode.StaleMemberEpoch, Fetch(member, "a", 3).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, Fetch(member, "b", 2).Error);
    }

    [Theory]
    [InlineData("a", 2, ErrorCode.None)]
    [InlineData("a", 3, ErrorCode.IllegalGeneration)]
    [InlineData("a", 1, ErrorCode.IllegalGeneration)]
    [InlineData("b", 2, ErrorCode.UnknownMemberId)]
    [InlineData("", -1, ErrorCode.None)]
    public void Offsets_in_a_transaction_need_the_members_epoch(string memberId, int epoch, ErrorCode expected)
    {
        var member = Joined("a");
        var producer = driver.Ask(member.Connection, new InitProducerIdRequest { TransactionalId = "t", TransactionTimeoutMs = 1_000 }, 4);
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = "t",
            GroupId = "group",
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.ProducerEpoch,
            MemberId = memberId,
            GenerationIdOrMemberEpoch = epoch,
            Topics = [new() { Name = "payments", Partitions = [new() { CommittedOffset = 5 }] }],
        };

        Assert.Equal(expected, driver.Ask(member.Connection, request, 5).Topics[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public void Group_is_described_with_epochs_members_and_both_assignments()
    {
        var first = Joined("a");
        new TestConsumer(driver, "b", "i").Join("payments");

        var group = Describe(first, "group");

        Assert.Equal((ErrorCode.None, "Reconciling", 3, 3, "uniform"), (group.ErrorCode, group.GroupState, group.GroupEpoch, group.AssignmentEpoch, group.AssignorName));
        Assert.Equal([("a", null, 2, 2, 1), ("b", "i", 3, 0, 1)], group.Members.Select(member =>
            (member.MemberId, member.InstanceId, member.MemberEpoch, CountOf(member.Assignment), CountOf(member.TargetAssignment))));
        Assert.All(group.Members, member => Assert.Equal((1, "tests", "/127.0.0.1"), (member.MemberType, member.ClientId, member.ClientHost)));
        Assert.Equal(["payments"], group.Members[0].SubscribedTopicNames);
    }

    [Fact]
    public void Classic_and_unknown_groups_are_not_described_as_consumer_groups()
    {
        var classic = new TestMember(driver, "classic");
        classic.Join();
        var member = Joined("a");

        Assert.Equal(ErrorCode.GroupIdNotFound, Describe(member, "classic").ErrorCode);
        Assert.Equal(ErrorCode.GroupIdNotFound, Describe(member, "nobody").ErrorCode);
        Assert.Equal(ErrorCode.InvalidGroupId, Describe(member, "").ErrorCode);
    }

    [Theory]
    [InlineData(5, ErrorCode.None)]
    [InlineData(6, ErrorCode.GroupIdNotFound)]
    public void Consumer_group_is_dead_to_who_asks_for_a_classic_one(short version, ErrorCode expected)
    {
        var member = Joined("a");

        var group = driver.Ask(member.Connection, new DescribeGroupsRequest { Groups = ["group"] }, version).Groups[0];

        Assert.Equal((expected, "Dead"), (group.ErrorCode, group.GroupState));
    }

    [Fact]
    public void Groups_are_listed_by_type_and_state()
    {
        new TestMember(driver, "classic").Join();
        var member = Joined("a");

        var all = driver.Ask(member.Connection, new ListGroupsRequest(), 5).Groups;
        Assert.Equal([("classic", "classic", "CompletingRebalance"), ("group", "consumer", "Stable")], all.Select(group => (group.GroupId, group.GroupType, group.GroupState)));
        Assert.Equal("consumer", all[1].ProtocolType);
        Assert.Equal("group", Assert.Single(driver.Ask(member.Connection, new ListGroupsRequest { TypesFilter = ["Consumer"] }, 5).Groups).GroupId);
        Assert.Equal("group", Assert.Single(driver.Ask(member.Connection, new ListGroupsRequest { StatesFilter = ["stable"] }, 5).Groups).GroupId);
    }

    [Fact]
    public void Group_can_be_deleted_when_all_have_left()
    {
        var member = Joined("a");

        Assert.Equal(ErrorCode.NonEmptyGroup, Delete(member));
        member.Leave();
        Assert.Equal(ErrorCode.None, Delete(member));
        Assert.Null(driver.Cluster.Groups.Find("group"));
    }

    [Fact]
    public void Group_that_nobody_is_in_is_joined_by_either_protocol_and_keeps_its_offsets()
    {
        var member = Joined("a");
        member.Commit("payments", 5);
        member.Leave();

        var classic = new TestMember(driver);
        Assert.Equal(1, classic.Join().GenerationId);
        classic.Leave();
        Assert.Equal(2, new TestConsumer(driver, "b").Join("payments").MemberEpoch);
        Assert.Equal((ErrorCode.None, 5), Fetch(member, null, -1));
    }

    TestConsumer Joined(string id)
    {
        var member = new TestConsumer(driver, id);
        Assert.Equal(ErrorCode.None, member.Join("payments").ErrorCode);
        return member;
    }

    (ErrorCode Error, long Offset) Fetch(TestConsumer member, string? memberId, int epoch)
    {
        var request = new OffsetFetchRequest
        {
            Groups = [new() { GroupId = "group", MemberId = memberId, MemberEpoch = epoch, Topics = [new() { Name = "payments", PartitionIndexes = [0] }] }],
        };
        var group = driver.Ask(member.Connection, request, 9).Groups[0];
        return (group.ErrorCode, group.Topics.Length == 0 ? -1 : group.Topics[0].Partitions[0].CommittedOffset);
    }

    ConsumerGroupDescribeResponse.DescribedGroup Describe(TestConsumer member, string group) =>
        driver.Ask(member.Connection, new ConsumerGroupDescribeRequest { GroupIds = [group] }, 1).Groups[0];

    ErrorCode Delete(TestConsumer member) => driver.Ask(member.Connection, new DeleteGroupsRequest { GroupsNames = ["group"] }, 2).Results[0].ErrorCode;

    static int CountOf(ConsumerGroupDescribeResponse.Assignment assignment) => assignment.TopicPartitions.Sum(topic => topic.Partitions.Length);
}
