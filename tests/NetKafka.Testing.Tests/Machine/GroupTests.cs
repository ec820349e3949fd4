using System.Text;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class GroupTests
{
    readonly MachineDriver driver = new();

    ClassicGroup Group => driver.Cluster.Groups.FindClassic("group")!;

    [Fact]
    public void First_member_leads_a_generation_of_its_own()
    {
        var member = new TestMember(driver);

        var joined = member.Join();

        Assert.Equal((1, "range", "consumer"), (joined.GenerationId, joined.ProtocolName, joined.ProtocolType));
        Assert.Equal(member.Id, joined.Leader);
        Assert.Equal("topics", Encoding.UTF8.GetString(Assert.Single(joined.Members).Metadata));
        Assert.StartsWith("tests-", member.Id, StringComparison.Ordinal);
        Assert.Equal("all", TestMember.Text(member.Sync((member, "all"))));
        Assert.Equal(GroupState.Stable, Group.State);
    }

    [Fact]
    public void Join_before_version_4_needs_no_member_id()
    {
        Assert.Equal(ErrorCode.None, new TestMember(driver).Join(version: 3).ErrorCode);
    }

    [Fact]
    public void Member_id_that_was_given_but_never_used_is_forgotten()
    {
        var ghost = new TestMember(driver);
        ghost.Id = driver.Ask(ghost.Connection, ghost.JoinRequest(9), 9).MemberId;
        driver.Pass(TestMember.SessionMs);

        Assert.Equal(ErrorCode.UnknownMemberId, ghost.Join().ErrorCode);
    }

    [Fact]
    public void Second_member_waits_until_the_first_rejoins()
    {
        var first = Stable();
        var second = new TestMember(driver);
        second.SendJoin();

        Assert.False(second.HasAnswer);
        Assert.Equal(ErrorCode.RebalanceInProgress, first.Heartbeat());
        var again = first.Join();
        var joined = second.TakeJoin();

        Assert.Equal((2, 2), (again.GenerationId, joined.GenerationId));
        Assert.Equal(first.Id, joined.Leader);
        Assert.Equal(2, again.Members.Length);
        Assert.Empty(joined.Members);
    }

    [Fact]
    public void Followers_sync_waits_for_the_leaders()
    {
        var (leader, follower) = Pair();
        follower.SendSync();

        Assert.False(follower.HasAnswer);
        Assert.Equal("one", TestMember.Text(leader.Sync((leader, "one"), (follower, "two"))));
        Assert.Equal("two", TestMember.Text(follower.TakeSync()));
    }

    [Fact]
    public void Sync_after_the_leaders_is_answered_at_once()
    {
        var (leader, follower) = Pair();
        leader.Sync((leader, "one"), (follower, "two"));

        Assert.Equal("two", TestMember.Text(follower.Sync()));
    }

    [Fact]
    public void Member_that_is_not_in_the_assignment_gets_an_empty_one()
    {
        var (leader, follower) = Pair();
        leader.Sync((leader, "one"));

        Assert.Equal("", TestMember.Text(follower.Sync()));
    }

    [Fact]
    public void Member_that_does_not_rejoin_is_out_after_the_rebalance_timeout()
    {
        var (leader, follower) = StablePair();
        var third = new TestMember(driver);
        third.SendJoin();
        leader.SendJoin();
        Beat(follower, TestMember.RebalanceMs);

        Assert.Equal(3, leader.TakeJoin().GenerationId);
        Assert.Equal(3, third.TakeJoin().GenerationId);
        Assert.Equal(2, Group.Count);
        Assert.Equal(ErrorCode.UnknownMemberId, follower.Heartbeat());
    }

    [Fact]
    public void Session_ends_without_heartbeats_and_lasts_with_them()
    {
        var (leader, follower) = StablePair();
        driver.Pass(TestMember.SessionMs - 1);
        Assert.Equal(ErrorCode.None, leader.Heartbeat());
        driver.Pass(1);

        Assert.Equal(ErrorCode.UnknownMemberId, follower.Heartbeat());
        Assert.Equal(ErrorCode.RebalanceInProgress, leader.Heartbeat());
    }

    [Fact]
    public void Parked_join_keeps_its_member_alive()
    {
        var (leader, follower) = StablePair();
        leader.SendJoin();
        driver.Pass(TestMember.SessionMs - 1);
        Assert.Equal(ErrorCode.RebalanceInProgress, follower.Heartbeat());
        driver.Pass(TestMember.SessionMs - 1);
        follower.SendJoin();

        Assert.Equal(3, leader.TakeJoin().GenerationId);
        Assert.Equal(3, follower.TakeJoin().GenerationId);
    }

    [Fact]
    public void Members_that_never_sync_are_out_after_the_rebalance_timeout()
    {
        var (leader, follower) = Pair();
        leader.SendSync((leader, "one"));
        Assert.True(leader.HasAnswer);
        leader.TakeSync();
        for (var i = 0; i < 4; i++)
        {
            driver.Pass(TestMember.RebalanceMs / 4);
            leader.Heartbeat();
            if (i < 3)
                Assert.Equal(ErrorCode.None, follower.Heartbeat());
        }

        Assert.Equal(ErrorCode.UnknownMemberId, follower.Heartbeat());
        Assert.Equal(ErrorCode.RebalanceInProgress, leader.Heartbeat());
    }

    [Fact]
    public void Leaving_member_starts_a_rebalance_at_once()
    {
        var (leader, follower) = StablePair();

        Assert.Equal(ErrorCode.None, follower.Leave());
        Assert.Equal(ErrorCode.RebalanceInProgress, leader.Heartbeat());
        Assert.Equal(3, leader.Join().GenerationId);
    }

    [Fact]
    public void Last_member_that_leaves_empties_the_group_and_its_offsets_stay()
    {
        driver.CreateTopic("payments");
        var member = Stable();
        member.Commit("payments", 5);
        member.Leave();

        Assert.Equal((GroupState.Empty, 2), (Group.State, Group.Generation));
        Assert.Equal(5, Group.Offsets.Find("payments", 0)!.Value.Offset);
    }

    [Fact]
    public void Unknown_member_is_told_so_everywhere()
    {
        Stable();
        var stranger = new TestMember(driver) { Id = "stranger" };

        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Join().ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Sync().ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Heartbeat());
        Assert.Equal(ErrorCode.UnknownMemberId, stranger.Leave());
        Assert.Equal(ErrorCode.UnknownMemberId, new TestMember(driver, "nobody") { Id = "stranger" }.Heartbeat());
    }

    [Fact]
    public void Old_generation_is_illegal()
    {
        driver.CreateTopic("payments");
        var first = Stable();
        var second = new TestMember(driver);
        second.SendJoin();
        var stale = first.Generation;
        first.Join();
        second.TakeJoin();

        Assert.Equal(ErrorCode.IllegalGeneration, first.Commit("payments", 1, generation: stale));
        Assert.Equal(ErrorCode.RebalanceInProgress, first.Commit("payments", 1));
    }

    [Fact]
    public void Commit_is_taken_while_members_are_asked_to_rejoin()
    {
        driver.CreateTopic("payments");
        var first = Stable();
        new TestMember(driver).SendJoin();

        Assert.Equal(ErrorCode.None, first.Commit("payments", 7));
    }

    [Fact]
    public void Protocol_is_one_that_all_can_and_most_like()
    {
        var first = new TestMember(driver) { Protocols = [("a", ""), ("b", ""), ("c", "")] };
        first.Join();
        var second = new TestMember(driver) { Protocols = [("c", ""), ("b", "")] };
        var third = new TestMember(driver) { Protocols = [("c", ""), ("b", "")] };
        second.SendJoin();
        third.SendJoin();
        first.SendJoin();

        Assert.Equal("c", first.TakeJoin().ProtocolName);
    }

    [Fact]
    public void Protocol_that_others_cannot_is_inconsistent()
    {
        Stable();
        var odd = new TestMember(driver) { Protocols = [("odd", "")] };

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, driver.Ask(odd.Connection, odd.JoinRequest(9), 9).ErrorCode);
    }

    [Fact]
    public void Follower_that_rejoins_with_nothing_new_hears_the_generation_again()
    {
        var (leader, follower) = StablePair();

        Assert.Equal(2, follower.Join().GenerationId);
        Assert.Equal(GroupState.Stable, Group.State);
        Assert.Equal(ErrorCode.None, leader.Heartbeat());
    }

    [Fact]
    public void Leader_that_rejoins_starts_a_rebalance()
    {
        var (leader, follower) = StablePair();
        leader.SendJoin();

        Assert.False(leader.HasAnswer);
        Assert.Equal(ErrorCode.RebalanceInProgress, follower.Heartbeat());
    }

    [Fact]
    public void Follower_with_other_metadata_starts_a_rebalance()
    {
        var (leader, follower) = StablePair();
        follower.Protocols = [("range", "other topics")];
        follower.SendJoin();

        Assert.False(follower.HasAnswer);
        Assert.Equal(ErrorCode.RebalanceInProgress, leader.Heartbeat());
    }

    [Fact]
    public void Rebalance_ends_the_syncs_that_wait()
    {
        var (_, follower) = Pair();
        follower.SendSync();
        new TestMember(driver).SendJoin();

        Assert.Equal(ErrorCode.RebalanceInProgress, follower.TakeSync().ErrorCode);
    }

    [Fact]
    public void Initial_delay_gathers_the_members_into_one_generation()
    {
        driver.Cluster.Settings.InitialRebalanceDelayMs = 3_000;
        var first = new TestMember(driver);
        var second = new TestMember(driver);
        first.SendJoin();
        driver.Pass(2_000);
        second.SendJoin();
        driver.Pass(1_000);
        Assert.False(first.HasAnswer);
        driver.Pass(3_000);

        Assert.Equal(1, first.TakeJoin().GenerationId);
        Assert.Equal(1, second.TakeJoin().GenerationId);
    }

    [Theory]
    [InlineData(5_999)]
    [InlineData(1_800_001)]
    public void Session_timeout_has_bounds(int sessionTimeoutMs)
    {
        var member = new TestMember(driver);
        var request = member.JoinRequest(9);
        request.SessionTimeoutMs = sessionTimeoutMs;

        Assert.Equal(ErrorCode.InvalidSessionTimeout, driver.Ask(member.Connection, request, 9).ErrorCode);
    }

    [Fact]
    public void Group_has_a_most_of_members()
    {
        driver.Cluster.Settings.MaxGroupSize = 1;
        Stable();
        var second = new TestMember(driver);

        Assert.Equal(ErrorCode.GroupMaxSizeReached, driver.Ask(second.Connection, second.JoinRequest(9), 9).ErrorCode);
    }

    [Fact]
    public void Member_whose_connection_is_lost_while_it_joins_stays_until_its_session_ends()
    {
        var first = Stable();
        var second = new TestMember(driver);
        second.SendJoin();
        driver.Machine.Disconnect(second.Connection, driver.NowMs);
        Assert.Equal(2, first.Join().GenerationId);
        first.Sync((first, "all"));
        driver.Pass(TestMember.SessionMs - 1);
        first.Heartbeat();
        Assert.Equal(2, Group.Count);
        driver.Pass(1);

        Assert.Equal(1, Group.Count);
    }

    TestMember Stable()
    {
        var member = new TestMember(driver);
        member.Join();
        member.Sync((member, "all"));
        return member;
    }

    (TestMember Leader, TestMember Follower) Pair()
    {
        var leader = Stable();
        var follower = new TestMember(driver);
        follower.SendJoin();
        leader.Join();
        follower.TakeJoin();
        Assert.True(leader.IsLeader);
        Assert.False(follower.IsLeader);
        return (leader, follower);
    }

    (TestMember Leader, TestMember Follower) StablePair()
    {
        var (leader, follower) = Pair();
        leader.Sync((leader, "one"), (follower, "two"));
        follower.Sync();
        return (leader, follower);
    }

    /// <summary>Time passes while one member keeps its session alive.</summary>
    void Beat(TestMember member, int ms)
    {
        for (var left = ms; left > 0; left -= 5_000)
        {
            driver.Pass(Math.Min(5_000, left));
            if (left > 5_000)
                member.Heartbeat();
        }
    }
}
