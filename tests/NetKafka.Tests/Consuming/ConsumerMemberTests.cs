using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>A member of a group of the consumer protocol (KIP-848), by hand-made time.</summary>
public sealed class ConsumerMemberTests
{
    const int IntervalMs = 5_000;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(IntervalMs);
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly Guid OtherId = new(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);

    [Fact]
    public void Join_says_all_of_the_member_and_that_it_owns_nothing()
    {
        var it = Create(options => options.GroupRemoteAssignor = "range");
        var join = it.Heartbeat();
        Assert.Equal(("g", 0, "range", 300_000), (join.GroupId, join.MemberEpoch, join.ServerAssignor, join.RebalanceTimeoutMs));
        Assert.Equal([Topic], join.SubscribedTopicNames!);
        Assert.Empty(join.TopicPartitions!);
        Assert.Equal(22, join.MemberId.Length);
        Assert.NotEqual('-', join.MemberId[0]);
    }

    [Fact]
    public void What_is_given_is_taken_and_told_at_once_and_then_heartbeats_say_what_is_new_alone()
    {
        var it = Create();
        it.Answer(1, 0, 1);
        Assert.Equal([P(0), P(1)], it.Assigned);
        var told = it.Heartbeat();
        Assert.Equal((1, -1), (told.MemberEpoch, told.RebalanceTimeoutMs));
        Assert.Equal([0, 1], Assert.Single(told.TopicPartitions!).Partitions);
        Assert.Null(told.SubscribedTopicNames);
        it.Answer(1);
        it.Harness.Pass(Interval - Second);
        Assert.Equal(0, it.Pending);
        it.Harness.Pass(Second);
        var next = it.Heartbeat();
        Assert.Null(next.TopicPartitions);
        Assert.Null(next.SubscribedTopicNames);
    }

    [Fact]
    public void Revocation_is_told_only_when_the_application_has_given_up()
    {
        var it = Member(0, 1);
        it.Harness.HasHandlers = true;
        it.Harness.Pass(Interval);
        it.Answer(1, 0);
        Assert.Equal([HandoverKind.Revoked], it.Harness.Runs.TakeLast(1));
        it.Harness.Pass(Interval);
        Assert.Null(it.Heartbeat().TopicPartitions);
        it.Answer(1);

        it.Harness.EndRun();
        Assert.Equal([P(0)], it.Assigned);
        Assert.Equal([0], Assert.Single(it.Heartbeat().TopicPartitions!).Partitions);
    }

    [Fact]
    public void Target_that_comes_while_partitions_are_given_up_is_looked_at_afterwards()
    {
        var it = Member(0);
        it.Harness.HasHandlers = true;
        it.Harness.Pass(Interval);
        it.Answer(1, []);
        it.Harness.Pass(Interval);
        it.Answer(2, 1);
        it.Harness.EndRun();
        it.Harness.EndRun();
        Assert.Equal([P(1)], it.Assigned);
    }

    [Fact]
    public void Partition_that_is_not_wanted_any_more_once_others_were_given_up_is_not_taken()
    {
        var it = Member(0);
        it.Harness.HasHandlers = true;
        it.Harness.Pass(Interval);
        it.Answer(2, 1);
        it.Harness.Pass(Interval);
        it.Answer(3, []);
        it.Harness.EndRun();
        Assert.Empty(it.Assigned);
        Assert.DoesNotContain(HandoverKind.Assigned, it.Harness.Runs.Skip(1));
    }

    [Theory]
    [InlineData(ErrorCode.FencedMemberEpoch)]
    [InlineData(ErrorCode.UnknownMemberId)]
    [InlineData(ErrorCode.GroupIdNotFound)]
    public void Fenced_member_loses_its_partitions_and_joins_again_under_its_id(ErrorCode error)
    {
        var it = Member(0, 1);
        it.Harness.Pass(Interval);
        var id = it.Heartbeat().MemberId;
        it.Answer(error);
        Assert.Equal(HandoverKind.Lost, it.Harness.Runs[^1]);
        Assert.Empty(it.Assigned);
        var join = it.Heartbeat();
        Assert.Equal((id, 0), (join.MemberId, join.MemberEpoch));
        Assert.Empty(join.TopicPartitions!);
        it.Answer(7, 0);
        Assert.Equal([P(0)], it.Assigned);
    }

