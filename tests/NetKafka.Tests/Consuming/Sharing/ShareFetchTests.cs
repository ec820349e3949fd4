using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Sharing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.Sharing.ShareHarness;

namespace NetKafka.Tests.Consuming.Sharing;

/// <summary>Sessions of a share consumer with its leaders, what they bring, and what becomes of acknowledgements; by hand-made time.</summary>
public sealed class ShareFetchTests
{
    [Fact]
    public void First_fetch_opens_a_session_and_the_next_ones_raise_its_epoch_and_name_what_is_new_alone()
    {
        var it = Member();
        var (sent, first) = it.TakeFetch();
        Assert.Equal(("g", 0, 500, 500, 0), (first.GroupId, first.ShareSessionEpoch, first.MaxRecords, first.BatchSize, first.ShareAcquireMode));
        Assert.Equal([0, 1], Assert.Single(first.Topics).Partitions.Select(static row => row.PartitionIndex));
        it.Answer(sent, Fetched());
        var (_, second) = it.TakeFetch();
        Assert.Equal(1, second.ShareSessionEpoch);
        Assert.Empty(second.Topics);
        Assert.Empty(second.ForgottenTopicsData);
    }

    [Fact]
    public void Nothing_is_fetched_while_the_application_does_not_wait()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        Assert.Equal(0, it.Count(ApiKey.ShareFetch));
        it.Read();
        it.Turn();
        Assert.Equal(0, it.Count(ApiKey.ShareFetch));
        it.ReadAll();
        it.Wait();
        Assert.Equal(1, it.Count(ApiKey.ShareFetch));
    }

    [Fact]
    public void Wait_that_was_cancelled_is_fetched_for_no_more()
    {
        var it = new ShareHarness();
        var wait = it.Wait();
        it.Join(0, 1);
        var (sent, _) = it.TakeFetch();
        wait.Fail(new OperationCanceledException(), new Internal.Kernel.Effects());
        it.Answer(sent, Fetched());
        Assert.Equal(0, it.Count(ApiKey.ShareFetch));
        it.Wait();
        Assert.Equal(1, it.Count(ApiKey.ShareFetch));
    }

    [Fact]
    public void Connection_is_needed_while_something_is_locked_by_it()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Fetched());
        Assert.Empty(it.Cluster.Needed);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        Assert.Equal([1], it.Cluster.Needed);
        it.Say(it.Read(), Accept);
        it.Say(it.Read(), Accept);
        Assert.Equal([1], it.Cluster.Needed);
        it.Commit();
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.None)));
        Assert.Empty(it.Cluster.Needed);
    }

    [Fact]
    public void Connection_is_not_needed_any_more_when_its_session_is_lost()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Say(it.Read(), Accept);
        it.Commit();
        it.Fail(it.TakeAcknowledge().Sent, RequestFailureReason.Lost);
        Assert.Empty(it.Cluster.Needed);
    }

    [Fact]
    public void Connection_is_not_needed_for_locks_that_have_ended()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Read();
        Assert.False(it.Reader.TryNext(it.Now, out _));
        it.Pass(TimeSpan.FromMilliseconds(LockMs - 1));
        Assert.Equal([1], it.Cluster.Needed);
        it.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Empty(it.Cluster.Needed);
    }

    [Fact]
    public void Only_what_was_acquired_is_handed_out()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(10, 10), (12, 13), (17, 17)));
        Assert.Equal([12, 13, 17], it.ReadAll());
    }

    [Fact]
    public void What_was_handed_out_before_is_accepted_with_the_next_fetch_and_what_is_in_hand_is_not()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 3), (0, 2)));
        it.Read();
        it.Read();
        it.Wait();
        Assert.Equal(["0-0:1"], Said(it.TakeFetch().Body));
    }

    [Fact]
    public void Offsets_without_records_are_acknowledged_as_gaps()
    {
        var it = Member();
        var records = Batch(0, 2).Concat(ConsumerHarness.EndOfTransaction(2, 7, isCommit: true)).Concat(Batch(5, 1)).ToArray();
        it.Answer(it.TakeFetch().Sent, Acquired(records, (0, 6)));
        Assert.Equal([0, 1, 5], it.ReadAll());
        it.Wait();
        var (sent, body) = it.TakeFetch();
        Assert.Equal(["0-1:1", "2-4:0", "5-5:1", "6-6:0"], Said(body));

        // They are nobody's records, so nobody is told of them.
        it.Answer(sent, Fetched(new ShareHarness.Row(0, null, [])));
        Assert.Equal([0, 1, 5], it.Told.SelectMany(static result => result.Offsets));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Offsets_without_records_are_not_told_where_their_session_is_lost(bool isSaid)
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 4)));
        var first = it.Read();
        it.Say(first, Accept);
        it.Read();
        if (isSaid)
            Assert.Empty(it.ReadAll());
        it.Wait();
        it.Answer(it.TakeFetch().Sent, new ShareFetchResponse { ErrorCode = ErrorCode.ShareSessionNotFound });
        Assert.Empty(it.ReadAll());
        it.Turn();
        Assert.Equal([0], it.Told.SelectMany(static result => result.Offsets));
    }

    [Fact]
    public void Damaged_batch_is_rejected_and_told_and_reading_goes_on_behind_it()
    {
        var it = Member();
        var damaged = Batch(2, 2);
        damaged[^1] ^= 1;
        it.Answer(it.TakeFetch().Sent, Acquired([.. Batch(0, 2), .. damaged, .. Batch(4, 1)], (0, 4)));
        it.Read();
        it.Read();
        var error = Assert.Throws<KafkaProtocolException>(() => it.Read());
        Assert.Equal((ErrorCode.CorruptMessage, P(0)), (error.Code, error.Partition!.Value));
        Assert.Equal([4], it.ReadAll());
        it.Wait();
        Assert.Equal(["0-1:1", "2-3:3", "4-4:1"], Said(it.TakeFetch().Body));
    }

    [Fact]
    public void Records_whose_lock_has_ended_before_their_turn_are_left_out_and_nothing_is_said_of_them()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 3), (0, 2)));
        it.Read();
        it.Pass(TimeSpan.FromMilliseconds(LockMs));
        Assert.Empty(it.ReadAll());
        it.Wait();
        Assert.Equal(["0-0:1"], Said(it.TakeFetch().Body));
    }

    [Fact]
    public void Record_that_its_loop_left_behind_is_released()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        it.Read();
        it.Reader.Finish(AcknowledgeType.Release);
        Assert.Equal([1], it.ReadAll());
        it.Wait();
        Assert.Equal(["0-0:2", "1-1:1"], Said(it.TakeFetch().Body));
    }

    [Fact]
    public void What_is_released_and_comes_again_with_the_same_answer_is_a_record_of_its_own()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Say(it.Read(), Release);
        it.Wait();
        var (sent, body) = it.TakeFetch();
        Assert.Equal(["0-0:2"], Said(body));
        it.Answer(sent, Acquired(Batch(0, 1), (0, 0)));
        Assert.True(Assert.Single(it.Told).IsCommitted);
        it.Say(it.Read(), Accept);
        it.Wait();
        Assert.Equal(["0-0:1"], Said(it.TakeFetch().Body));
    }

    [Fact]
    public void Acknowledgement_that_no_fetch_takes_along_is_sent_after_a_while()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        it.Say(it.Read(), Accept);
        Assert.Equal(0, it.Count(ApiKey.ShareAcknowledge));
        it.Pass(it.Options.FetchMaxWait);
        var (sent, body) = it.TakeAcknowledge();
        Assert.Equal((1, false), (body.ShareSessionEpoch, body.IsRenewAck));
        Assert.Equal(["0-0:1"], Said(body));
        it.Answer(sent, Acknowledged((0, ErrorCode.None)));
        Assert.Equal([0], Assert.Single(it.Told).Offsets);
    }

    [Fact]
    public void Commit_sends_at_once_and_tells_the_outcome_of_each_partition()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Fetched(new ShareHarness.Row(0, Batch(0, 1), [(0, 0)]), new ShareHarness.Row(1, Batch(0, 1), [(0, 0)])));
        it.Say(it.Read(), Accept);
        it.Say(it.Read(), Accept);
        var commit = it.Commit();
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.None), (1, ErrorCode.InvalidRecordState)));
        Assert.Equal([(P(0), true), (P(1), false)], commit.Value.Select(static result => (result.TopicPartition, result.IsCommitted)));
        Assert.Equal(ErrorCode.InvalidRecordState, commit.Value[1].Error!.Code);
        Assert.Empty(it.Commit().Value);
    }

    [Fact]
    public void Commit_waits_for_the_fetch_that_is_under_way()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        var first = it.Read();
        it.Read();
        Assert.False(it.Reader.TryNext(it.Now, out _));
        it.Wait();
        var (fetch, _) = it.TakeFetch();
        it.Say(first, Accept);
        var commit = it.Commit();
        Assert.Equal(0, it.Count(ApiKey.ShareAcknowledge));
        it.Answer(fetch, Fetched());
        var (sent, body) = it.TakeAcknowledge();
        Assert.Equal(2, body.ShareSessionEpoch);
        it.Answer(sent, Acknowledged((0, ErrorCode.None)));
        Assert.True(Assert.Single(commit.Value).IsCommitted);
    }

    [Theory]
    [InlineData(ErrorCode.ShareSessionNotFound)]
    [InlineData(ErrorCode.InvalidShareSessionEpoch)]
    public void Lost_session_begins_anew_and_what_was_acknowledged_in_it_is_told_as_not_counted(ErrorCode error)
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 3), (0, 2)));
        var (first, second, third) = (it.Read(), it.Read(), it.Read());
        it.Say(first, Accept);
        it.Wait();
        var (sent, body) = it.TakeFetch();
        Assert.Equal(["0-0:1"], Said(body));
        it.Say(second, Accept);
        it.Answer(sent, new ShareFetchResponse { ErrorCode = error });
        var told = Assert.Single(it.Told);
        Assert.Equal([0, 1], told.Offsets);
        Assert.Equal(error, told.Error!.Code);
        var (_, anew) = it.TakeFetch();
        Assert.Equal(0, anew.ShareSessionEpoch);
        Assert.Equal([0, 1], Assert.Single(anew.Topics).Partitions.Select(static row => row.PartitionIndex));
        Assert.Empty(Said(anew));

        // What is said of a record later than that is refused, and the application told.
        it.Say(third, Accept);
        Assert.Equal(ErrorCode.InvalidRecordState, it.Told[^1].Error!.Code);
        Assert.Equal([2], it.Told[^1].Offsets);
    }

    [Fact]
    public void Connection_that_ends_with_an_acknowledgement_on_it_ends_the_session_and_is_told()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Say(it.Read(), Accept);
        var commit = it.Commit();
        it.Fail(it.TakeAcknowledge().Sent, RequestFailureReason.Lost);
        Assert.False(Assert.Single(commit.Value).IsCommitted);
        it.Wait();
        it.Pass(Second);
        Assert.Equal(0, it.TakeFetch().Body.ShareSessionEpoch);
    }

    [Fact]
    public void Fetch_without_an_answer_is_followed_by_a_session_of_its_own()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Fetched());
        it.Fail(it.TakeFetch().Sent, RequestFailureReason.Lost);
        Assert.Equal(0, it.Count(ApiKey.ShareFetch));
        it.Pass(Second);
        var (_, anew) = it.TakeFetch();
        Assert.Equal((0, 2), (anew.ShareSessionEpoch, Assert.Single(anew.Topics).Partitions.Length));
    }

    [Fact]
    public void Answer_that_comes_after_the_session_has_begun_anew_is_of_no_record_of_the_old_one()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        var old = it.Read();
        it.Wait();
        it.Fail(it.TakeFetch().Sent, RequestFailureReason.TimedOut);
        it.Pass(Second);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Say(old, Reject);
        var again = it.Read();
        it.Say(again, Accept);
        it.Wait();
        Assert.Equal(["0-0:1"], Said(it.TakeFetch().Body));
    }

    [Fact]
    public void Passing_error_of_an_acknowledgement_has_it_sent_again()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Say(it.Read(), Accept);
        var commit = it.Commit();
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged((0, ErrorCode.CoordinatorNotAvailable)));
        Assert.False(commit.IsAnswered);
        it.Pass(Second);
        var (sent, body) = it.TakeAcknowledge();
        Assert.Equal((2, "0-0:1"), (body.ShareSessionEpoch, Assert.Single(Said(body))));
        it.Answer(sent, Acknowledged((0, ErrorCode.None)));
        Assert.True(Assert.Single(commit.Value).IsCommitted);
    }

    [Fact]
    public void Leader_that_has_moved_refuses_acknowledgements_and_the_new_one_is_fetched_from()
    {
        var it = Member(Explicit, 0);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        var (first, second) = (it.Read(), it.Read());
        it.Say(first, Accept);
        it.ShowTopic(2, 2);
        it.Turn();

        // Its partition is forgotten there by what the next fetch says; until then its acknowledgements go by themselves.
        var (sent, body) = it.TakeAcknowledge(1);
        Assert.Equal(["0-0:1"], Said(body));
        it.Answer(sent, Acknowledged((0, ErrorCode.NotLeaderOrFollower)));
        var told = Assert.Single(it.Told);
        Assert.Equal((ErrorCode.NotLeaderOrFollower, P(0)), (told.Error!.Code, told.TopicPartition));
        it.Wait();
        var (_, fetch) = it.TakeFetch(2);
        Assert.Equal(0, fetch.ShareSessionEpoch);
        it.Say(second, Accept);
        Assert.Equal(["1-1:1"], Said(it.TakeAcknowledge(1).Body));
    }

    [Fact]
    public void Partition_that_is_not_assigned_any_more_is_forgotten()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Fetched());
        it.Answer(it.TakeFetch().Sent, Fetched());
        it.Pass(TimeSpan.FromMilliseconds(IntervalMs));
        it.Join(1);
        it.Answer(it.TakeFetch().Sent, Fetched());
        var (_, fetch) = it.TakeFetch();
        Assert.Equal([0], Assert.Single(fetch.ForgottenTopicsData).Partitions);
        Assert.Empty(fetch.Topics);
    }

    [Fact]
    public void Leader_that_an_answer_names_is_learned()
    {
        var it = Member(null, 0);
        var answer = Fetched(new ShareHarness.Row(0, null, [], ErrorCode.NotLeaderOrFollower));
        answer.Responses[0].Partitions[0].CurrentLeader = new() { LeaderId = 2, LeaderEpoch = 9 };
        answer.NodeEndpoints = [new() { NodeId = 2, Host = "two", Port = 9092 }];
        it.Answer(it.TakeFetch().Sent, answer);
        Assert.Equal(0, it.TakeFetch(2).Body.ShareSessionEpoch);
    }

    [Fact]
    public void Strict_limit_is_asked_of_one_broker_at_a_time_and_for_no_more_than_is_wanted()
    {
        var it = new ShareHarness(static options => (options.AcquireMode, options.MaxPollRecords) = (ShareAcquireMode.RecordLimit, 10));
        it.ShowTopic(2, 1, 2);
        it.Wait(3);
        it.Join(0, 1);
        Assert.Equal(1, it.Count(ApiKey.ShareFetch));
        var (sent, first) = it.TakeFetch();
        Assert.Equal((1, 3), (first.ShareAcquireMode, first.MaxRecords));
        it.Answer(sent, Fetched());
        Assert.Equal(1, it.Count(ApiKey.ShareFetch));
        Assert.NotEqual(sent.Target.NodeId, it.TakeFetch().Sent.Target.NodeId);
    }

    [Fact]
    public void Strict_limit_of_a_broker_that_has_none_is_an_error_that_says_so()
    {
        var it = Member(static options => options.AcquireMode = ShareAcquireMode.RecordLimit);
        it.Fail(it.TakeFetch().Sent, RequestFailureReason.UnsupportedVersion);
        var error = Assert.Throws<KafkaProtocolException>(() => it.Read());
        Assert.Contains("4.2", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsFatal);
    }

    [Fact]
    public void Topic_that_may_not_be_read_is_told()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Fetched(new ShareHarness.Row(0, null, [], ErrorCode.TopicAuthorizationFailed)));
        Assert.Equal(P(0), Assert.Throws<KafkaAuthorizationException>(() => it.Read()).Partition);
    }

    [Fact]
    public void Closing_sends_what_was_said_ends_the_session_and_leaves()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 3), (0, 2)));
        it.Say(it.Read(), Accept);
        it.Read();
        var close = it.Close();
        var (sent, body) = it.TakeAcknowledge();
        Assert.Equal(ShareSession.FinalEpoch, body.ShareSessionEpoch);
        Assert.Equal(["0-0:1"], Said(body));
        it.Answer(sent, Acknowledged((0, ErrorCode.None)));
        Assert.True(Assert.Single(it.Told).IsCommitted);
        var leave = it.Take(ApiKey.ShareGroupHeartbeat);
        Assert.Equal(-1, leave.Read<ShareGroupHeartbeatRequest>().MemberEpoch);
        it.Answer(leave, new ShareGroupHeartbeatResponse());
        Assert.True(close.Value);
        Assert.True(it.Machine.IsClosed);
        Assert.Empty(it.Cluster.Watched);
    }

    [Fact]
    public void Closing_ends_by_its_deadline_though_no_broker_answers()
    {
        var it = Member(Explicit);
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 1), (0, 0)));
        it.Say(it.Read(), Accept);
        var close = it.Close();
        Assert.False(close.IsAnswered);
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.True(close.Value);
        Assert.False(Assert.Single(it.Told).IsCommitted);
    }

    [Fact]
    public void Unsubscribing_ends_the_session_and_leaves_and_subscribing_begins_again()
    {
        var it = Member();
        it.Answer(it.TakeFetch().Sent, Acquired(Batch(0, 2), (0, 1)));
        it.Read();
        var call = new Support.TestCall<bool>(it.Now + Second);
        it.Machine.Unsubscribe(call);
        it.Turn();
        it.Answer(it.TakeAcknowledge().Sent, Acknowledged());
        Assert.True(call.Value);
        Assert.Equal(-1, it.Take(ApiKey.ShareGroupHeartbeat).Read<ShareGroupHeartbeatRequest>().MemberEpoch);
        it.Wait();
        Assert.Equal(0, it.Count(ApiKey.ShareGroupHeartbeat));
        it.Machine.Subscribe(["orders"]);
        it.Turn();
        var join = it.Take(ApiKey.ShareGroupHeartbeat).Read<ShareGroupHeartbeatRequest>();
        Assert.Equal((0, "orders"), (join.MemberEpoch, Assert.Single(join.SubscribedTopicNames!)));
    }

    static void Explicit(ShareConsumerOptions options) => options.AcknowledgementMode = ShareAcknowledgementMode.Explicit;
}
