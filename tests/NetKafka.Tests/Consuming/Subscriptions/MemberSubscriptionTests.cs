using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming.Subscriptions;

/// <summary>How members of both protocols say what is subscribed to, and how their membership ends, by hand-made time.</summary>
public sealed class MemberSubscriptionTests
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    static void ShowAll(ConsumerHarness it, params string[] topics) => it.Cluster.Show(it.Cluster.View with
    {
        Topics = topics.ToDictionary(static name => name, static name => new TopicView(name, Guid.NewGuid(), false, [], ErrorCode.None)),
        HasAllTopics = true,
    });

    static ConsumerHarness Patterned(GroupProtocol protocol) => new(
        options =>
        {
            options.TopicPattern = "o.*";
            options.GroupProtocol = protocol;
        },
        isSubscribed: false);

    static TestCall<bool> Subscribe(ConsumerHarness it, TopicSubscription subscription) =>
        it.Call((call, effects) => it.Machine.Subscribe(subscription, call, effects));

    /// <summary>What a join says is subscribed to: version, then the count, then the names.</summary>
    static bool Names(JoinGroupRequest join, string topic) =>
        join.Protocols[0].Metadata.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(topic)) >= 0;

    static ConsumerHarness ConsumerMember(Action<ConsumerOptions>? configure = null)
    {
        var it = new ConsumerHarness(options =>
        {
            options.GroupProtocol = GroupProtocol.Consumer;
            configure?.Invoke(options);
        });
        it.Wait();
        Beat(it, 1, 0);
        Beat(it, 1);
        return it;
    }

    static void Beat(ConsumerHarness it, int epoch, params int[] partitions) => it.Answer(
        it.Take(ApiKey.ConsumerGroupHeartbeat),
        new ConsumerGroupHeartbeatResponse
        {
            MemberEpoch = epoch, HeartbeatIntervalMs = (int)Interval.TotalMilliseconds,
            Assignment = partitions.Length == 0 ? null : new() { TopicPartitions = [new() { TopicId = TopicId, Partitions = partitions }] },
        });

    [Fact]
    public void Member_with_a_pattern_joins_once_the_topics_are_known_and_anew_when_one_is_created()
    {
        var it = Patterned(GroupProtocol.Classic);
        it.Wait();
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        ShowAll(it, "orders", "x");
        it.Turn();
        var join = it.Take(ApiKey.JoinGroup);
        Assert.True(Names(join.Read<JoinGroupRequest>(), "orders"));
        it.Answer(join, Joined(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share());
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        ShowAll(it, "orders", "others", "x");
        it.Turn();
        Assert.True(Names(it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>(), "others"));
    }

    [Fact]
    public void Member_of_the_consumer_protocol_says_the_topics_of_a_pattern_and_again_when_they_change()
    {
        var it = Patterned(GroupProtocol.Consumer);
        it.Wait();
        Assert.Equal(0, it.Count(ApiKey.ConsumerGroupHeartbeat));
        ShowAll(it, "orders", "x");
        it.Turn();
        var join = it.Take(ApiKey.ConsumerGroupHeartbeat);
        Assert.Equal(["orders"], join.Read<ConsumerGroupHeartbeatRequest>().SubscribedTopicNames!);
        it.Answer(join, new ConsumerGroupHeartbeatResponse { MemberEpoch = 1, HeartbeatIntervalMs = 5_000, Assignment = new() { TopicPartitions = [] } });
        Beat(it, 1);
        ShowAll(it, "orders", "others");
        it.Turn();
        Assert.Equal(["orders", "others"], it.Take(ApiKey.ConsumerGroupHeartbeat).Read<ConsumerGroupHeartbeatRequest>().SubscribedTopicNames!);
    }

    [Fact]
    public void Pattern_of_the_broker_is_said_and_unsaid()
    {
        var it = ConsumerMember();
        Subscribe(it, new TopicSubscription { BrokerPattern = "o.*" });
        var said = it.Take(ApiKey.ConsumerGroupHeartbeat);
        it.Cluster.Sent.Insert(0, said);
        Assert.Equal("o.*", said.Read<ConsumerGroupHeartbeatRequest>().SubscribedTopicRegex);
        Assert.Empty(said.Read<ConsumerGroupHeartbeatRequest>().SubscribedTopicNames!);
        Beat(it, 1);
        Subscribe(it, new TopicSubscription { Topics = [Topic] });
        var unsaid = it.Take(ApiKey.ConsumerGroupHeartbeat).Read<ConsumerGroupHeartbeatRequest>();
        Assert.Equal("", unsaid.SubscribedTopicRegex);
        Assert.Equal([Topic], unsaid.SubscribedTopicNames!);
    }

    [Fact]
    public void Pattern_that_the_broker_cannot_read_ends_the_consumer_with_its_name()
    {
        var it = new ConsumerHarness(
            options =>
            {
                options.GroupProtocol = GroupProtocol.Consumer;
                options.BrokerTopicPattern = "(?=o)";
            },
            isSubscribed: false);
        it.Wait();
        it.Answer(it.Take(ApiKey.ConsumerGroupHeartbeat), new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.InvalidRegularExpression });
        var refused = Assert.Throws<KafkaException>(() => it.ReadAll());
        Assert.True(refused.IsFatal);
        Assert.Contains("'(?=o)' (BrokerTopicPattern)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Subscription_that_changes_while_a_join_is_on_its_way_is_said_by_another()
    {
        var it = new ConsumerHarness();
        it.Wait();
        var join = it.Take(ApiKey.JoinGroup);
        Subscribe(it, new TopicSubscription { Topics = ["other"] });
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        it.Answer(join, Joined(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share());
        Assert.True(Names(it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>(), "other"));
    }

    [Fact]
    public void Rebalance_that_the_application_enforces_gives_its_reason()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        it.Wait();
        var first = it.Take(ApiKey.JoinGroup);
        var response = Joined(1);
        response.ProtocolName = "cooperative-sticky";
        it.Answer(first, response);
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        var call = it.Call((call, effects) => it.Machine.EnforceRebalance("racks moved", call, effects));
        Assert.True(call.IsAnswered);
        Assert.Equal("racks moved", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().Reason);
        Assert.Single(it.Assignment.Snapshot);
    }

    [Fact]
    public void Consumer_protocol_has_no_rebalance_that_a_member_enforces()
    {
        var it = ConsumerMember();
        var call = it.Call((call, effects) => it.Machine.EnforceRebalance("r", call, effects));
        Assert.Contains("GroupProtocol", Assert.Throws<NotSupportedException>(() => call.Value).Message, StringComparison.Ordinal);
        Assert.Equal(0, it.Count(ApiKey.ConsumerGroupHeartbeat));
    }

    [Fact]
    public void Unsubscribing_commits_gives_up_leaves_and_lets_the_consumer_subscribe_anew()
    {
        var it = new ConsumerHarness();
        var reading = it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        it.ReadAll();
        var call = it.Call((call, _) => it.Machine.Unsubscribe(call));
        Assert.False(call.IsAnswered);
        var commit = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(0, it.Count(ApiKey.LeaveGroup));
        it.Answer(commit, new OffsetCommitResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0 }] }] });
        it.Answer(it.Take(ApiKey.LeaveGroup), new LeaveGroupResponse());
        Assert.True(call.IsAnswered);
        Assert.Empty(it.Assignment.Snapshot);
        Assert.Equal([HandoverKind.Assigned, HandoverKind.Revoked], it.Runs);
        it.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));

        Subscribe(it, new TopicSubscription { Topics = ["other"] });
        it.Wait();
        Assert.True(Names(it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>(), "other"));
        Assert.True(reading.IsAnswered);
    }

    [Fact]
    public void Close_that_comes_when_the_group_has_just_been_left_does_not_leave_it_again()
    {
        var it = new ConsumerHarness(isSubscribed: true);
        it.Wait();
        it.BecomeMember(1);
        it.Call((call, _) => it.Machine.Unsubscribe(call));
        it.Take(ApiKey.LeaveGroup).Answer(new LeaveGroupResponse(), it.Now);
        Assert.True(it.Call((call, _) => it.Machine.Close(call, it.Now)).IsAnswered);
        Assert.Equal(0, it.Count(ApiKey.LeaveGroup));
        Assert.True(it.Machine.IsClosed);
    }

    [Fact]
    public void Subscribing_beside_partitions_assigned_by_hand_is_refused_until_they_are_given_up()
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));
        var refused = Subscribe(it, new TopicSubscription { Topics = [Topic] });
        Assert.Throws<InvalidOperationException>(() => refused.Value);
        var unsubscribed = it.Call((call, _) => it.Machine.Unsubscribe(call));
        it.Answer(it.Take(ApiKey.OffsetCommit), new OffsetCommitResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0 }] }] });
        Assert.True(unsubscribed.IsAnswered);
        Assert.True(Subscribe(it, new TopicSubscription { Topics = [Topic] }).Value);
    }

    [Theory]
    [InlineData(false, GroupMembershipOperation.Default, true)]
    [InlineData(false, GroupMembershipOperation.LeaveGroup, true)]
    [InlineData(false, GroupMembershipOperation.RemainInGroup, false)]
    [InlineData(true, GroupMembershipOperation.Default, false)]
    [InlineData(true, GroupMembershipOperation.LeaveGroup, true)]
    [InlineData(true, GroupMembershipOperation.RemainInGroup, false)]
    public void Classic_member_leaves_when_it_closes_as_it_was_told(bool isStatic, GroupMembershipOperation operation, bool leaves)
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = isStatic ? "one" : null);
        it.Wait();
        it.BecomeMember(1, 0);
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now, operation));
        Assert.Equal(!leaves, close.IsAnswered);
        if (!leaves)
            return;
        var left = it.Take(ApiKey.LeaveGroup);
        var member = Assert.Single(left.Read<LeaveGroupRequest>().Members);
        Assert.Equal(("m", isStatic ? "one" : null), (member.MemberId, member.GroupInstanceId));
        it.Answer(left, new LeaveGroupResponse());
        Assert.True(close.IsAnswered);
    }

    [Theory]
    [InlineData(false, GroupMembershipOperation.Default, -1)]
    [InlineData(false, GroupMembershipOperation.LeaveGroup, -1)]
    [InlineData(false, GroupMembershipOperation.RemainInGroup, 0)]
    [InlineData(true, GroupMembershipOperation.Default, -2)]
    [InlineData(true, GroupMembershipOperation.LeaveGroup, -1)]
    [InlineData(true, GroupMembershipOperation.RemainInGroup, -2)]
    public void Member_of_the_consumer_protocol_leaves_when_it_closes_as_it_was_told(bool isStatic, GroupMembershipOperation operation, int epoch)
    {
        var it = ConsumerMember(options => options.GroupInstanceId = isStatic ? "one" : null);
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now, operation));
        Assert.Equal(epoch == 0, close.IsAnswered);
        if (epoch == 0)
            return;
        var left = it.Take(ApiKey.ConsumerGroupHeartbeat);
        Assert.Equal(epoch, left.Read<ConsumerGroupHeartbeatRequest>().MemberEpoch);
        it.Answer(left, new ConsumerGroupHeartbeatResponse());
        Assert.True(close.IsAnswered);
    }
}