    [Fact]
    public void Fence_that_comes_while_the_application_gives_up_takes_the_rest_when_it_has()
    {
        var it = Member(0, 1);
        it.Harness.HasHandlers = true;
        it.Harness.Pass(Interval);
        it.Answer(1, 0);
        it.Harness.Pass(Interval);
        it.Answer(ErrorCode.UnknownMemberId);
        Assert.Equal(0, it.Pending);
        it.Harness.EndRun();
        Assert.Equal([HandoverKind.Revoked, HandoverKind.Lost], it.Harness.Runs.TakeLast(2));
        it.Harness.EndRun();
        Assert.Equal(0, it.Heartbeat().MemberEpoch);
    }

    [Fact]
    public void Heartbeat_without_an_answer_is_followed_by_one_that_says_everything()
    {
        var it = Member(0, 1);
        it.Harness.Pass(Interval);
        it.Harness.Fail(it.Harness.Take(ApiKey.ConsumerGroupHeartbeat), RequestFailureReason.Lost);
        Assert.Equal(0, it.Pending);
        it.Harness.Pass(Second);
        var full = it.Heartbeat();
        Assert.Equal((1, 300_000), (full.MemberEpoch, full.RebalanceTimeoutMs));
        Assert.Equal([Topic], full.SubscribedTopicNames!);
        Assert.Equal([0, 1], Assert.Single(full.TopicPartitions!).Partitions);
    }

    [Fact]
    public void Join_without_an_answer_is_followed_by_one_under_another_id_and_the_first_one_leaves()
    {
        var it = Create();
        var first = it.Heartbeat().MemberId;
        it.Harness.Fail(it.Harness.Take(ApiKey.ConsumerGroupHeartbeat), RequestFailureReason.Lost);
        var leave = it.Harness.Take(ApiKey.ConsumerGroupHeartbeat).Read<ConsumerGroupHeartbeatRequest>();
        Assert.Equal((first, -1), (leave.MemberId, leave.MemberEpoch));
        it.Harness.Pass(Second);
        var second = it.Heartbeat();
        Assert.Equal(0, second.MemberEpoch);
        Assert.NotEqual(first, second.MemberId);
    }

    /// <summary>Who says that it does not own a partition may have it taken away by the answer.</summary>
    [Fact]
    public void Partition_that_was_not_told_as_owned_is_taken_only_when_the_answer_leaves_it_to_the_member()
    {
        var it = Member(0);
        it.Harness.HasHandlers = true;
        it.Harness.Pass(Interval);
        it.Answer(1, 1);
        it.Harness.Pass(Interval);
        it.Harness.Fail(it.Harness.Take(ApiKey.ConsumerGroupHeartbeat), RequestFailureReason.Lost);
        it.Harness.Pass(Second);
        Assert.NotNull(it.Heartbeat().TopicPartitions);
        it.Harness.EndRun();
        Assert.Empty(it.Assigned);
        it.Answer(1);
        Assert.Equal([P(1)], it.Assigned);
    }

    [Fact]
    public void Topic_that_was_created_anew_is_given_up_and_taken_again()
    {
        var it = Member(0, 1);
        it.Harness.ShowTopic(2, 0, OtherId);
        it.Harness.Pass(Interval);
        it.Answer(2, OtherId, 0, 1);
        Assert.Equal([HandoverKind.Revoked, HandoverKind.Assigned], it.Harness.Runs.TakeLast(2));
        Assert.Equal(OtherId, Assert.Single(it.Heartbeat().TopicPartitions!).TopicId);
    }

    [Fact]
    public void Name_of_a_topic_that_is_known_by_its_id_alone_is_asked_for()
    {
        var it = Create();
        it.Answer(1, OtherId, 0);
        var asked = it.Harness.Take(ApiKey.Metadata);
        Assert.Equal(OtherId, Assert.Single(asked.Read<MetadataRequest>().Topics!).TopicId);
        Assert.Empty(it.Assigned);
        it.Harness.Answer(asked, new MetadataResponse { Topics = [new() { ErrorCode = ErrorCode.UnknownTopicId, TopicId = OtherId }] });
        it.Harness.Pass(Second);
        it.Harness.Answer(it.Harness.Take(ApiKey.Metadata), new MetadataResponse { Topics = [new() { Name = "refunds", TopicId = OtherId }] });
        Assert.Equal([new TopicPartition("refunds", 0)], it.Assigned);
    }

    [Theory]
    [InlineData(null, -1)]
    [InlineData("static", -2)]
    public void Closing_says_so_and_a_static_member_keeps_its_name(string? instance, int epoch)
    {
        var it = Member(options => options.GroupInstanceId = instance, 0);
        var closing = it.Harness.Call((call, _) => it.Harness.Machine.Close(call, it.Harness.Now));
        var leave = it.Heartbeat();
        Assert.Equal((epoch, instance), (leave.MemberEpoch, leave.InstanceId));
        Assert.False(closing.IsAnswered);
        it.Answer(epoch);
        Assert.True(closing.IsAnswered);
    }

