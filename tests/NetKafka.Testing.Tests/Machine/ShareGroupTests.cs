using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.ShareGroups;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Share groups at their coordinator: members, sessions, epochs, and who reads what.</summary>
public sealed class ShareGroupTests
{
    const string Topic = "payments";
    readonly MachineDriver driver = new(brokers: 2);

    public ShareGroupTests() => driver.CreateTopic(Topic, partitions: 4);

    [Fact]
    public void First_heartbeat_sets_partitions_up_and_the_second_brings_them()
    {
        var member = new TestSharer(driver, "a");

        Assert.Empty(member.Join(Topic).Assignment!.TopicPartitions);
        driver.Pass(1);
        member.Beat();

        Assert.Equal(["payments-0", "payments-1", "payments-2", "payments-3"], member.Assigned);
        Assert.Equal(2, member.Epoch);
    }

    [Fact]
    public void Silent_member_is_out_when_its_session_is_over()
    {
        var (a, b) = (Joined("a"), Joined("b"));
        Assert.Equal(2, Beaten(a).Length);

        for (var i = 0; i < 6; i++)
        {
            driver.Pass(9_000);
            a.Beat();
        }

        Assert.Equal(4, Beaten(a).Length);
        Assert.Equal(ErrorCode.UnknownMemberId, b.Beat().ErrorCode);
    }

    [Fact]
    public void Session_of_a_group_is_as_long_as_it_is_set_to()
    {
        driver.Cluster.GroupConfigs.Set("group", "share.session.timeout.ms", "100");
        driver.Cluster.GroupConfigs.Set("group", "share.heartbeat.interval.ms", "30");
        var member = new TestSharer(driver, "a");
        Assert.Equal(30, member.Join(Topic).HeartbeatIntervalMs);

        driver.Pass(100);

        Assert.Equal(ErrorCode.UnknownMemberId, member.Beat().ErrorCode);
    }

    [Fact]
    public void Group_that_is_full_takes_no_more_members_but_those_that_are_in_it()
    {
        driver.Cluster.Settings.MaxShareGroupSize = 1;
        var (a, b) = (Joined("a"), new TestSharer(driver, "b"));

        Assert.Equal(ErrorCode.GroupMaxSizeReached, b.Join(Topic).ErrorCode);
        Assert.Equal(ErrorCode.None, a.Join(Topic).ErrorCode);
        a.Leave();
        Assert.Equal(ErrorCode.None, b.Join(Topic).ErrorCode);
    }

    [Fact]
    public void Target_is_not_made_again_before_its_interval_is_over()
    {
        driver.Cluster.Settings.ShareAssignmentIntervalMs = 1_000;
        var member = new TestSharer(driver, "a");
        member.Join(Topic);
        driver.Pass(500);
        Assert.Null(member.Beat().Assignment);
        Assert.Equal(1, member.Epoch);

        driver.Pass(500);
        member.Beat();

        Assert.Equal((2, 4), (member.Epoch, member.Assigned.Length));
    }

    [Fact]
    public void Group_moves_with_its_coordinator()
    {
        var member = Joined("a");
        var other = 3 - driver.Cluster.Groups.CoordinatorOf("group");

        driver.Machine.Operate(driver.NowMs, cluster => cluster.Groups.Move("group", other, driver.NowMs));

        Assert.Equal(ErrorCode.NotCoordinator, member.Beat().ErrorCode);
        member.ReachCoordinator();
        Assert.Equal(ErrorCode.None, member.Beat().ErrorCode);
        Assert.Equal(4, member.Assigned.Length);
        driver.Pass(45_000);
        Assert.Equal(ErrorCode.UnknownMemberId, member.Beat().ErrorCode);
    }

    [Fact]
    public void Topic_that_is_deleted_is_read_no_more_and_another_of_its_name_is()
    {
        var member = Joined("a");
        driver.Machine.Operate(driver.NowMs, cluster => cluster.DeleteTopic(Topic, driver.NowMs));
        Assert.Empty(Beaten(member));

        driver.CreateTopic(Topic, partitions: 2);

        Assert.Equal(2, Beaten(member).Length);
    }

