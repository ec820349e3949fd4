using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;
using Subtopology = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest.Subtopology;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Streams groups at their coordinator: members, topologies, epochs, and who works on what.</summary>
public sealed class StreamsGroupTests
{
    const string Topic = "payments";
    readonly MachineDriver driver = new(brokers: 2);

    public StreamsGroupTests() => driver.CreateTopic(Topic, partitions: 4);

    [Fact]
    public void First_member_works_on_every_task()
    {
        var member = new TestStreamer(driver, "a");
        Assert.Empty(member.Join(Reading(Topic)).Status!);
        Assert.Equal(["0_0", "0_1", "0_2", "0_3"], member.Tasks);
        Assert.Equal("Stable", State());
    }

    [Fact]
    public void Task_is_given_to_another_once_it_was_given_up()
    {
        var (a, b) = (new TestStreamer(driver, "a"), new TestStreamer(driver, "b"));
        a.Join(Reading(Topic));
        b.Join(Reading(Topic));
        Assert.Empty(b.Tasks);
        Assert.Equal("Reconciling", State());
        var epoch = a.Epoch;
        a.Beat();
        Assert.Equal(["0_0", "0_1"], a.Tasks);
        b.Beat();
        Assert.Empty(b.Tasks);
        // It has not said yet that it gave the others up.
        a.Beat();
        Assert.Equal(epoch, a.Epoch);
        a.Confirm();
        Assert.True(a.Epoch > epoch);
        b.Beat();
        Assert.Equal(["0_2", "0_3"], b.Tasks);
        Assert.Equal("Stable", State());
    }

    [Fact]
    public void Member_that_gives_nothing_up_in_time_is_out()
    {
        var (a, b) = (new TestStreamer(driver, "a"), new TestStreamer(driver, "b"));
        a.Join(Reading(Topic));
        b.Join(Reading(Topic));
        a.Beat();
        driver.Pass(1_000);
        Assert.Equal(ErrorCode.UnknownMemberId, a.Beat().ErrorCode);
        b.Beat();
        Assert.Equal(4, b.Tasks.Length);
    }

    [Fact]
    public void Tasks_of_who_leaves_or_falls_silent_go_to_the_others()
    {
        var (a, b) = (new TestStreamer(driver, "a"), new TestStreamer(driver, "b"));
        a.Join(Reading(Topic));
        Assert.Equal(-1, a.Leave().MemberEpoch);
        Assert.Equal(ErrorCode.UnknownMemberId, a.Leave().ErrorCode);
        Assert.Equal("Empty", State());
        a.Join(Reading(Topic));
        driver.Pass(45_000);
        b.Join(Reading(Topic));
        Assert.Equal(4, b.Tasks.Length);
        Assert.Equal(ErrorCode.UnknownMemberId, a.Beat().ErrorCode);
    }

    [Fact]
    public void Member_of_another_epoch_is_fenced_and_one_of_another_topology_refused()
    {
        driver.CreateTopic("others", partitions: 1);
        var (a, b) = (new TestStreamer(driver, "a"), new TestStreamer(driver, "b"));
        a.Join(Reading(Topic));
        Assert.Equal(ErrorCode.FencedMemberEpoch, a.Beat(new StreamsGroupHeartbeatRequest { GroupId = "group", MemberId = "a", MemberEpoch = 99 }).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, b.Join(Reading("others")).ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, b.Beat(new StreamsGroupHeartbeatRequest { GroupId = "group", MemberId = "b", MemberEpoch = 1 }).ErrorCode);
    }

    [Fact]
    public void Topics_that_are_missing_are_told_and_those_of_the_group_itself_are_created()
    {
        var a = new TestStreamer(driver, "a");
        var part = Reading(Topic);
        part.StateChangelogTopics = [new() { Name = "group-store-changelog" }];
        Assert.Equal((sbyte)3, Assert.Single(a.Join(part).Status!).StatusCode);
        Assert.Empty(a.Beat().Status!);
        Assert.Equal(4, a.Tasks.Length);
        Assert.Equal(4, driver.Cluster.FindTopic("group-store-changelog")!.Partitions.Count);

        var other = new TestStreamer(driver, "a", "other");
        Assert.Equal((sbyte)1, Assert.Single(other.Join(Reading("missing")).Status!).StatusCode);
        Assert.Equal("NotReady", State("other"));
        driver.CreateTopic("missing", partitions: 2);
        other.Beat();
        Assert.Equal(["0_0", "0_1"], other.Tasks);
    }

    [Fact]
    public void Group_that_is_full_or_of_another_kind_takes_no_member_and_the_feature_can_be_off()
    {
        driver.Cluster.Settings.MaxStreamsGroupSize = 1;
        var (a, b) = (new TestStreamer(driver, "a"), new TestStreamer(driver, "b"));
        a.Join(Reading(Topic));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, b.Join(Reading(Topic)).ErrorCode);
        new TestSharer(driver, "s", "shared").Join(Topic);
        Assert.Equal(ErrorCode.GroupIdNotFound, new TestStreamer(driver, "c", "shared").Join(Reading(Topic)).ErrorCode);
        driver.Cluster.Settings.StreamsVersion = 0;
        Assert.Equal(ErrorCode.UnsupportedVersion, a.Beat().ErrorCode);
    }

    static Subtopology Reading(string topic) => new() { SubtopologyId = "0", SourceTopics = [topic] };

    string State(string group = "group") => driver.Cluster.Groups.FindStreams(group)!.StateName;
}
