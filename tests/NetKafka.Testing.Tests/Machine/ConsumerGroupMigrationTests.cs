using System.Text;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Groups that go over to the other protocol while members are in them (KIP-848).</summary>
public sealed class ConsumerGroupMigrationTests
{
    readonly MachineDriver driver = new();

    public ConsumerGroupMigrationTests() => driver.CreateTopic("payments", partitions: 4);

    ConsumerGroup Consumers => driver.Cluster.Groups.FindConsumer("group")!;

    ClassicGroup Classics => driver.Cluster.Groups.FindClassic("group")!;

    [Fact]
    public void Classic_group_goes_over_when_a_consumer_joins_and_goes_on_in_its_generation()
    {
        var classic = Stable(0, 1, 2, 3);
        var consumer = new TestConsumer(driver, "a");

        var answer = consumer.Join("payments");

        Assert.Equal((ErrorCode.None, 2, 0), (answer.ErrorCode, answer.MemberEpoch, consumer.Assigned.Length));
        Assert.Equal((2, 2), (Consumers.Count, Consumers.GroupEpoch));
        var known = Consumers.Find(classic.Id)!;
        Assert.Equal((1, 4), (known.Epoch, known.Assigned.Count));
        Assert.Equal(ErrorCode.RebalanceInProgress, classic.Heartbeat());
    }

    [Fact]
    public void Classic_member_that_revokes_before_it_joins_gets_its_share_in_one_step()
    {
        var classic = Stable(0, 1, 2, 3);
        var consumer = new TestConsumer(driver, "a");
        consumer.Join("payments");
        Subscribe(classic);

        var joined = classic.Join();

        Assert.Equal((ErrorCode.None, 2, "range", ""), (joined.ErrorCode, joined.GenerationId, joined.ProtocolName, joined.Leader));
        Assert.Empty(joined.Members);
        Assert.Equal(2, AssignedBy(classic.Sync()).Length);
        Assert.Equal(ErrorCode.None, classic.Heartbeat());
        consumer.Beat();
        Assert.Equal(2, consumer.Assigned.Length);
        Assert.Equal(ConsumerGroupState.Stable, Consumers.State);
    }

    [Fact]
    public void Classic_member_that_keeps_partitions_is_asked_to_revoke_and_to_join_again()
    {
        var classic = Stable(0, 1, 2, 3);
        var consumer = new TestConsumer(driver, "a");
        consumer.Join("payments");
        Subscribe(classic, 0, 1, 2, 3);

        Assert.Equal(1, classic.Join().GenerationId);
        var kept = AssignedBy(classic.Sync());
        Assert.Equal(2, kept.Length);
        Assert.Null(consumer.Beat().Assignment);
        Assert.Equal(ErrorCode.RebalanceInProgress, classic.Heartbeat());

        Subscribe(classic, kept);
        Assert.Equal(2, classic.Join().GenerationId);
        Assert.Equal(kept, AssignedBy(classic.Sync()));
        consumer.Beat();
        Assert.Equal(2, consumer.Assigned.Length);
    }

    [Fact]
    public void Classic_member_is_told_to_join_when_what_it_waits_for_is_free()
    {
        var consumer = new TestConsumer(driver, "a");
        consumer.Join("payments");
        var classic = Classic();
        Assert.Equal(3, classic.Join().GenerationId);
        Assert.Empty(AssignedBy(classic.Sync()));
        Assert.Equal(ErrorCode.None, classic.Heartbeat());

        consumer.Acknowledge();
        consumer.Acknowledge();

        Assert.Equal(ErrorCode.RebalanceInProgress, classic.Heartbeat());
        Assert.Equal(3, classic.Join().GenerationId);
        Assert.Equal(2, AssignedBy(classic.Sync()).Length);
        Assert.Equal(ErrorCode.None, classic.Heartbeat());
    }

    [Fact]
    public void Classic_member_is_given_an_id_first()
    {
        new TestConsumer(driver, "a").Join("payments");
        var classic = Classic();

        var answer = driver.Ask(classic.Connection, classic.JoinRequest(9), 9);

        Assert.Equal(ErrorCode.MemberIdRequired, answer.ErrorCode);
        Assert.NotEmpty(answer.MemberId);
    }

