using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.Assignors.AssignorGroups;

namespace NetKafka.Tests.Consuming.Assignors;

public sealed class StickyUserDataTests
{
    /// <summary>Version 1: one topic "payments", partitions 3 and 5, generation 7.</summary>
    const string Newest = "00000001" + "00087061796d656e7473" + "00000002" + "00000003" + "00000005" + "00000007";

    [Fact]
    public void What_is_written_is_version_1() =>
        Assert.Equal(Newest, Convert.ToHexStringLower(StickyUserData.Write(new Ownership([P(3), P(5)], 7))));

    [Fact]
    public void Version_1_names_the_generation()
    {
        var read = StickyUserData.Read(Convert.FromHexString(Newest));
        Assert.Equal([P(3), P(5)], read.Partitions);
        Assert.Equal(7, read.Generation);
    }

    [Fact]
    public void Version_0_is_of_no_generation()
    {
        var read = StickyUserData.Read(Convert.FromHexString(Newest[..^8]));
        Assert.Equal([P(3), P(5)], read.Partitions);
        Assert.Equal(-1, read.Generation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("7fffffff")]
    [InlineData("ffffffff")]
    [InlineData("00000001" + "00087061796d656e7473" + "00000002" + "00000003")]
    public void What_cannot_be_read_owned_nothing(string hex)
    {
        var read = StickyUserData.Read(Convert.FromHexString(hex));
        Assert.Empty(read.Partitions);
        Assert.Equal(-1, read.Generation);
    }

    [Fact]
    public void Member_that_was_given_nothing_yet_says_nothing()
    {
        Assert.Null(new StickyAssignor().UserData(-1, Ownership.None));
        Assert.NotNull(new StickyAssignor().UserData(3, new Ownership([], 3)));
    }

    /// <summary>Under eager rebalancing the subscription itself names nothing that is owned.</summary>
    [Fact]
    public void Leader_reads_what_a_member_had_out_of_the_user_data()
    {
        var assignor = new StickyAssignor();
        var metadata = GroupMessages.Subscription(["payments"], [], 8, assignor, new Ownership([P(1)], 7), "r1");

        var said = GroupMessages.ReadSubscription("m", null, metadata, assignor);

        Assert.Equal([P(1)], said.OwnedPartitions);
        Assert.Equal(7, said.Generation);
        Assert.Equal("r1", said.Rack);
    }

    [Fact]
    public void Member_that_has_given_up_everything_tells_what_it_had()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.Sticky]);
        it.Wait();
        var joined = ConsumerHarness.Joined(4);
        joined.ProtocolName = "sticky";
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        it.Answer(it.Take(ApiKey.SyncGroup), ConsumerHarness.Share(1));
        it.GiveCommitted(0);
        it.Pass(TimeSpan.FromSeconds(3));
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        // What was read is committed first.
        if (it.Count(ApiKey.OffsetCommit) > 0)
            it.Answer(it.Take(ApiKey.OffsetCommit), new OffsetCommitResponse());
        it.Turn();

        Assert.Empty(it.Assignment.Snapshot);
        var metadata = it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().Protocols[0].Metadata;
        Assert.Empty(GroupMessages.ReadSubscription("m", null, metadata, new RangeAssignor()).OwnedPartitions);
        var said = GroupMessages.ReadSubscription("m", null, metadata, new StickyAssignor());
        Assert.Equal([P(1)], said.OwnedPartitions);
        Assert.Equal(4, said.Generation);
    }
}