    [Fact]
    public void Member_that_has_asked_to_join_and_has_no_answer_leaves_too()
    {
        var it = Create();
        it.Harness.Take(ApiKey.ConsumerGroupHeartbeat);
        it.Harness.Call((call, _) => it.Harness.Machine.Close(call, it.Harness.Now));
        Assert.Equal(-1, it.Heartbeat().MemberEpoch);
    }

    [Fact]
    public void Application_that_does_not_read_leaves_and_joins_again_when_it_reads()
    {
        var it = Member(options => options.MaxPollInterval = TimeSpan.FromSeconds(20), 0);
        it.Harness.Queue.Fail(new KafkaException("something to read"));
        it.Harness.Turn();
        while (it.Assigned.Count > 0)
        {
            it.Harness.Pass(Second);
            if (it.Pending > 0 && it.Heartbeat().MemberEpoch > 0)
                it.Answer(1);
        }
        Assert.Equal(-1, it.Heartbeat().MemberEpoch);
        it.Answer(-1);
        Assert.Equal(0, it.Pending);
        it.Harness.Wait();
        Assert.Equal(0, it.Heartbeat().MemberEpoch);
    }

    [Fact]
    public void Commit_of_a_stale_epoch_is_sent_again_under_the_next()
    {
        var it = Member(0);
        it.Harness.GiveCommitted(0);
        var commit = it.Harness.Call((call, effects) => it.Harness.Machine.Commit([new TopicPartitionOffset(Topic, 0, 5)], call, effects));
        var sent = it.Harness.Take(ApiKey.OffsetCommit);
        Assert.Equal(1, sent.Read<OffsetCommitRequest>().GenerationIdOrMemberEpoch);
        it.Harness.Answer(sent, Committed(ErrorCode.StaleMemberEpoch));
        it.Harness.Pass(Interval);
        it.Answer(2);
        it.Harness.Answer(it.Harness.Take(ApiKey.OffsetCommit), Committed(ErrorCode.StaleMemberEpoch));
        it.Harness.Pass(Second);
        var again = it.Harness.Take(ApiKey.OffsetCommit);
        Assert.Equal(2, again.Read<OffsetCommitRequest>().GenerationIdOrMemberEpoch);
        it.Harness.Answer(again, Committed(ErrorCode.None));
        Assert.True(commit.Value);
    }

    [Fact]
    public void Committed_offsets_are_asked_for_as_the_member_and_again_where_its_epoch_is_stale()
    {
        var it = Member(0);
        var asked = it.Harness.Take(ApiKey.OffsetFetch);
        var group = asked.Read<OffsetFetchRequest>().Groups.Single();
        Assert.Equal((it.Harness.Machine.MemberId, 1), (group.MemberId, group.MemberEpoch));
        it.Harness.Answer(asked, new OffsetFetchResponse { Groups = [new() { GroupId = "g", ErrorCode = ErrorCode.StaleMemberEpoch }] });
        it.Harness.Pass(Second);
        it.Harness.GiveCommitted(3);
        Assert.Equal(3, it.Harness.Queue.PositionOf(it.Harness.Assignment.Snapshot[0]).Offset);
    }

    [Fact]
    public void Static_member_whose_own_late_join_has_taken_its_name_lets_that_go_and_joins_again()
    {
        var it = Create(options => options.GroupInstanceId = "static");
        var late = it.Heartbeat().MemberId;
        it.Harness.Fail(it.Harness.Take(ApiKey.ConsumerGroupHeartbeat), RequestFailureReason.Lost);
        it.Harness.Take(ApiKey.ConsumerGroupHeartbeat);
        it.Harness.Pass(Second);
        it.Answer(1, 0);
        it.Answer(1);
        it.Harness.Pass(Interval);
        it.Answer(ErrorCode.FencedInstanceId);
        Assert.Empty(it.Assigned);
        var leave = it.Harness.Take(ApiKey.ConsumerGroupHeartbeat).Read<ConsumerGroupHeartbeatRequest>();
        Assert.Equal((late, -2), (leave.MemberId, leave.MemberEpoch));
        Assert.Equal(0, it.Heartbeat().MemberEpoch);
        it.Answer(3, 0);
        it.Answer(3);
        Assert.Equal([P(0)], it.Assigned);
        it.Harness.Pass(Interval);
        it.Answer(ErrorCode.FencedInstanceId);
        Assert.True(Assert.Throws<KafkaException>(() => it.Harness.ReadAll()).IsFatal);
    }

