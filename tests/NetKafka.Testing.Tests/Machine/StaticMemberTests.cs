using NetKafka.Protocol;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class StaticMemberTests
{
    readonly MachineDriver driver = new();
    readonly TestMember leader;
    readonly TestMember follower;

    public StaticMemberTests()
    {
        leader = new TestMember(driver, instanceId: "one");
        follower = new TestMember(driver, instanceId: "two");
        leader.Join();
        leader.Sync((leader, "a"));
        follower.SendJoin();
        leader.Join();
        follower.TakeJoin();
        leader.Sync((leader, "a"), (follower, "b"));
        follower.Sync();
    }

    ClassicGroup Group => driver.Cluster.Groups.FindClassic("group")!;

    [Fact]
    public void Static_member_joins_without_asking_for_an_id()
    {
        Assert.StartsWith("two-", follower.Id, StringComparison.Ordinal);
        Assert.Equal(GroupState.Stable, Group.State);
    }

    [Fact]
    public void Restarted_member_takes_over_its_assignment_without_a_rebalance()
    {
        var restarted = new TestMember(driver, instanceId: "two");

        Assert.Equal(2, restarted.Join().GenerationId);
        Assert.NotEqual(follower.Id, restarted.Id);
        Assert.Equal("b", TestMember.Text(restarted.Sync()));
        Assert.Equal(ErrorCode.None, leader.Heartbeat());
    }

    [Fact]
    public void Old_id_is_fenced()
    {
        new TestMember(driver, instanceId: "two").Join();

        Assert.Equal(ErrorCode.FencedInstanceId, follower.Heartbeat());
        Assert.Equal(ErrorCode.FencedInstanceId, follower.Join().ErrorCode);
        Assert.Equal(ErrorCode.FencedInstanceId, follower.Sync().ErrorCode);
    }

    [Fact]
    public void Restarted_leader_is_told_to_skip_the_assignment()
    {
        var restarted = new TestMember(driver, instanceId: "one");

        var joined = restarted.Join();

        Assert.True(joined.SkipAssignment);
        Assert.Equal(restarted.Id, joined.Leader);
        Assert.Equal(2, joined.Members.Length);
        Assert.Equal("a", TestMember.Text(restarted.Sync()));
    }

    [Fact]
    public void Restarted_leader_of_an_old_version_is_a_follower_for_once()
    {
        var old = leader.Id;
        var joined = new TestMember(driver, instanceId: "one").Join(version: 8);

        Assert.Equal(old, joined.Leader);
        Assert.Empty(joined.Members);
    }

    [Fact]
    public void Static_member_keeps_its_place_through_a_rebalance_until_its_session_ends()
    {
        var third = new TestMember(driver);
        third.SendJoin();
        leader.SendJoin();
        driver.Pass(TestMember.SessionMs - 1);
        Assert.Equal(3, Group.Count);
        driver.Pass(1);

        Assert.Equal(3, leader.TakeJoin().GenerationId);
        Assert.Equal(2, Group.Count);
    }

    [Fact]
    public void Static_member_is_removed_by_its_instance()
    {
        var answer = driver.Ask(
            leader.Connection,
            new Protocol.Messages.LeaveGroupRequest { GroupId = "group", Members = [new() { GroupInstanceId = "two" }] },
            5);

        Assert.Equal(ErrorCode.None, answer.Members[0].ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, follower.Heartbeat());
    }
}