    [Fact]
    public void Cluster_that_has_not_finalized_the_feature_refuses_all()
    {
        var member = Joined("a");
        driver.Cluster.Settings.ShareVersion = 0;

        Assert.Equal(ErrorCode.UnsupportedVersion, member.Beat().ErrorCode);
        Assert.Equal(ErrorCode.UnsupportedVersion, driver.Ask(member.Leader, member.Fetching(Guid.NewGuid()), TestSharer.FetchVersion).ErrorCode);
        Assert.Equal(ErrorCode.UnsupportedVersion, member.Acknowledge(Guid.NewGuid()));
        Assert.Equal(ErrorCode.UnsupportedVersion, driver.Ask(
            member.Coordinator, new ShareGroupDescribeRequest { GroupIds = ["group"] }, 1).Groups.Single().ErrorCode);
        Assert.Equal(ErrorCode.UnsupportedVersion, driver.Ask(
            member.Coordinator, new AlterShareGroupOffsetsRequest { GroupId = "group" }, 0).ErrorCode);
        var features = driver.Ask(member.Leader, new ApiVersionsRequest(), 3);
        Assert.DoesNotContain(features.FinalizedFeatures, feature => feature.Name == "share.version");
        Assert.Contains(features.SupportedFeatures, feature => feature.Name == "share.version");
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 7)]
    [InlineData(4, 4)]
    [InlineData(5, 2)]
    [InlineData(7, 3)]
    public void Simple_assignor_leaves_no_partition_and_no_member_without(int members, int partitions)
    {
        TopicIdPartition[] all = [.. Enumerable.Range(0, partitions).Select(static index => new TopicIdPartition(Guid.Empty, index))];

        var target = SimpleAssignor.Assign([.. Enumerable.Range(0, members).Select(i => new Sharer($"m{i}", all, []))]);

        var sharers = all.Select(partition => target.Values.Count(share => share.Contains(partition))).ToArray();
        Assert.All(sharers, count => Assert.InRange(count, 1, (members + partitions - 1) / partitions));
        Assert.All(target.Values, static share => Assert.NotEmpty(share));
        Assert.True(target.Values.Max(static share => share.Count) - target.Values.Min(static share => share.Count) <= 1);
    }

    [Fact]
    public void Simple_assignor_leaves_with_members_what_they_have()
    {
        TopicIdPartition[] all = [.. Enumerable.Range(0, 6).Select(static index => new TopicIdPartition(Guid.Empty, index))];
        var before = SimpleAssignor.Assign([new("a", all, []), new("b", all, [])]);

        var after = SimpleAssignor.Assign([new("a", all, before["a"]), new("b", all, before["b"]), new("c", all, [])]);

        Assert.Equal([2, 2, 2], after.Values.Select(static share => share.Count));
        Assert.Subset(before["a"], after["a"]);
        Assert.Subset(before["b"], after["b"]);
    }

    [Fact]
    public void Simple_assignor_gives_a_partition_only_to_who_subscribes_to_it()
    {
        TopicIdPartition one = new(Guid.Empty, 0), two = new(Guid.Empty, 1);

        var target = SimpleAssignor.Assign([new("a", [one], []), new("b", [one, two], []), new("c", [one], [])]);

        Assert.Equal([two], target["b"].Where(partition => partition == two));
        Assert.DoesNotContain(two, target["a"].Concat(target["c"]));
        Assert.Contains(one, target.Values.SelectMany(static share => share));
    }

    TestSharer Joined(string id)
    {
        var member = new TestSharer(driver, id);
        member.Join(Topic);
        Beaten(member);
        return member;
    }

    /// <summary>What a member has when two heartbeats have passed.</summary>
    string[] Beaten(TestSharer member)
    {
        for (var i = 0; i < 2; i++)
        {
            driver.Pass(1);
            member.Beat();
        }

        return member.Assigned;
    }
}