    [Theory]
    [InlineData(ErrorCode.GroupMaxSizeReached, "group.consumer.max.size")]
    [InlineData(ErrorCode.UnsupportedAssignor, "GroupRemoteAssignor")]
    [InlineData(ErrorCode.GroupIdNotFound, "GroupProtocol")]
    [InlineData(ErrorCode.FencedInstanceId, "GroupInstanceId")]
    [InlineData(ErrorCode.InvalidRequest, "said so")]
    public void Refusal_that_stays_ends_the_member_with_what_helps(ErrorCode error, string names)
    {
        var it = Create(options => options.GroupInstanceId = "static");
        it.Answer(error, "said so");
        var failed = Assert.Throws<KafkaException>(() => it.Harness.ReadAll());
        Assert.Equal((error, true), (failed.Code, failed.IsFatal));
        Assert.Contains(names, failed.Message, StringComparison.Ordinal);
        it.Harness.Pass(Interval);
        Assert.Equal(0, it.Pending);
    }

    [Fact]
    public void Topic_that_may_not_be_described_is_told_once_and_the_member_asks_again()
    {
        var it = Create();
        it.Answer(ErrorCode.TopicAuthorizationFailed);
        Assert.Throws<KafkaAuthorizationException>(() => it.Harness.ReadAll());
        it.Harness.Pass(Second);
        it.Answer(ErrorCode.TopicAuthorizationFailed);
        Assert.Empty(it.Harness.ReadAll());
        it.Harness.Pass(Second);
        it.Answer(1, 0);
        Assert.Equal([P(0)], it.Assigned);
    }

    [Theory]
    [InlineData(30, false)]
    [InlineData(60, true)]
    public void Instance_id_that_is_not_released_is_waited_for_as_long_as_a_session_lasts(int seconds, bool hasFailed)
    {
        var it = Create(options => options.GroupInstanceId = "static");
        for (var passed = 0; passed < seconds; passed++)
        {
            if (it.Pending > 0)
                it.Answer(ErrorCode.UnreleasedInstanceId);
            it.Harness.Pass(Second);
        }
        var failure = Record.Exception(() => it.Harness.ReadAll());
        Assert.Equal(hasFailed, failure is KafkaException { Code: ErrorCode.UnreleasedInstanceId, IsFatal: true });
        Assert.Equal(!hasFailed, it.Pending > 0);
    }

    [Fact]
    public void Coordinator_that_has_moved_is_looked_for_and_asked_the_same()
    {
        var it = Create();
        it.Answer(ErrorCode.NotCoordinator);
        it.Harness.Pass(Second);
        Assert.Equal(0, it.Heartbeat().MemberEpoch);
    }

    [Theory]
    [InlineData(1, false, ApiKey.ConsumerGroupHeartbeat)]
    [InlineData(0, false, ApiKey.JoinGroup)]
    [InlineData(1, true, ApiKey.JoinGroup)]
    public void Automatic_choice_is_the_consumer_protocol_where_it_is_finalized_and_nothing_of_the_other_is_set(short level, bool isClassicSet, ApiKey expected)
    {
        var it = new ConsumerHarness(options =>
        {
            options.GroupProtocol = GroupProtocol.Automatic;
            if (isClassicSet)
                options.SessionTimeout = TimeSpan.FromSeconds(45);
        });
        it.Cluster.Features["group.version"] = level;
        it.Wait();
        Assert.Equal(1, it.Count(expected));
    }

