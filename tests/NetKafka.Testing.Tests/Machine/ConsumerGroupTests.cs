using NetKafka.Protocol;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Members of the consumer protocol: joining, reconciling, leaving.</summary>
public sealed class ConsumerGroupTests
{
    readonly MachineDriver driver = new(brokers: 2);

    public ConsumerGroupTests() => driver.CreateTopic("payments", partitions: 4);

    ConsumerGroup Group => driver.Cluster.Groups.FindConsumer("group")!;

    [Fact]
    public void First_member_has_every_partition_at_once()
    {
        var member = new TestConsumer(driver, "a");

        var answer = member.Join("payments");

        Assert.Equal((ErrorCode.None, 2, 5_000, "a"), (answer.ErrorCode, answer.MemberEpoch, answer.HeartbeatIntervalMs, answer.MemberId));
        Assert.Equal(["payments-0", "payments-1", "payments-2", "payments-3"], member.Assigned);
        Assert.Equal(ConsumerGroupState.Stable, Group.State);
    }

    [Fact]
    public void Second_member_has_nothing_until_the_first_has_given_it_up()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));

        second.Join("payments");
        Assert.Equal(3, second.Epoch);
        Assert.Empty(second.Assigned);

        first.Acknowledge();
        Assert.Equal(2, first.Epoch);
        Assert.Equal(2, first.Assigned.Length);
        Assert.Null(second.Beat().Assignment);

        first.Acknowledge();
        Assert.Equal(3, first.Epoch);
        second.Beat();
        Assert.Equal(["payments-0", "payments-1", "payments-2", "payments-3"], first.Assigned.Concat(second.Assigned).Order());
        Assert.Equal(2, second.Assigned.Length);
        Assert.Equal(ConsumerGroupState.Stable, Group.State);
    }

    [Fact]
    public void Member_that_says_nothing_of_its_partitions_has_revoked_none()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");

        first.Beat();
        first.Beat();

        Assert.Equal((2, MemberState.UnrevokedPartitions), (first.Epoch, Group.Find("a")!.State));
        Assert.Null(second.Beat().Assignment);
    }

    [Fact]
    public void Member_that_still_names_a_revoked_partition_stays_where_it_is()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        var all = first.Owned;
        second.Join("payments");
        first.Acknowledge();

        var request = first.BeatRequest();
        request.TopicPartitions = all;

        Assert.Equal(2, first.Ask(request).MemberEpoch);
        Assert.Equal(MemberState.UnrevokedPartitions, Group.Find("a")!.State);
    }

    [Fact]
    public void Member_that_has_given_up_already_comes_to_the_new_epoch_in_one_step()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        var request = first.BeatRequest();
        request.TopicPartitions = [];

        Assert.Equal(3, first.Ask(request).MemberEpoch);
        Assert.NotNull(second.Beat().Assignment);
    }

    [Fact]
    public void Assignment_is_told_when_it_changed_and_to_who_says_all()
    {
        var member = Joined("a");

        Assert.Null(member.Beat().Assignment);
        Assert.Null(member.Acknowledge().Assignment);
        var full = member.JoinRequest(["payments"]);
        (full.MemberEpoch, full.TopicPartitions) = (member.Epoch, member.Owned);
        Assert.NotNull(member.Ask(full).Assignment);
        driver.Machine.Operate(driver.NowMs, cluster => cluster.AddPartitions("payments", 5, null, validateOnly: false));
        Assert.NotNull(member.Beat().Assignment);
    }

    [Fact]
    public void What_is_not_said_stays_as_it_was_said()
    {
        var member = new TestConsumer(driver, "a");
        var join = member.JoinRequest(["payments"]);
        (join.ServerAssignor, join.RackId) = ("range", "rack");
        member.Ask(join);
        member.Ask(new() { GroupId = "group", MemberId = "a", MemberEpoch = 2 });

        var known = Group.Find("a")!;
        Assert.Equal(("range", "rack", TestConsumer.RebalanceMs), (known.ServerAssignor, known.RackId, known.RebalanceTimeoutMs));
        Assert.Equal(["payments"], known.TopicNames);
        Assert.Equal((2, "range"), (Group.GroupEpoch, Group.AssignorName));
    }

    [Fact]
    public void Topic_that_is_no_longer_subscribed_is_revoked()
    {
        driver.CreateTopic("refunds");
        var member = new TestConsumer(driver, "a");
        member.Join("payments", "refunds");

        member.Subscribe("refunds");

        Assert.Equal(["refunds-0"], member.Assigned);
        Assert.Equal(2, member.Epoch);
        member.Acknowledge();
        Assert.Equal(3, member.Epoch);
    }

    [Fact]
    public void Member_may_come_once_more_with_the_epoch_before_when_it_has_only_what_is_its_own()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        TestConsumer.Settle(first, second);
        var (late, greedy) = (first.BeatRequest(), first.BeatRequest());
        (late.MemberEpoch, late.TopicPartitions) = (2, first.Owned);
        (greedy.MemberEpoch, greedy.TopicPartitions) = (2, second.Owned);

        Assert.Equal(3, first.Ask(late).MemberEpoch);
        Assert.Equal(ErrorCode.FencedMemberEpoch, first.Ask(greedy).ErrorCode);
        late.TopicPartitions = null;
        Assert.Equal(ErrorCode.FencedMemberEpoch, first.Ask(late).ErrorCode);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Epoch_that_is_too_old_or_never_was_is_fenced(int epoch)
    {
        var member = Joined("a");
        member.Subscribe("payments", "refunds");
        member.Subscribe("payments");
        var request = member.BeatRequest();
        (request.MemberEpoch, request.TopicPartitions) = (epoch, member.Owned);

        Assert.Equal((4, ErrorCode.FencedMemberEpoch), (member.Epoch, member.Ask(request).ErrorCode));
    }

    [Fact]
    public void Member_that_joins_again_under_its_id_goes_on_with_what_it_has()
    {
        var member = Joined("a");

        var again = member.Join("payments");

        Assert.Equal((ErrorCode.None, 2), (again.ErrorCode, again.MemberEpoch));
        Assert.Equal(4, member.Assigned.Length);
    }

    [Fact]
    public void Partitions_of_who_leaves_go_to_who_stays()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        TestConsumer.Settle(first, second);

        var left = second.Leave();

        Assert.Equal((ErrorCode.None, -1, "b"), (left.ErrorCode, left.MemberEpoch, left.MemberId));
        first.Beat();
        Assert.Equal((4, 4), (first.Epoch, first.Assigned.Length));
        Assert.Equal(ErrorCode.UnknownMemberId, second.Beat().ErrorCode);
    }

    [Fact]
    public void Member_that_is_silent_is_out_and_another_has_its_partitions()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        TestConsumer.Settle(first, second);
        driver.Pass(TestConsumer.SessionMs - 1);
        Assert.Equal(ErrorCode.None, second.Beat().ErrorCode);
        driver.Pass(1);

        Assert.Equal(ErrorCode.UnknownMemberId, first.Beat().ErrorCode);
        second.Beat();
        Assert.Equal(4, second.Assigned.Length);
    }

    [Fact]
    public void Member_that_does_not_revoke_in_time_is_out_though_it_beats()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        first.Beat();
        driver.Pass(TestConsumer.RebalanceMs - 1);
        Assert.Equal(ErrorCode.None, first.Beat().ErrorCode);
        driver.Pass(1);

        Assert.Equal(ErrorCode.UnknownMemberId, first.Beat().ErrorCode);
        second.Beat();
        Assert.Equal(4, second.Assigned.Length);
    }

    [Fact]
    public void Member_that_has_revoked_in_time_is_not_held_to_it_any_more()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        TestConsumer.Settle(first, second);
        driver.Pass(TestConsumer.RebalanceMs + 1);

        Assert.Equal(ErrorCode.None, first.Beat().ErrorCode);
    }

    [Fact]
    public void New_partitions_and_topics_are_noticed_by_the_next_heartbeat()
    {
        var member = new TestConsumer(driver, "a");
        member.Join("payments", "refunds");
        driver.Machine.Operate(driver.NowMs, cluster => cluster.AddPartitions("payments", 5, null, validateOnly: false));
        driver.CreateTopic("refunds");

        member.Beat();

        Assert.Equal((3, 6), (member.Epoch, member.Assigned.Length));
    }

    [Fact]
    public void Topic_that_is_created_anew_is_another_topic()
    {
        var member = Joined("a");
        var old = member.Owned[0].TopicId;
        driver.Machine.Operate(driver.NowMs, cluster => cluster.DeleteTopic("payments", driver.NowMs));
        driver.CreateTopic("payments", partitions: 2);

        member.Acknowledge();
        member.Acknowledge();
        Assert.NotEqual(old, Assert.Single(member.Owned).TopicId);
        Assert.Equal(["payments-0", "payments-1"], member.Assigned);
    }

    [Fact]
    public void Targets_are_made_no_more_often_than_the_interval_allows()
    {
        driver.Cluster.Settings.ConsumerAssignmentIntervalMs = 1_000;
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        Assert.Equal((2, ConsumerGroupState.Assigning), (second.Epoch, Group.State));
        Assert.Null(first.Acknowledge().Assignment);
        driver.Pass(1_000);

        TestConsumer.Settle(first, second);
        Assert.Equal((2, 2), (first.Assigned.Length, second.Assigned.Length));
    }

    [Fact]
    public void Group_survives_a_move_of_its_coordinator_and_sessions_begin_anew()
    {
        var (first, second) = (Joined("a"), new TestConsumer(driver, "b"));
        second.Join("payments");
        first.Acknowledge();
        driver.Pass(TestConsumer.RebalanceMs - 1);
        Move();

        Assert.Equal(ErrorCode.NotCoordinator, first.Beat().ErrorCode);
        first.Reconnect();
        second.Reconnect();
        driver.Pass(TestConsumer.RebalanceMs - 1);
        TestConsumer.Settle(first, second);
        Assert.Equal((2, 2), (first.Assigned.Length, second.Assigned.Length));
        Move();
        driver.Pass(TestConsumer.SessionMs);
        Assert.Equal(ConsumerGroupState.Empty, Group.State);
    }

    void Move() => Assert.Equal(ErrorCode.None, driver.Machine.Operate(
        driver.NowMs, cluster => cluster.Groups.Move("group", 3 - cluster.Groups.CoordinatorOf("group"), driver.NowMs)));

    TestConsumer Joined(string id)
    {
        var member = new TestConsumer(driver, id);
        Assert.Equal(ErrorCode.None, member.Join("payments").ErrorCode);
        return member;
    }
}
