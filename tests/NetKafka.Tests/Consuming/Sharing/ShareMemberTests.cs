using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Sharing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.Sharing.ShareHarness;

namespace NetKafka.Tests.Consuming.Sharing;

/// <summary>A member of a share group, by hand-made time.</summary>
public sealed class ShareMemberTests
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(IntervalMs);

    [Fact]
    public void Group_is_joined_when_the_application_reads_and_the_join_says_all_of_the_member()
    {
        var it = new ShareHarness();
        Assert.Equal(0, it.Count(ApiKey.ShareGroupHeartbeat));
        it.Wait();
        var join = it.Take(ApiKey.ShareGroupHeartbeat).Read<ShareGroupHeartbeatRequest>();
        Assert.Equal(("g", 0, "r1"), (join.GroupId, join.MemberEpoch, join.RackId));
        Assert.Equal([Topic], join.SubscribedTopicNames!);
        Assert.Equal(22, join.MemberId.Length);
    }

    [Fact]
    public void Heartbeats_come_as_often_as_the_coordinator_wants_and_say_no_more_than_is_new()
    {
        var it = Member();
        it.Pass(Interval - Second);
        Assert.Equal(0, it.Count(ApiKey.ShareGroupHeartbeat));
        it.Pass(Second);
        var next = it.Take(ApiKey.ShareGroupHeartbeat).Read<ShareGroupHeartbeatRequest>();
        Assert.Equal(1, next.MemberEpoch);
        Assert.Null(next.SubscribedTopicNames);
    }

    [Theory]
    [InlineData(ErrorCode.FencedMemberEpoch)]
    [InlineData(ErrorCode.UnknownMemberId)]
    public void Fenced_member_joins_again_under_its_id(ErrorCode error)
    {
        var it = Member();
        it.Pass(Interval);
        var heartbeat = it.Take(ApiKey.ShareGroupHeartbeat);
        var id = heartbeat.Read<ShareGroupHeartbeatRequest>().MemberId;
        it.Answer(heartbeat, new ShareGroupHeartbeatResponse { ErrorCode = error });
        Assert.Empty(it.Machine.Member.Assigned);
        var join = it.Take(ApiKey.ShareGroupHeartbeat).Read<ShareGroupHeartbeatRequest>();
        Assert.Equal((id, 0), (join.MemberId, join.MemberEpoch));
        Assert.Equal([Topic], join.SubscribedTopicNames!);
    }

    [Fact]
    public void Heartbeat_without_an_answer_is_said_again_in_full_and_another_coordinator_looked_for()
    {
        var it = Member();
        it.Pass(Interval);
        it.Fail(it.Take(ApiKey.ShareGroupHeartbeat), RequestFailureReason.TimedOut);
        Assert.Single(it.Cluster.Forgotten);
        it.Pass(Second);
        var again = it.Take(ApiKey.ShareGroupHeartbeat).Read<ShareGroupHeartbeatRequest>();
        Assert.Equal(1, again.MemberEpoch);
        Assert.Equal([Topic], again.SubscribedTopicNames!);
    }

    [Fact]
    public void Group_of_another_kind_ends_reading_with_an_error_that_says_so()
    {
        var it = new ShareHarness();
        var wait = it.Wait();
        it.Answer(it.Take(ApiKey.ShareGroupHeartbeat), new ShareGroupHeartbeatResponse { ErrorCode = ErrorCode.GroupIdNotFound });
        Assert.True(wait.Value);
        var error = Assert.Throws<KafkaException>(() => it.Read());
        Assert.True(error.IsFatal);
        Assert.Equal(ErrorCode.GroupIdNotFound, error.Code);
        Assert.Contains("another kind", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broker_without_share_groups_is_named_as_too_old()
    {
        var it = new ShareHarness();
        it.Wait();
        it.Fail(it.Take(ApiKey.ShareGroupHeartbeat), RequestFailureReason.UnsupportedVersion);
        var error = Assert.Throws<KafkaException>(() => it.Read());
        Assert.Equal(ErrorCode.UnsupportedVersion, error.Code);
        Assert.Contains("4.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("share.version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Topic_that_may_not_be_described_is_told_once_and_the_member_stays()
    {
        var it = Member();
        for (var i = 0; i < 2; i++)
        {
            it.Pass(Interval);
            it.Answer(it.Take(ApiKey.ShareGroupHeartbeat), new ShareGroupHeartbeatResponse { ErrorCode = ErrorCode.TopicAuthorizationFailed });
        }
        Assert.Throws<KafkaAuthorizationException>(() => it.Read());
        Assert.False(it.Reader.TryNext(it.Now, out _));
        Assert.Equal(ShareMemberState.Stable, it.Machine.Member.State);
    }

    [Fact]
    public void What_the_group_is_set_to_is_asked_for_with_the_join_and_a_refusal_hinders_nothing()
    {
        var it = Member();
        it.Answer(it.Take(ApiKey.DescribeConfigs), new DescribeConfigsResponse { Results = [new() { ErrorCode = ErrorCode.GroupAuthorizationFailed }] });
        Assert.Null(it.Machine.GroupSettings);
        Assert.Equal(1, it.Count(ApiKey.ShareFetch));

        var other = Member();
        var asked = other.Take(ApiKey.DescribeConfigs);
        var resource = Assert.Single(asked.Read<DescribeConfigsRequest>().Resources);
        Assert.Equal((32, "g"), (resource.ResourceType, resource.ResourceName));
        other.Answer(asked, new DescribeConfigsResponse
        {
            Results =
            [
                new()
                {
                    Configs =
                    [
                        new() { Name = "share.auto.offset.reset", Value = "latest" }, new() { Name = "share.isolation.level", Value = "read_committed" },
                        new() { Name = "share.record.lock.duration.ms", Value = "15000" },
                    ],
                },
            ],
        });
        Assert.Equal(new("latest", "read_committed", TimeSpan.FromSeconds(15)), other.Machine.GroupSettings);
    }

    [Fact]
    public void Closing_ends_the_sessions_and_then_leaves_the_group()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Fetched());
        it.TakeFetch();
        var close = it.Close();
        Assert.Equal(0, it.Count(ApiKey.ShareGroupHeartbeat));
        Assert.False(close.IsAnswered);
    }

    [Fact]
    public void Move_that_is_not_in_the_table_throws() =>
        Assert.Throws<InvalidOperationException>(() => ShareMemberMoves.Check(ShareMemberState.Left, ShareMemberState.Joining));
}