    [Theory]
    [InlineData(ErrorCode.UnsupportedVersion)]
    [InlineData(ErrorCode.GroupIdNotFound)]
    public void Automatic_choice_that_is_refused_is_followed_by_the_other_protocol_once(ErrorCode error)
    {
        var it = new Scene(new ConsumerHarness(options => options.GroupProtocol = GroupProtocol.Automatic));
        it.Harness.Cluster.Features["group.version"] = 1;
        it.Harness.Wait();
        it.Answer(error);
        it.Harness.Answer(it.Harness.Take(ApiKey.JoinGroup), new JoinGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol });
        it.Harness.Pass(Interval);
        Assert.Equal((0, 0), (it.Pending, it.Harness.Count(ApiKey.JoinGroup)));
        Assert.Throws<KafkaException>(() => it.Harness.ReadAll());
    }

    [Fact]
    public void Classic_join_that_is_refused_by_a_group_of_another_kind_is_followed_by_the_consumer_protocol()
    {
        var it = new Scene(new ConsumerHarness(options => options.GroupProtocol = GroupProtocol.Automatic));
        it.Harness.Wait();
        it.Harness.Answer(it.Harness.Take(ApiKey.JoinGroup), new JoinGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol });
        Assert.Equal(0, it.Heartbeat().MemberEpoch);
        it.Answer(1, 0, 1);
        Assert.Equal([P(0), P(1)], it.Assigned);
    }

    [Fact]
    public void Protocol_and_a_setting_that_it_does_not_have_are_refused_together_by_name()
    {
        var options = new ConsumerOptions
        {
            GroupId = "g", Topics = [Topic], GroupProtocol = GroupProtocol.Consumer, HeartbeatInterval = TimeSpan.FromSeconds(3),
            PartitionAssignmentStrategies = [PartitionAssignmentStrategy.Range],
        };
        var refused = Assert.Throws<KafkaOptionsException>(() => options.Validated());
        Assert.Contains("HeartbeatInterval, PartitionAssignmentStrategies", Assert.Single(refused.Mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void Moves_are_those_of_the_table()
    {
        foreach (var from in Enum.GetValues<ConsumerMemberState>())
        {
            foreach (var to in Enum.GetValues<ConsumerMemberState>())
            {
                if (ConsumerMemberMoves.IsLegal(from, to))
                    ConsumerMemberMoves.Check(from, to);
                else
                    Assert.Throws<InvalidOperationException>(() => ConsumerMemberMoves.Check(from, to));
            }
        }
        Assert.False(ConsumerMemberMoves.IsLegal(ConsumerMemberState.Left, ConsumerMemberState.Joining));
        Assert.False(ConsumerMemberMoves.IsLegal(ConsumerMemberState.Idle, ConsumerMemberState.Stable));
    }

    static OffsetCommitResponse Committed(ErrorCode error) => new()
    {
        Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, ErrorCode = error }] }],
    };

    /// <summary>A consumer whose application has begun to read.</summary>
    static Scene Create(Action<ConsumerOptions>? configure = null)
    {
        var it = new Scene(new ConsumerHarness(options =>
        {
            options.GroupProtocol = GroupProtocol.Consumer;
            configure?.Invoke(options);
        }));
        it.Harness.Wait();
        return it;
    }

    static Scene Member(params int[] partitions) => Member(null, partitions);

    /// <summary>A member in epoch 1 that was given these and has told so.</summary>
    static Scene Member(Action<ConsumerOptions>? configure, params int[] partitions)
    {
        var it = Create(configure);
        it.Answer(1, partitions);
        it.Answer(1);
        return it;
    }

    sealed class Scene(ConsumerHarness harness)
    {
        public ConsumerHarness Harness => harness;

        public List<TopicPartition> Assigned => [.. harness.Assignment.Snapshot.Select(static partition => partition.Partition)];

        public int Pending => harness.Count(ApiKey.ConsumerGroupHeartbeat);

        /// <summary>The heartbeat that waits for its answer.</summary>
        public ConsumerGroupHeartbeatRequest Heartbeat()
        {
            var sent = harness.Take(ApiKey.ConsumerGroupHeartbeat);
            harness.Cluster.Sent.Insert(0, sent);
            return sent.Read<ConsumerGroupHeartbeatRequest>();
        }

        public void Answer(int epoch) => Answer(epoch, (ConsumerGroupHeartbeatResponse.AssignmentData?)null);

        public void Answer(int epoch, params int[] partitions) => Answer(epoch, TopicId, partitions);

        public void Answer(int epoch, Guid topicId, params int[] partitions) => Answer(epoch, new ConsumerGroupHeartbeatResponse.AssignmentData
        {
            TopicPartitions = partitions.Length == 0 ? [] : [new() { TopicId = topicId, Partitions = partitions }],
        });

        public void Answer(ErrorCode error, string? message = null) => harness.Answer(
            harness.Take(ApiKey.ConsumerGroupHeartbeat), new ConsumerGroupHeartbeatResponse { ErrorCode = error, ErrorMessage = message });

        void Answer(int epoch, ConsumerGroupHeartbeatResponse.AssignmentData? assignment) => harness.Answer(
            harness.Take(ApiKey.ConsumerGroupHeartbeat),
            new ConsumerGroupHeartbeatResponse { MemberEpoch = epoch, HeartbeatIntervalMs = IntervalMs, Assignment = assignment });
    }
}
