using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

public sealed class CoordinatorTests
{
    readonly MachineDriver driver = new(brokers: 2);

    int Coordinator => driver.Cluster.Groups.CoordinatorOf("group");

    int Other => 3 - Coordinator;

    [Fact]
    public void Slot_of_a_group_is_javas_hash_over_fifty()
    {
        Assert.Equal(0, CoordinatorSlots.SlotOf(""));
        Assert.Equal(97 % 50, CoordinatorSlots.SlotOf("a"));
        Assert.Equal(((97 * 31) + 98) % 50, CoordinatorSlots.SlotOf("ab"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void Any_broker_names_the_coordinator(short version)
    {
        var request = new FindCoordinatorRequest();
        if (version >= 4)
            request.CoordinatorKeys = ["group"];
        else
            request.Key = "group";

        var answer = driver.Ask(driver.Connect(Other), request, version);

        var (node, host) = version >= 4
            ? (answer.Coordinators[0].NodeId, answer.Coordinators[0].Host)
            : (answer.NodeId, answer.Host);
        Assert.Equal((Coordinator, $"host-{Coordinator}"), (node, host));
    }

    [Fact]
    public void Other_brokers_do_not_coordinate()
    {
        var member = new TestMember(driver, node: Other);

        Assert.Equal(ErrorCode.NotCoordinator, driver.Ask(member.Connection, member.JoinRequest(9), 9).ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, member.Sync().ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, member.Heartbeat());
    }

    [Fact]
    public void Stable_group_survives_a_move_with_its_generation_and_offsets()
    {
        driver.CreateTopic("payments");
        var member = new TestMember(driver);
        member.Join();
        member.Sync((member, "all"));
        member.Commit("payments", 5);
        Move();

        Assert.Equal(ErrorCode.NotCoordinator, member.Heartbeat());
        member.Reconnect();
        Assert.Equal(ErrorCode.None, member.Heartbeat());
        Assert.Equal("all", TestMember.Text(member.Sync()));
        Assert.Equal(5, driver.Cluster.Groups.Find("group")!.Offsets.Find("payments", 0)!.Value.Offset);
    }

    [Fact]
    public void Move_ends_parked_requests_and_forgets_the_generation_that_was_being_formed()
    {
        var first = new TestMember(driver);
        first.Join();
        first.Sync((first, "all"));
        var second = new TestMember(driver);
        second.SendJoin();
        Move();

        Assert.Equal(ErrorCode.NotCoordinator, second.TakeJoin().ErrorCode);
        second.Reconnect();
        Assert.Equal(ErrorCode.UnknownMemberId, second.Join().ErrorCode);
        first.Reconnect();
        Assert.Equal(ErrorCode.None, first.Heartbeat());
    }

    [Fact]
    public void Session_begins_anew_after_a_move()
    {
        var member = new TestMember(driver);
        member.Join();
        member.Sync((member, "all"));
        driver.Pass(TestMember.SessionMs - 1);
        Move();
        driver.Pass(TestMember.SessionMs - 1);

        Assert.Equal(1, driver.Cluster.Groups.Find("group")!.Count);
        driver.Pass(1);
        Assert.Equal(0, driver.Cluster.Groups.Find("group")!.Count);
    }

    [Fact]
    public void Stopped_broker_gives_its_groups_to_another()
    {
        var member = new TestMember(driver);
        member.Join();
        member.Sync((member, "all"));
        var old = Coordinator;
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(old, driver.NowMs));

        Assert.NotEqual(old, Coordinator);
        member.Reconnect();
        Assert.Equal(ErrorCode.None, member.Heartbeat());
    }

    [Fact]
    public void Without_brokers_there_is_no_coordinator_until_one_starts()
    {
        var node = Coordinator;
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(1, driver.NowMs));
        driver.Machine.Operate(driver.NowMs, cluster => cluster.StopBroker(2, driver.NowMs));
        Assert.Equal(-1, Coordinator);

        driver.Machine.Operate(driver.NowMs, cluster => cluster.StartBroker(node, driver.NowMs));
        Assert.Equal(node, Coordinator);
    }

    void Move() => Assert.Equal(
        ErrorCode.None, driver.Machine.Operate(driver.NowMs, cluster => cluster.Groups.Move("group", Other, driver.NowMs)));
}
