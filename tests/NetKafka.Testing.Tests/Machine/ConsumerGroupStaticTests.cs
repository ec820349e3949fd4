using NetKafka.Protocol;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Static members of the consumer protocol.</summary>
public sealed class ConsumerGroupStaticTests
{
    readonly MachineDriver driver = new();

    public ConsumerGroupStaticTests() => driver.CreateTopic("payments", partitions: 4);

    ConsumerGroup Group => driver.Cluster.Groups.FindConsumer("group")!;

    [Fact]
    public void Static_member_that_left_for_now_keeps_its_partitions_from_others()
    {
        var (away, other) = Settled();

        var left = away.Leave(-2);

        Assert.Equal((ErrorCode.None, -2), (left.ErrorCode, left.MemberEpoch));
        Assert.Null(other.Beat().Assignment);
        Assert.Equal(2, other.Assigned.Length);
    }

    [Fact]
    public void Static_member_comes_back_under_another_id_to_what_it_had_and_the_epoch_stays()
    {
        var (away, other) = Settled();
        away.Leave(-2);
        var back = new TestConsumer(driver, "c", "i");

        var answer = back.Join("payments");

        Assert.Equal((ErrorCode.None, 3), (answer.ErrorCode, answer.MemberEpoch));
        Assert.Equal(away.Assigned, back.Assigned);
        Assert.Null(other.Beat().Assignment);
        Assert.Equal((2, 3), (Group.Count, Group.GroupEpoch));
        Assert.Equal(ErrorCode.None, back.Commit("payments", 1, epoch: 1, partition: int.Parse(back.Assigned[0][^1..])));
    }

    [Fact]
    public void Instance_id_of_who_did_not_leave_is_not_released()
    {
        var (first, _) = Settled();
        var second = new TestConsumer(driver, "c", "i");

        Assert.Equal(ErrorCode.UnreleasedInstanceId, second.Join("payments").ErrorCode);
        Assert.Equal(ErrorCode.UnreleasedInstanceId, first.Join("payments").ErrorCode);
        driver.Pass(TestConsumer.SessionMs);
        Assert.Equal(ErrorCode.None, second.Join("payments").ErrorCode);
    }

    [Fact]
    public void Member_whose_instance_id_another_has_taken_over_is_fenced()
    {
        var (first, _) = Settled();
        first.Leave(-2);
        new TestConsumer(driver, "c", "i").Join("payments");

        Assert.Equal(ErrorCode.FencedInstanceId, first.Beat().ErrorCode);
        Assert.Equal(ErrorCode.FencedInstanceId, first.Leave().ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, first.Commit("payments", 1));
    }

    [Fact]
    public void Instance_id_that_nobody_has_is_unknown()
    {
        Settled();
        var stranger = new TestConsumer(driver, "c", "j");
        var request = stranger.BeatRequest();
        request.MemberEpoch = 2;

        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Ask(request).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Leave(-2).ErrorCode);
    }

    [Fact]
    public void Static_member_that_does_not_come_back_in_its_session_is_out()
    {
        var (away, other) = Settled();
        away.Leave(-2);
        driver.Pass(TestConsumer.SessionMs - 1);
        other.Beat();
        Assert.Equal(2, other.Assigned.Length);
        driver.Pass(1);

        other.Beat();
        Assert.Equal(4, other.Assigned.Length);
    }

    [Fact]
    public void Static_member_that_leaves_for_good_gives_its_partitions_up()
    {
        var (first, other) = Settled();

        Assert.Equal(ErrorCode.None, first.Leave().ErrorCode);
        other.Beat();
        Assert.Equal(4, other.Assigned.Length);
    }

    [Fact]
    public void Member_that_is_away_is_in_no_epoch()
    {
        var (away, _) = Settled();
        away.Leave(-2);

        Assert.Equal(ErrorCode.FencedMemberEpoch, away.Beat().ErrorCode);
        Assert.Equal(ErrorCode.StaleMemberEpoch, away.Commit("payments", 1));
    }

    (TestConsumer Static, TestConsumer Other) Settled()
    {
        var (first, second) = (new TestConsumer(driver, "a", "i"), new TestConsumer(driver, "b"));
        first.Join("payments");
        second.Join("payments");
        TestConsumer.Settle(first, second);
        Assert.Equal((2, 2), (first.Assigned.Length, second.Assigned.Length));
        return (first, second);
    }
}