    [Fact]
    public void Parked_requests_of_a_group_that_goes_over_end_with_a_rebalance()
    {
        Stable(0, 1, 2, 3);
        var second = Classic();
        second.SendJoin();

        new TestConsumer(driver, "a").Join("payments");

        Assert.Equal(ErrorCode.RebalanceInProgress, second.TakeJoin().ErrorCode);
        Assert.Equal(ErrorCode.None, second.Join().ErrorCode);
    }

    [Fact]
    public void Group_goes_back_when_its_last_consumer_leaves()
    {
        var (classic, consumer) = Mixed();

        consumer.Leave();

        Assert.Equal((GroupState.PreparingRebalance, 2), (Classics.State, Classics.Generation));
        Assert.Equal(ErrorCode.RebalanceInProgress, classic.Heartbeat());
        var joined = classic.Join();
        Assert.Equal((ErrorCode.None, 3, classic.Id), (joined.ErrorCode, joined.GenerationId, joined.Leader));
    }

    [Fact]
    public void Group_goes_back_when_its_last_consumer_is_silent_and_keeps_its_offsets()
    {
        var (classic, consumer) = Mixed();
        Assert.Equal(ErrorCode.None, consumer.Commit("payments", 5, partition: int.Parse(consumer.Assigned[0][^1..])));
        for (var passed = 0; passed < TestConsumer.SessionMs; passed += 5_000)
        {
            driver.Pass(5_000);
            classic.Heartbeat();
        }

        Assert.Equal([classic.Id], Classics.Members.Select(member => member.MemberId));
        Assert.False(Classics.Offsets.IsEmpty);
    }

    [Fact]
    public void Group_whose_consumers_all_leave_with_nobody_behind_stays_what_it_is()
    {
        var (classic, consumer) = Mixed();
        Assert.Equal(ErrorCode.None, classic.Leave());
        consumer.Beat();
        Assert.Equal(4, consumer.Assigned.Length);

        consumer.Leave();

        Assert.Equal(ConsumerGroupState.Empty, Consumers.State);
    }

    [Fact]
    public void Requests_of_the_other_protocol_do_not_count_for_a_member()
    {
        var (classic, consumer) = Mixed();
        var posing = new TestMember(driver) { Id = consumer.Id };

        Assert.Equal(ErrorCode.UnknownMemberId, posing.Heartbeat());
        Assert.Equal(ErrorCode.UnknownMemberId, posing.Sync().ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, new TestMember(driver) { Id = "stranger" }.Heartbeat());
        Assert.Equal(0, MemberTypeOf(classic.Id));
        Assert.Equal(1, MemberTypeOf(consumer.Id));
    }

    [Fact]
    public void Member_of_the_consumer_protocol_is_put_out_by_a_request_of_the_classic_one()
    {
        var (_, consumer) = Mixed();

        Assert.Equal(ErrorCode.None, new TestMember(driver) { Id = consumer.Id }.Leave());

        // The last of its protocol is gone, and the group goes back.
        Assert.Equal(ErrorCode.GroupIdNotFound, consumer.Beat().ErrorCode);
    }

    [Fact]
    public void Classic_member_lives_in_its_generation_alone()
    {
        var (classic, _) = Mixed();
        var stale = new TestMember(driver) { Id = classic.Id };

        Assert.Equal(ErrorCode.IllegalGeneration, stale.Heartbeat());
        Assert.Equal(ErrorCode.IllegalGeneration, stale.Sync().ErrorCode);
        Assert.Equal(ErrorCode.IllegalGeneration, classic.Commit("payments", 5, generation: 9));
        Assert.Equal(ErrorCode.None, classic.Commit("payments", 5));
    }

