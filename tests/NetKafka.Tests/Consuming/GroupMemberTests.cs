using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>A member of a group, by hand-made time.</summary>
public sealed class GroupMemberTests
{
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);

    [Fact]
    public void Group_is_joined_when_reading_begins()
    {
        var it = new ConsumerHarness();
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        it.Wait();
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Member_id_that_is_required_is_kept_for_the_next_join()
    {
        var it = new ConsumerHarness();
        it.Wait();
        var first = it.Take(ApiKey.JoinGroup);
        Assert.Equal("", first.Read<JoinGroupRequest>().MemberId);
        it.Answer(first, new JoinGroupResponse { ErrorCode = ErrorCode.MemberIdRequired, MemberId = "given" });
        Assert.Equal("given", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
    }

    [Fact]
    public void Second_join_is_not_sent_while_one_is_pending()
    {
        var it = new ConsumerHarness();
        it.Wait();
        for (var i = 0; i < 20; i++)
            it.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
        Assert.Equal(0, it.Count(ApiKey.Heartbeat));
    }

    /// <summary>A static member that joins twice shuts itself out.</summary>
    [Fact]
    public void Answer_to_what_was_asked_before_lets_no_second_join_go()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        var sync = it.Take(ApiKey.SyncGroup);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
        it.Answer(sync, new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(340, 0)]
    public void Static_member_that_is_fenced_soon_after_a_join_without_an_answer_takes_that_for_its_own(int secondsAfter, int joins)
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "static");
        var reading = it.Wait();
        it.Fail(it.Take(ApiKey.JoinGroup), RequestFailureReason.Lost);
        it.Pass(TimeSpan.FromSeconds(1));
        it.BecomeMember(1, 0, 1);
        for (var passed = 0; passed < secondsAfter; passed += 3)
        {
            it.Pass(Heartbeat);
            var isLast = passed + 3 >= secondsAfter;
            it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = isLast ? ErrorCode.FencedInstanceId : ErrorCode.None });
        }
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(it.Assignment.Snapshot);
        Assert.Equal(joins, it.Count(ApiKey.JoinGroup));
        Assert.Equal(joins == 0, reading.IsAnswered);
        if (joins > 0)
            Assert.Equal("", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
    }

    /// <summary>The coordinator of a group of the consumer protocol lets classic members join without waiting for others (KIP-848).</summary>
    [Fact]
    public void Member_that_is_sent_back_from_each_sync_joins_at_once_and_then_after_pauses()
    {
        var it = new ConsumerHarness();
        it.Wait();
        for (var refused = 0; refused < 4; refused++)
        {
            Assert.Equal(1, it.Count(ApiKey.JoinGroup));
            it.Answer(it.Take(ApiKey.JoinGroup), Joined(1));
            it.Answer(it.Take(ApiKey.SyncGroup), new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
            Assert.Equal(refused == 0 ? 1 : 0, it.Count(ApiKey.JoinGroup));
            it.Pass(TimeSpan.FromSeconds(1.2));
        }
        it.Answer(it.Take(ApiKey.JoinGroup), Joined(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share());
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    /// <summary>The process that was to give them up may have died, and the one that takes its name in the same generation owns nothing.</summary>
    [Fact]
    public void Leader_that_withheld_partitions_which_nobody_gives_up_shares_out_again_when_the_rebalance_timeout_has_passed()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        it.Wait();
        var joined = Cooperative(2);
        (joined.Leader, joined.MemberId) = ("m", "m");
        joined.Members =
        [
            new() { MemberId = "m", Metadata = GroupMessages.Subscription([Topic], [], -1, new CooperativeStickyAssignor()) },
            new() { MemberId = "other", Metadata = GroupMessages.Subscription([Topic], [P(0), P(1)], 1, new CooperativeStickyAssignor()) },
        ];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        var sync = it.Take(ApiKey.SyncGroup);
        Assert.Equal(1, sync.Read<SyncGroupRequest>().Assignments.Sum(share => GroupMessages.ReadAssignment(share.Assignment).Count));
        it.Answer(sync, Share());
        var passed = TimeSpan.Zero;
        for (; passed + Heartbeat < it.Options.MaxPollInterval; passed += Heartbeat)
        {
            it.Pass(Heartbeat);
            it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse());
            Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        }
        it.Pass(Heartbeat);
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Both_assignors_are_offered_with_what_Java_would_say()
    {
        var it = new ConsumerHarness();
        it.Wait();
        var join = it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>();
        Assert.Equal(["range", "cooperative-sticky"], join.Protocols.Select(protocol => protocol.Name));
        Assert.Equal(45_000, join.SessionTimeoutMs);
        Assert.Equal(300_000, join.RebalanceTimeoutMs);
        var said = GroupMessages.ReadSubscription("m", null, join.Protocols[0].Metadata, new RangeAssignor());
        Assert.Equal([Topic], said.Topics);
        Assert.Empty(said.OwnedPartitions);
    }

    [Fact]
    public void Leader_shares_out_and_rejoins_when_partitions_are_added()
    {
        var it = new ConsumerHarness();
        it.Wait();
        var metadata = GroupMessages.Subscription([Topic], [], -1, new RangeAssignor());
        var joined = Joined(1, "a", "a");
        joined.Members = [new() { MemberId = "b", Metadata = metadata }, new() { MemberId = "a", Metadata = metadata }];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        var sync = it.Take(ApiKey.SyncGroup);
        var shares = sync.Read<SyncGroupRequest>().Assignments.ToDictionary(share => share.MemberId, share => GroupMessages.ReadAssignment(share.Assignment));
        Assert.Equal([P(0)], shares["a"]);
        Assert.Equal([P(1)], shares["b"]);
        it.Answer(sync, Share(0));
        it.GiveCommitted(0);

        it.ShowTopic(3, 5);
        it.Turn();
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Leader_gives_nothing_to_a_member_whose_metadata_cannot_be_read()
    {
        var it = new ConsumerHarness();
        it.Wait();
        var joined = Joined(1, "a", "a");
        joined.Members =
        [
            new() { MemberId = "a", Metadata = GroupMessages.Subscription([Topic], [], -1, new RangeAssignor()) },
            new() { MemberId = "bad", Metadata = [0, 9, 1] }, new() { MemberId = "none", Metadata = [] },
        ];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        var shares = it.Take(ApiKey.SyncGroup).Read<SyncGroupRequest>().Assignments
            .ToDictionary(share => share.MemberId, share => GroupMessages.ReadAssignment(share.Assignment));
        Assert.Equal([P(0), P(1)], shares["a"]);
        Assert.Empty(shares["bad"]);
        Assert.Empty(shares["none"]);
    }

    [Fact]
    public void Leader_that_is_to_skip_the_assignment_sends_none()
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "static");
        it.Wait();
        var joined = Joined(1, "a", "a");
        joined.SkipAssignment = true;
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        Assert.Empty(it.Take(ApiKey.SyncGroup).Read<SyncGroupRequest>().Assignments);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public void Leader_that_skips_the_assignment_notices_partitions_that_were_added_while_it_was_away(int partitions, int joins)
    {
        var it = StaticLeaderThatIsUnknown(out var joined);
        it.ShowTopic(partitions, 5);

        joined.SkipAssignment = true;
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        Assert.Equal(joins, it.Count(ApiKey.JoinGroup));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public void Leader_in_a_new_process_asks_what_was_shared_out_and_notices_what_was_not(int partitions, int joins)
    {
        var it = BlindLeader(partitions);
        it.Answer(it.Take(ApiKey.DescribeGroups), Described("Stable", 0, 1));
        Assert.Equal(joins, it.Count(ApiKey.JoinGroup));
        it.Pass(Heartbeat);
        Assert.Equal(0, it.Count(ApiKey.DescribeGroups));
    }

    [Fact]
    public void Leader_asks_again_what_was_shared_out_where_the_group_is_between_two_generations()
    {
        var it = BlindLeader(3);
        it.Answer(it.Take(ApiKey.DescribeGroups), Described("PreparingRebalance"));
        Assert.Equal(0, it.Count(ApiKey.DescribeGroups));
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.DescribeGroups), Described("Stable", 0, 1));
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Leader_who_may_not_ask_what_was_shared_out_leads_on()
    {
        var it = BlindLeader(3);
        it.Answer(it.Take(ApiKey.DescribeGroups), new DescribeGroupsResponse { Groups = [new() { ErrorCode = ErrorCode.GroupAuthorizationFailed }] });
        it.Pass(Heartbeat);
        Assert.Equal((0, 0), (it.Count(ApiKey.DescribeGroups), it.Count(ApiKey.JoinGroup)));
    }

    /// <summary>A static member that leads a group of which it does not know what an earlier process of its name shared out.</summary>
    static ConsumerHarness BlindLeader(int partitions)
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "static");
        it.Wait();
        it.ShowTopic(partitions, 5);
        var joined = Joined(1, "a", "a");
        joined.SkipAssignment = true;
        joined.Members = [new() { MemberId = "a", Metadata = GroupMessages.Subscription([Topic], [], -1, new RangeAssignor()) }];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.Turn();
        return it;
    }

    static DescribeGroupsResponse Described(string state, params int[] partitions) => new()
    {
        Groups = [new() { GroupState = state, Members = [new() { MemberId = "a", MemberAssignment = GroupMessages.Assignment(partitions.Select(P)) }] }],
    };

    /// <summary>Coordinators before KIP-814 name a leader that came back by its old id, and nobody would look at the partitions.</summary>
    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public void Leader_that_is_told_its_old_id_goes_on_to_notice_partitions_that_are_added(int partitions, int joins)
    {
        var it = StaticLeaderThatIsUnknown(out _);

        it.Answer(it.Take(ApiKey.JoinGroup), Joined(1, "b", "a"));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.ShowTopic(partitions, 5);
        it.Turn();
        Assert.Equal(joins, it.Count(ApiKey.JoinGroup));
    }

    /// <summary>A static leader that shared out both partitions, read on, and is then told that the coordinator does not know it.</summary>
    static ConsumerHarness StaticLeaderThatIsUnknown(out JoinGroupResponse joined)
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "static");
        it.Wait();
        joined = Joined(1, "a", "a");
        joined.Members = [new() { MemberId = "a", Metadata = GroupMessages.Subscription([Topic], [], -1, new RangeAssignor()) }];
        it.Answer(it.Take(ApiKey.JoinGroup), joined);
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });
        return it;
    }

    [Fact]
    public void Heartbeats_go_on_while_the_application_takes_its_time()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 1))));
        Assert.True(it.Reader.TryNext(out _));
        for (var i = 0; i < 20; i++)
        {
            it.Pass(Heartbeat);
            var beat = it.Take(ApiKey.Heartbeat);
            Assert.Equal(1, beat.Read<HeartbeatRequest>().GenerationId);
            it.Answer(beat, new HeartbeatResponse());
        }
        Assert.Single(it.Assignment.Snapshot);
    }

    [Fact]
    public void Reader_that_stands_still_beyond_the_poll_interval_leaves_and_comes_back_when_it_reads()
    {
        var it = new ConsumerHarness(options => options.MaxPollInterval = TimeSpan.FromSeconds(60));
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        Assert.True(it.Reader.TryNext(out _));
        for (var i = 0; i < 7; i++)
            it.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal("m", it.Take(ApiKey.LeaveGroup).Read<LeaveGroupRequest>().Members[0].MemberId);
        Assert.Empty(it.Assignment.Snapshot);
        Assert.Contains(HandoverKind.Lost, it.Runs);
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));

        Assert.False(it.Reader.TryNext(out _));
        it.Wait();
        Assert.Equal("", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Waiting_reader_is_alive_however_long_nothing_comes()
    {
        var it = new ConsumerHarness(options => options.MaxPollInterval = TimeSpan.FromSeconds(60));
        it.Wait();
        it.BecomeMember(1, 0);
        for (var i = 0; i < 100; i++)
            it.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(0, it.Count(ApiKey.LeaveGroup));
    }

    [Fact]
    public void Rebalance_waits_for_the_record_in_hand_commits_it_and_only_then_joins()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.BecomeMember(1, 0, 1);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 5))));
        Assert.True(it.Reader.TryNext(out _));
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));

        Assert.False(it.Reader.TryNext(out _));
        it.Turn();
        var commit = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(1, commit.Read<OffsetCommitRequest>().Topics.Single().Partitions.Single().CommittedOffset);
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        it.Answer(commit, new OffsetCommitResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0 }] }] });
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
        Assert.Empty(it.Assignment.Snapshot);
    }

    static JoinGroupResponse Cooperative(int generation)
    {
        var joined = Joined(generation);
        joined.ProtocolName = "cooperative-sticky";
        return joined;
    }

    /// <summary>It was sent under the old generation, and the new one began while it was on its way.</summary>
    [Fact]
    public void Last_commit_that_meets_a_newer_generation_is_sent_again_under_it()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        Assert.True(it.Reader.TryNext(out _));
        Assert.True(it.Reader.TryNext(out _));
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        it.Call((call, _) => it.Machine.Close(call, it.Now));
        it.Reader.Abandon();
        it.Turn();
        var last = it.Take(ApiKey.OffsetCommit);
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(2));
        it.Answer(last, new OffsetCommitResponse
        {
            Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, ErrorCode = ErrorCode.IllegalGeneration }] }],
        });
        it.Pass(TimeSpan.FromSeconds(1));

        var again = it.Take(ApiKey.OffsetCommit).Read<OffsetCommitRequest>();
        Assert.Equal(2, again.GenerationIdOrMemberEpoch);
        Assert.Equal(1, again.Topics.Single().Partitions.Single().CommittedOffset);
    }

    /// <summary>Close gives up what there is; what comes after it would be handed out and never be given up.</summary>
    [Fact]
    public void Share_that_comes_while_the_consumer_closes_is_not_taken()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]) { HasHandlers = true };
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        it.EndRun();
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 2))));
        Assert.True(it.Reader.TryNext(out _));
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(2));
        it.Call((call, _) => it.Machine.Close(call, it.Now));

        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.Reader.Abandon();
        it.Turn();
        it.EndRun();
        it.Turn();
        Assert.Equal([HandoverKind.Assigned, HandoverKind.Revoked], it.Runs);
        Assert.Equal(1, it.Count(ApiKey.LeaveGroup));
    }

    [Fact]
    public void Cooperative_member_goes_on_reading_what_stays_its_own()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });

        var rejoin = it.Take(ApiKey.JoinGroup);
        var said = GroupMessages.ReadSubscription("m", null, rejoin.Read<JoinGroupRequest>().Protocols[0].Metadata, new CooperativeStickyAssignor());
        Assert.Equal([P(0), P(1)], said.OwnedPartitions);
        Assert.Equal(1, said.Generation);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 2))));
        Assert.Equal(["0@0=0", "0@1=1"], it.ReadAll());

        it.Answer(rejoin, Cooperative(2));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        Assert.Equal([P(0)], it.Assignment.Snapshot.Select(partition => partition.Partition));
        // What was given up needs another rebalance to reach its new owner.
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
        Assert.Equal(2, it.Assignment.Snapshot[0].Position);
    }

    /// <summary>
    /// A static member that was suspended before its follow-up join was answered comes back into the same generation, without a
    /// rebalance.
    /// </summary>
    [Fact]
    public void What_a_static_member_gave_up_finds_an_owner_though_the_member_was_suspended_meanwhile()
    {
        var it = new ConsumerHarness(options =>
        {
            options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky];
            options.GroupInstanceId = "one";
            options.MaxPollInterval = TimeSpan.FromSeconds(60);
        });
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        Assert.True(it.Reader.TryNext(out _));
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(2));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        var unanswered = it.Take(ApiKey.JoinGroup);
        for (var i = 0; i < 7; i++)
            it.Pass(TimeSpan.FromSeconds(10));
        Assert.Contains(HandoverKind.Lost, it.Runs);
        it.Fail(unanswered, RequestFailureReason.Lost);

        Assert.False(it.Reader.TryNext(out _));
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(2));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        var again = it.Take(ApiKey.JoinGroup);
        it.Answer(again, Cooperative(2));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        // The coordinator has heard it; one that answers with the same generation all the same is not asked for ever.
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
    }

    /// <summary>It stayed in the group with what it had said in its first join, in which it owned nothing.</summary>
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Static_member_without_which_the_group_was_shared_out_has_lost_what_it_owned(int generation, bool isLost)
    {
        var it = new ConsumerHarness(options =>
        {
            options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky];
            options.GroupInstanceId = "one";
        });
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(generation));
        Assert.Equal(isLost, it.Runs.Contains(HandoverKind.Lost));
        if (!isLost)
            return;
        // It joins once more, and says that it has nothing.
        var again = it.Take(ApiKey.JoinGroup);
        var said = GroupMessages.ReadSubscription("m", "one", again.Read<JoinGroupRequest>().Protocols[0].Metadata, new CooperativeStickyAssignor());
        Assert.Empty(said.OwnedPartitions);
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
        it.Answer(again, Cooperative(generation + 1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(1));
        Assert.Equal([P(1)], it.Assignment.Snapshot.Select(partition => partition.Partition));
    }

    [Theory]
    [InlineData(ErrorCode.RebalanceInProgress)]
    [InlineData(ErrorCode.UnknownMemberId)]
    public void Application_is_told_once_of_what_it_gives_up_whatever_the_group_does_while_the_consumer_closes(ErrorCode error)
    {
        var it = new ConsumerHarness { HasHandlers = true };
        it.Wait();
        it.BecomeMember(1, 0);
        it.EndRun();
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        Assert.True(it.Reader.TryNext(out _));
        Assert.True(it.Reader.TryNext(out _));
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now));
        it.Reader.Abandon();
        it.Turn();
        it.EndRun();
        var last = it.Take(ApiKey.OffsetCommit);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = error });
        it.Answer(last, new OffsetCommitResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0 }] }] });
        it.Turn();
        if (it.Count(ApiKey.LeaveGroup) > 0)
            it.Answer(it.Take(ApiKey.LeaveGroup), new LeaveGroupResponse());
        Assert.Equal([HandoverKind.Assigned, HandoverKind.Revoked], it.Runs);
        Assert.Empty(it.Assignment.Snapshot);
        Assert.True(close.IsAnswered);
    }

    /// <summary>The last commit of what is given up takes its time, and meanwhile the group goes on without the member.</summary>
    [Fact]
    public void Member_that_is_expelled_while_it_gives_up_partitions_loses_the_others_alone()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0, 1));
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (1, ErrorCode.None, Batch(0, 2))));
        Assert.Equal(2, it.ReadAll().Count);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(2));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        var last = it.Take(ApiKey.OffsetCommit);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.UnknownMemberId });
        it.Answer(last, new OffsetCommitResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 1 }] }] });
        it.Turn();

        Assert.Equal(
            [(HandoverKind.Assigned, "0 1"), (HandoverKind.Revoked, "1"), (HandoverKind.Lost, "0")],
            it.Told.Select(static told => (told.Kind, string.Join(' ', told.Partitions.Select(static partition => partition.Partition)))));
    }

    [Theory]
    [InlineData(ErrorCode.UnknownMemberId, "")]
    [InlineData(ErrorCode.IllegalGeneration, "m")]
    public void Expelled_member_loses_its_partitions_commits_nothing_and_joins_again(ErrorCode error, string memberId)
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        it.Reader.TryNext(out _);
        it.Reader.TryNext(out _);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = error });

        Assert.Empty(it.Assignment.Snapshot);
        Assert.Equal([HandoverKind.Assigned, HandoverKind.Lost], it.Runs);
        Assert.Equal(memberId, it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
        Assert.False(it.Reader.TryNext(out _));
        it.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Heartbeat_answer_of_an_older_generation_says_nothing()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(-1);
        it.Pass(Heartbeat);
        var late = it.Take(ApiKey.Heartbeat);
        it.Machine.OnRefused(ErrorCode.RebalanceInProgress);
        it.Turn();
        it.BecomeMember(2, 0);
        it.Answer(late, new HeartbeatResponse { ErrorCode = ErrorCode.IllegalGeneration });
        Assert.Single(it.Assignment.Snapshot);
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Fenced_static_member_is_over_for_good()
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "one");
        it.Wait();
        it.BecomeMember(1, 0);
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.FencedInstanceId });
        Assert.Empty(it.Assignment.Snapshot);
        var error = Assert.Throws<KafkaException>(() => it.Reader.TryNext(out _));
        Assert.True(error.IsFatal);
        it.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
    }

    /// <summary>The coordinator moved before the generation was written down: the new one knows an older id of the instance.</summary>
    [Fact]
    public void Static_member_that_was_in_no_generation_yet_begins_anew_where_its_id_is_refused()
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "one");
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Joined(1));
        it.Answer(it.Take(ApiKey.SyncGroup), new SyncGroupResponse { ErrorCode = ErrorCode.NotCoordinator });
        it.Pass(TimeSpan.FromSeconds(1));
        var again = it.Take(ApiKey.JoinGroup);
        Assert.Equal("m", again.Read<JoinGroupRequest>().MemberId);
        it.Answer(again, new JoinGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
        it.Pass(TimeSpan.FromSeconds(1));
        var anew = it.Take(ApiKey.JoinGroup);
        Assert.Equal(("", "one"), (anew.Read<JoinGroupRequest>().MemberId, anew.Read<JoinGroupRequest>().GroupInstanceId));
        // A join of its own that came late may be what shut this one out.
        it.Answer(anew, new JoinGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
        it.Pass(TimeSpan.FromSeconds(2));
        it.Answer(it.Take(ApiKey.JoinGroup), Joined(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        it.Pass(Heartbeat);
        it.Answer(it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.FencedInstanceId });
        Assert.True(Assert.Throws<KafkaException>(() => it.Reader.TryNext(out _)).IsFatal);
    }

    [Fact]
    public void Coordinator_that_moved_is_looked_for_again()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), new JoinGroupResponse { ErrorCode = ErrorCode.NotCoordinator });
        Assert.Equal([CoordinatorKey.Group("g")], it.Cluster.Forgotten);
        Assert.Equal(0, it.Count(ApiKey.JoinGroup));
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Join_whose_connection_broke_is_tried_again_under_the_same_id()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), new JoinGroupResponse { ErrorCode = ErrorCode.MemberIdRequired, MemberId = "given" });
        it.Fail(it.Take(ApiKey.JoinGroup), RequestFailureReason.Lost);
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("given", it.Take(ApiKey.JoinGroup).Read<JoinGroupRequest>().MemberId);
    }

    [Theory]
    [InlineData(ErrorCode.GroupAuthorizationFailed)]
    [InlineData(ErrorCode.InconsistentGroupProtocol)]
    [InlineData(ErrorCode.InvalidSessionTimeout)]
    [InlineData(ErrorCode.GroupMaxSizeReached)]
    public void Refusal_for_good_reaches_the_reader(ErrorCode error)
    {
        var it = new ConsumerHarness();
        var wait = it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), new JoinGroupResponse { ErrorCode = error });
        Assert.True(wait.IsAnswered);
        Assert.Equal(error, Assert.ThrowsAny<KafkaException>(() => it.Reader.TryNext(out _)).Code);
    }

    [Fact]
    public void Closing_commits_leaves_and_ends_within_its_time()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 2))));
        Assert.Equal(2, it.ReadAll().Count);
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now), TimeSpan.FromSeconds(5));
        var commit = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(2, commit.Read<OffsetCommitRequest>().Topics.Single().Partitions.Single().CommittedOffset);
        it.Answer(commit, new OffsetCommitResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0 }] }] });
        it.Answer(it.Take(ApiKey.LeaveGroup), new LeaveGroupResponse());
        Assert.True(close.IsAnswered);
        Assert.True(it.Machine.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => it.Reader.TryNext(out _));
        Assert.Empty(it.Cluster.Watched);
        Assert.Equal(0, it.Pool.RentedCount);
    }

    [Fact]
    public void Closing_ends_even_if_no_broker_answers()
    {
        var it = new ConsumerHarness();
        var wait = it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(0);
        var commit = it.Call((call, effects) => it.Machine.Commit([new TopicPartitionOffset(P(0), 7)], call, effects));
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now), TimeSpan.FromSeconds(5));
        Assert.IsType<ObjectDisposedException>(wait.Failure);
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.True(close.IsAnswered);
        Assert.NotNull(commit.Failure);
    }

    [Fact]
    public void Static_member_does_not_leave_when_it_closes()
    {
        var it = new ConsumerHarness(options => options.GroupInstanceId = "one");
        it.Wait();
        it.BecomeMember(1, 0);
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now), TimeSpan.FromSeconds(5));
        Assert.True(close.IsAnswered);
        Assert.Equal(0, it.Count(ApiKey.LeaveGroup));
    }

    [Theory]
    [InlineData(MemberState.Idle, MemberState.Stable)]
    [InlineData(MemberState.Joining, MemberState.Stable)]
    [InlineData(MemberState.Left, MemberState.Joining)]
    public void Illegal_move_throws(object from, object to) =>
        Assert.Throws<InvalidOperationException>(() => MemberMoves.Check((MemberState)from, (MemberState)to));
}