    [Fact]
    public void Sync_by_another_protocol_than_was_told_is_refused()
    {
        var (classic, _) = Mixed();
        var request = new SyncGroupRequest
        {
            GroupId = "group", MemberId = classic.Id, GenerationId = classic.Generation, ProtocolType = "consumer", ProtocolName = "sticky",
        };

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, driver.Ask(classic.Connection, request, 5).ErrorCode);
    }

    [Fact]
    public void Classic_member_that_does_not_join_in_time_is_out()
    {
        var (classic, consumer) = Mixed();
        var second = new TestConsumer(driver, "b");
        second.Join("payments");
        for (var passed = 0; passed < TestMember.RebalanceMs; passed += 5_000)
        {
            Assert.Equal(ErrorCode.RebalanceInProgress, classic.Heartbeat());
            consumer.Beat();
            second.Beat();
            driver.Pass(5_000);
        }

        Assert.Equal(ErrorCode.UnknownMemberId, classic.Heartbeat());
    }

    [Fact]
    public void Classic_member_that_does_not_sync_in_time_is_out()
    {
        var (classic, _) = Mixed();
        classic.Join();
        for (var passed = 0; passed < TestMember.RebalanceMs; passed += 5_000)
        {
            Assert.Equal(ErrorCode.None, classic.Heartbeat());
            driver.Pass(5_000);
        }

        Assert.Equal(ErrorCode.UnknownMemberId, classic.Heartbeat());
    }

    [Fact]
    public void Static_classic_member_comes_back_as_a_consumer_to_what_it_had()
    {
        var classic = Stable("i", 0, 1, 2, 3);
        var consumer = new TestConsumer(driver, "a", "i");

        var answer = consumer.Join("payments");

        Assert.Equal((ErrorCode.None, 4), (answer.ErrorCode, consumer.Assigned.Length));
        Assert.Equal(ErrorCode.FencedInstanceId, classic.Heartbeat());
        Assert.Equal(1, Consumers.Count);
    }

    [Fact]
    public void Static_consumer_that_comes_back_as_a_classic_member_takes_the_group_back()
    {
        var consumer = new TestConsumer(driver, "a", "i");
        consumer.Join("payments");
        var classic = Classic("i");

        var joined = classic.Join();

        Assert.Equal((ErrorCode.None, 2), (joined.ErrorCode, joined.GenerationId));
        Assert.Equal(GroupState.Stable, Classics.State);
        Assert.Equal(4, AssignedBy(classic.Sync()).Length);
        Assert.Equal(ErrorCode.GroupIdNotFound, consumer.Beat().ErrorCode);
    }

    [Theory]
    [InlineData("Disabled")]
    [InlineData("Downgrade")]
    public void Group_stays_classic_where_the_policy_says_so(string policy)
    {
        driver.Cluster.Settings.GroupMigration = Enum.Parse<GroupMigrationPolicy>(policy);
        var classic = Stable(0, 1, 2, 3);

        Assert.Equal(ErrorCode.GroupIdNotFound, new TestConsumer(driver, "a").Join("payments").ErrorCode);
        Assert.Equal(ErrorCode.None, classic.Heartbeat());
    }

    [Fact]
    public void Group_does_not_go_back_where_the_policy_says_so()
    {
        driver.Cluster.Settings.GroupMigration = GroupMigrationPolicy.Upgrade;
        var (classic, consumer) = Mixed();

        consumer.Leave();

        Assert.Equal(ErrorCode.RebalanceInProgress, classic.Heartbeat());
        Subscribe(classic);
        Assert.Equal(3, classic.Join().GenerationId);
        Assert.Equal(4, AssignedBy(classic.Sync()).Length);
        Assert.NotNull(Consumers);
    }

    [Fact]
    public void Classic_member_cannot_join_consumers_where_nothing_goes_over()
    {
        driver.Cluster.Settings.GroupMigration = GroupMigrationPolicy.Disabled;
        new TestConsumer(driver, "a").Join("payments");

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, driver.Ask(driver.Connect(), Classic().JoinRequest(9), 9).ErrorCode);
    }

    [Fact]
    public void Classic_member_with_other_protocols_than_the_rest_is_refused()
    {
        Mixed();
        var other = Classic();
        other.Protocols = [("sticky", other.Protocols[0].Metadata)];

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, driver.Ask(other.Connection, other.JoinRequest(9), 9).ErrorCode);
    }

    [Fact]
    public void Group_whose_members_cannot_be_read_stays_classic()
    {
        var classic = new TestMember(driver) { Protocols = [("range", "x")] };
        classic.Join();
        classic.Sync();

        Assert.Equal(ErrorCode.GroupIdNotFound, new TestConsumer(driver, "a").Join("payments").ErrorCode);
        Assert.Equal(ErrorCode.None, classic.Heartbeat());
    }

    [Fact]
    public void Group_with_both_kinds_of_members_survives_a_move_of_its_coordinator()
    {
        var world = new MachineDriver(brokers: 2);
        world.CreateTopic("payments", partitions: 4);
        var consumer = new TestConsumer(world, "a");
        consumer.Join("payments");
        var classic = new TestMember(world) { Protocols = [("range", Subscription())] };
        classic.Join();
        world.Machine.Operate(world.NowMs, cluster => cluster.Groups.Move("group", 3 - cluster.Groups.CoordinatorOf("group"), world.NowMs));

        classic.Reconnect();
        Assert.Equal(ErrorCode.None, classic.Heartbeat());
        world.Pass(TestMember.SessionMs);
        Assert.Equal([consumer.Id], world.Cluster.Groups.Find("group")!.Members.Select(member => member.MemberId));
    }

    /// <summary>A classic member and a consumer with two partitions each, in epoch 2.</summary>
    (TestMember Classic, TestConsumer Consumer) Mixed()
    {
        var classic = Stable(0, 1, 2, 3);
        var consumer = new TestConsumer(driver, "a");
        consumer.Join("payments");
        Subscribe(classic);
        classic.Join();
        classic.Sync();
        consumer.Beat();
        Assert.Equal((2, 2), (consumer.Assigned.Length, consumer.Epoch));
        return (classic, consumer);
    }

    TestMember Stable(params int[] partitions) => Stable(null, partitions);

    TestMember Stable(string? instanceId, params int[] partitions)
    {
        var member = Classic(instanceId);
        member.Join();
        member.Sync((member, Assignment(partitions)));
        Assert.Equal(GroupState.Stable, Classics.State);
        return member;
    }

    TestMember Classic(string? instanceId = null)
    {
        var member = new TestMember(driver, instanceId: instanceId);
        Subscribe(member);
        return member;
    }

    static void Subscribe(TestMember member, params int[] owned) => member.Protocols = [("range", Subscription(owned))];

    /// <summary>A subscription of version 1: topics, no user data, and what is owned.</summary>
    static string Subscription(params int[] owned) => Text(writer =>
    {
        writer.WriteInt16(1);
        writer.WriteInt32(1);
        writer.WriteString("payments", "Topic");
        writer.WriteInt32(0);
        writer.WriteInt32(owned.Length == 0 ? 0 : 1);
        if (owned.Length > 0)
            WritePartitions(writer, owned);
    });

    static string Assignment(int[] partitions) => Text(writer =>
    {
        writer.WriteInt16(0);
        writer.WriteInt32(1);
        WritePartitions(writer, partitions);
        writer.WriteInt32(0);
    });

    static void WritePartitions(KafkaWriter writer, int[] partitions)
    {
        writer.WriteString("payments", "Topic");
        writer.WriteInt32(partitions.Length);
        foreach (var partition in partitions)
            writer.WriteInt32(partition);
    }

    /// <summary>Members here say text; every byte of these messages is one of ASCII.</summary>
    static string Text(Action<KafkaWriter> write)
    {
        var writer = new KafkaWriter();
        write(writer);
        return Encoding.ASCII.GetString(writer.WrittenSpan);
    }

    int[] AssignedBy(SyncGroupResponse answer)
    {
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return [.. EmbeddedProtocol.ReadAssignment(answer.Assignment, driver.Cluster).Select(partition => partition.Partition).Order()];
    }

    int MemberTypeOf(string memberId) => driver.Ask(driver.Connect(), new ConsumerGroupDescribeRequest { GroupIds = ["group"] }, 1)
        .Groups[0].Members.Single(member => member.MemberId == memberId).MemberType;
}
