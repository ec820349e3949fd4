using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>Positions and fetches of partitions assigned by hand, by hand-made time.</summary>
public sealed class FetchingTests
{
    static ConsumerHarness Assigned(Action<ConsumerOptions>? configure = null, long offset = 0, Guid? topicId = null, params int[] partitions)
    {
        var it = new ConsumerHarness(configure, isSubscribed: false, topicId: topicId);
        it.Call((call, _) => it.Machine.Assign([.. (partitions.Length == 0 ? [0] : partitions).Select(i => new TopicPartitionOffset(P(i), offset))], call));
        return it;
    }

    static FetchRequest.FetchPartition[] Asked(FetchRequest request) => [.. request.Topics.SelectMany(topic => topic.Partitions)];

    [Fact]
    public void Next_fetch_leaves_before_a_record_is_read()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        var next = it.Take(ApiKey.Fetch).Read<FetchRequest>();
        Assert.Equal(3, Asked(next).Single().FetchOffset);
        Assert.Equal((7, 1), (next.SessionId, next.SessionEpoch));
    }

    [Fact]
    public void First_fetch_says_what_the_options_say()
    {
        var it = Assigned(options => options.IsolationLevel = IsolationLevel.ReadCommitted);
        var sent = it.Take(ApiKey.Fetch);
        var fetch = sent.Read<FetchRequest>();
        Assert.Equal((500, 1, 1024 * 1024, 1), (fetch.MaxWaitMs, fetch.MinBytes, fetch.MaxBytes, fetch.IsolationLevel));
        Assert.Equal((0, 0), (fetch.SessionId, fetch.SessionEpoch));
        Assert.Equal((0, 5, 1024 * 1024), (Asked(fetch)[0].Partition, Asked(fetch)[0].CurrentLeaderEpoch, Asked(fetch)[0].PartitionMaxBytes));
        Assert.Equal(TopicId, fetch.Topics[0].TopicId);
        Assert.True(sent.Request.LargestAnswer > fetch.MaxBytes);
    }

    [Fact]
    public void Zero_topic_id_falls_back_to_names()
    {
        var it = Assigned(topicId: Guid.Empty);
        var sent = it.Take(ApiKey.Fetch);
        Assert.Equal(12, sent.Version);
        Assert.Equal(Topic, sent.Read<FetchRequest>().Topics[0].Topic);
    }

    /// <summary>As brokers 2.8 and 3.0 do: metadata has ids, and fetches name topics.</summary>
    [Fact]
    public void Broker_that_knows_topic_ids_and_fetches_by_name_is_read()
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.Cluster.MaxVersion = 12;
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));
        var sent = it.Take(ApiKey.Fetch);
        Assert.Equal(12, sent.Version);
        it.Answer(sent, Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        Assert.Equal(3, it.ReadAll().Count);

        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(3, 2))));
        Assert.Equal(2, it.ReadAll().Count);
    }

    [Fact]
    public void Session_names_only_what_changed_and_forgets_what_is_paused()
    {
        var it = Assigned(null, 0, null, 0, 1);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        var second = it.Take(ApiKey.Fetch);
        Assert.Equal([0], Asked(second.Read<FetchRequest>()).Select(partition => partition.Partition));
        it.Machine.SetPaused([P(1)], true);
        it.Answer(second, Fetched(7));
        var third = it.Take(ApiKey.Fetch).Read<FetchRequest>();
        Assert.Empty(third.Topics);
        Assert.Equal([1], third.ForgottenTopicsData.Single().Partitions);
        Assert.Equal(2, third.SessionEpoch);
    }

    [Theory]
    [InlineData(ErrorCode.FetchSessionIdNotFound)]
    [InlineData(ErrorCode.InvalidFetchSessionEpoch)]
    [InlineData(ErrorCode.FetchSessionTopicIdError)]
    public void Session_that_the_broker_lost_is_followed_by_a_full_fetch_at_once(ErrorCode error)
    {
        var it = Assigned(null, 0, null, 0, 1);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7));
        it.Answer(it.Take(ApiKey.Fetch), new FetchResponse { ErrorCode = error });
        var full = it.Take(ApiKey.Fetch).Read<FetchRequest>();
        Assert.Equal((0, 0), (full.SessionId, full.SessionEpoch));
        Assert.Equal([0, 1], Asked(full).Select(partition => partition.Partition).Order());
    }

    [Fact]
    public void Fetch_without_an_answer_is_followed_by_a_new_session()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7));
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        Assert.Equal(0, it.Count(ApiKey.Fetch));
        it.Pass(TimeSpan.FromSeconds(1));
        var full = it.Take(ApiKey.Fetch).Read<FetchRequest>();
        Assert.Equal((7, 0), (full.SessionId, full.SessionEpoch));
        Assert.Single(Asked(full));
    }

    [Fact]
    public void Answer_to_what_was_asked_before_a_seek_is_not_taken()
    {
        var it = Assigned();
        var old = it.Take(ApiKey.Fetch);
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 500), call, effects));
        it.Answer(old, Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        Assert.Empty(it.ReadAll());
        Assert.Equal(500, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Records_fetched_before_a_seek_are_not_handed_out()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        Assert.True(it.Reader.TryNext(out _));
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 500), call, effects));
        Assert.Empty(it.ReadAll());
        Assert.Equal((500L, -1), it.Queue.PositionOf(it.Assignment.Snapshot[0]));
    }

    [Fact]
    public void Paused_partition_goes_on_where_the_application_was()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 5))));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7));
        var parked = it.Take(ApiKey.Fetch);
        it.Reader.TryNext(out _);
        it.Reader.TryNext(out _);
        it.Machine.SetPaused([P(0)], true);
        it.Answer(parked, Fetched(7, (0, ErrorCode.None, Batch(5, 5))));
        Assert.Empty(it.ReadAll());
        it.Machine.SetPaused([P(0)], false);
        it.Turn();
        Assert.Equal(2, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Two_answers_for_one_place_give_its_records_once()
    {
        var it = Assigned();
        var first = it.Take(ApiKey.Fetch);
        it.ShowTopic(2, 6, leader: 2);
        it.Turn();
        var second = it.Take(ApiKey.Fetch);
        Assert.Equal(0, Asked(second.Read<FetchRequest>()).Single().FetchOffset);
        it.Answer(first, Fetched(7, (0, ErrorCode.None, Batch(0, 2))));
        it.Answer(second, Fetched(8, (0, ErrorCode.None, Batch(0, 2))));
        Assert.Equal(["0@0=0", "0@1=1"], it.ReadAll());
    }

    [Theory]
    [InlineData(RequestFailureReason.NotSent)]
    [InlineData(RequestFailureReason.Lost)]
    [InlineData(RequestFailureReason.TimedOut)]
    [InlineData(RequestFailureReason.Malformed)]
    [InlineData(RequestFailureReason.Expired)]
    public void Failure_of_the_connection_never_moves_the_position(object kind)
    {
        var reason = (RequestFailureReason)kind;
        var it = new ConsumerHarness(isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), -1)], call));
        it.Fail(it.Take(ApiKey.OffsetFetch), reason);
        Assert.Equal(0, it.Count(ApiKey.ListOffsets));
        it.Pass(TimeSpan.FromSeconds(2));
        it.GiveCommitted(42);
        it.Fail(it.Take(ApiKey.Fetch), reason);
        it.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(42, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
        Assert.Equal(0, it.Count(ApiKey.ListOffsets));
    }

    [Fact]
    public void Committed_offsets_that_a_transaction_may_change_are_waited_for()
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), -1)], call));
        var request = it.Take(ApiKey.OffsetFetch);
        Assert.True(request.Read<OffsetFetchRequest>().RequireStable);
        it.Answer(request, new OffsetFetchResponse
        {
            Groups = [new() { GroupId = "g", Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = -1, ErrorCode = ErrorCode.UnstableOffsetCommit }] }] }],
        });
        Assert.Equal(0, it.Count(ApiKey.ListOffsets));
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(1, it.Count(ApiKey.OffsetFetch));
    }

    [Fact]
    public void Offset_out_of_range_is_reset_by_the_policy()
    {
        var it = Assigned(offset: 77);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        var lookup = it.Take(ApiKey.ListOffsets);
        Assert.Equal(-2, lookup.Read<ListOffsetsRequest>().Topics[0].Partitions[0].Timestamp);
        it.Answer(lookup, new ListOffsetsResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = 50, LeaderEpoch = 5 }] }] });
        Assert.Equal(50, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Offset_out_of_range_waits_until_what_was_fetched_before_is_read()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        Assert.Equal(0, it.Count(ApiKey.ListOffsets));
        Assert.Equal(3, it.ReadAll().Count);
        it.Pass(TimeSpan.FromSeconds(1));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        Assert.Equal(1, it.Count(ApiKey.ListOffsets));
    }

    [Fact]
    public void Late_lookup_does_not_undo_a_seek()
    {
        var it = Assigned();
        it.Call((call, effects) => it.Machine.Seek(P(0), 1234, call, effects));
        var lookup = it.Take(ApiKey.ListOffsets);
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 9), call, effects));
        it.Answer(lookup, new ListOffsetsResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = 50 }] }] });
        Assert.Equal((9L, -1), it.Queue.PositionOf(it.Assignment.Snapshot[0]));
    }

    /// <summary>What the group has read was written by a leader before the one that leads now, whose log may be shorter (KIP-320).</summary>
    [Theory]
    [InlineData(30, 3, 30)]
    [InlineData(42, 3, 42)]
    [InlineData(-1, -1, 42)]
    public void Restart_asks_whether_the_log_still_holds_what_was_committed(long endOffset, int endEpoch, long position)
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), -1)], call));
        it.GiveCommitted(42, epoch: 3);
        Assert.Equal(0, it.Count(ApiKey.Fetch));
        var question = it.Take(ApiKey.OffsetForLeaderEpoch);
        Assert.Equal(3, question.Read<OffsetForLeaderEpochRequest>().Topics[0].Partitions[0].LeaderEpoch);
        it.Answer(question, new OffsetForLeaderEpochResponse
        {
            Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, EndOffset = endOffset, LeaderEpoch = endEpoch }] }],
        });
        Assert.Equal(position, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Seek_that_no_broker_answers_ends_by_its_deadline()
    {
        var it = Assigned();
        var seek = it.Call((call, effects) => it.Machine.Seek(P(0), 1234, call, effects), TimeSpan.FromSeconds(10));
        it.Pass(TimeSpan.FromSeconds(10));
        Assert.IsType<KafkaTimeoutException>(seek.Failure);
    }

    [Fact]
    public void Leader_that_a_response_names_is_asked_next()
    {
        var it = Assigned();
        var response = Fetched(7, (0, ErrorCode.NotLeaderOrFollower, []));
        response.Responses[0].Partitions[0].CurrentLeader = new() { LeaderId = 3, LeaderEpoch = 9 };
        response.NodeEndpoints = [new() { NodeId = 3, Host = "three", Port = 9092 }];
        it.Answer(it.Take(ApiKey.Fetch), response);
        it.Pass(TimeSpan.FromSeconds(1));
        var sent = it.Take(ApiKey.Fetch);
        Assert.Equal(3, sent.Target.NodeId);
        Assert.Equal(9, Asked(sent.Read<FetchRequest>()).Single().CurrentLeaderEpoch);
    }

    [Fact]
    public void New_leader_is_asked_whether_its_log_holds_what_was_read()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        Assert.Equal(10, it.ReadAll().Count);
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(0, it.Count(ApiKey.Fetch));
        var epoch = it.Take(ApiKey.OffsetForLeaderEpoch);
        Assert.Equal((5, 6), (epoch.Read<OffsetForLeaderEpochRequest>().Topics[0].Partitions[0].LeaderEpoch, epoch.Read<OffsetForLeaderEpochRequest>().Topics[0].Partitions[0].CurrentLeaderEpoch));
        it.Answer(epoch, new OffsetForLeaderEpochResponse { Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = 5, EndOffset = 7 }] }] });
        // The log was cut off: reading goes back to where it ends.
        Assert.Equal(7, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Records_of_a_former_leader_that_come_after_the_new_one_was_asked_are_not_taken()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        var late = it.Take(ApiKey.Fetch);
        Assert.Equal(10, it.ReadAll().Count);
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(TimeSpan.FromSeconds(2));
        it.Answer(it.Take(ApiKey.OffsetForLeaderEpoch), new OffsetForLeaderEpochResponse
        {
            Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = 5, EndOffset = 10 }] }],
        });
        it.Answer(late, Fetched(7, (0, ErrorCode.None, Batch(10, 3))));
        Assert.Empty(it.ReadAll());
        Assert.Equal(10, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    /// <summary>Record 3 is in hand while the log is cut off, at or before or behind it.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(7, 4)]
    public void Record_in_hand_does_not_lead_past_where_the_log_was_cut_off(long endOffset, long next)
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        for (var i = 0; i < 4; i++)
            Assert.True(it.Reader.TryNext(out _));
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(TimeSpan.FromSeconds(2));
        it.Answer(it.Take(ApiKey.OffsetForLeaderEpoch), new OffsetForLeaderEpochResponse
        {
            Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = 5, EndOffset = endOffset }] }],
        });
        Assert.False(it.Reader.TryNext(out _));
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(next, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Answer_of_a_leader_that_has_been_followed_by_another_validates_nothing()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        it.ReadAll();
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(TimeSpan.FromSeconds(2));
        var older = it.Take(ApiKey.OffsetForLeaderEpoch);
        it.ShowTopic(2, 7, leader: 1);
        it.Answer(older, new OffsetForLeaderEpochResponse { Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = 5, EndOffset = 10 }] }] });
        it.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(0, it.Count(ApiKey.Fetch));
        var newer = it.Take(ApiKey.OffsetForLeaderEpoch);
        Assert.Equal(7, newer.Read<OffsetForLeaderEpochRequest>().Topics[0].Partitions[0].CurrentLeaderEpoch);
        it.Answer(newer, new OffsetForLeaderEpochResponse { Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = 5, EndOffset = 7 }] }] });
        Assert.Equal(7, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
    }

    [Fact]
    public void Position_that_was_set_before_the_topic_was_known_is_asked_about_too()
    {
        var it = new ConsumerHarness(options => (options.GroupId, options.EnableAutoCommit) = (null, false), isSubscribed: false, partitions: 0);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));
        it.ShowTopic(2, 5);
        it.Turn();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(1, it.Count(ApiKey.OffsetForLeaderEpoch));
    }

    [Theory]
    [InlineData(-1L, -1)]
    [InlineData(10L, 5)]
    [InlineData(500L, 5)]
    public void Position_stays_where_the_new_leader_reports_no_cut(long endOffset, int endEpoch)
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(TimeSpan.FromSeconds(2));
        it.Answer(it.Take(ApiKey.OffsetForLeaderEpoch), new OffsetForLeaderEpochResponse { Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = endEpoch, EndOffset = endOffset }] }] });
        Assert.Equal(10, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);
        Assert.Equal(10, it.ReadAll().Count);
    }

    [Fact]
    public void Full_queue_stops_fetching_until_the_reader_takes_something()
    {
        var it = Assigned(options => (options.MaxPartitionFetchBytes, options.MaxPrefetchBytes) = (1024, 4096));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 300))));
        Assert.Equal(0, it.Count(ApiKey.Fetch));
        Assert.True(it.Reader.TryNext(out _));
        it.Turn();
        Assert.Equal(1, it.Count(ApiKey.Fetch));
    }

    /// <summary>Answers of one size need buffers of one size, and a reader that takes little does not make small fetches.</summary>
    [Fact]
    public void Fetch_leaves_once_a_quarter_of_the_queue_is_free_and_asks_for_a_quarter()
    {
        const int Partitions = 9;
        var it = new ConsumerHarness(
            options => (options.MaxPartitionFetchBytes, options.MaxPrefetchBytes) = (8192, 40_000), isSubscribed: false, Partitions);
        it.Call((call, _) => it.Machine.Assign([.. Enumerable.Range(0, Partitions).Select(i => new TopicPartitionOffset(P(i), 0))], call));
        var first = it.Take(ApiKey.Fetch);
        Assert.Equal(10_000, first.Read<FetchRequest>().MaxBytes);
        // Each of them counts for 4096 bytes.
        it.Answer(first, Fetched(7, [.. Enumerable.Range(0, Partitions).Select(i => (i, ErrorCode.None, Batch(0, 3)))]));

        Assert.True(it.Reader.TryNext(out _));
        it.Turn();
        Assert.Equal(0, it.Count(ApiKey.Fetch));
        for (var i = 0; i < 3; i++)
            Assert.True(it.Reader.TryNext(out _));
        it.Turn();
        Assert.Equal(10_000, it.Take(ApiKey.Fetch).Read<FetchRequest>().MaxBytes);
    }

    [Fact]
    public void Topic_that_may_not_be_read_is_an_error_and_is_not_asked_again()
    {
        var it = Assigned(null, 0, null, 0, 1);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.TopicAuthorizationFailed, []), (1, ErrorCode.None, Batch(0, 1))));
        var error = Assert.Throws<KafkaAuthorizationException>(() => it.Reader.TryNext(out _));
        Assert.Equal(P(0), error.Partition);
        Assert.Equal(["1@0=0"], it.ReadAll());
        Assert.Equal(PositionStage.Failed, it.Assignment.Snapshot[0].Stage);
        Assert.Equal([0], it.Take(ApiKey.Fetch).Read<FetchRequest>().ForgottenTopicsData.Single().Partitions);
    }

    [Fact]
    public void Partition_that_was_not_asked_for_is_left_out()
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (1, ErrorCode.None, Batch(0, 2)), (99, ErrorCode.None, Batch(0, 2)), (-1, ErrorCode.OffsetOutOfRange, [])));
        Assert.Empty(it.ReadAll());
        Assert.Equal(1, it.Count(ApiKey.Fetch));
    }

    [Fact]
    public void Topic_that_metadata_refuses_is_an_error_once()
    {
        var it = new ConsumerHarness();
        var wait = it.Wait();
        it.ShowTopic(0, 5, error: ErrorCode.TopicAuthorizationFailed);
        it.Turn();
        Assert.True(wait.IsAnswered);
        Assert.Throws<KafkaAuthorizationException>(() => it.Reader.TryNext(out _));
        it.ShowTopic(0, 5, error: ErrorCode.TopicAuthorizationFailed);
        Assert.False(it.Reader.TryNext(out _));
    }

    [Fact]
    public void Defect_ends_this_consumer_and_every_call_of_it()
    {
        var it = Assigned();
        var wait = it.Wait();
        var seek = it.Call((call, effects) =>
        {
            it.Machine.Calls.Add(call);
            it.Machine.Seek(P(0), 5, call, effects);
        });
        it.Machine.Calls.Add(wait);
        Assert.True(it.Machine.TakeFault(new InvalidOperationException("a defect")));
        it.Turn();
        Assert.True(Assert.IsType<KafkaException>(seek.Failure).IsFatal);
        Assert.NotNull(wait.Failure);
        Assert.Throws<KafkaException>(() => it.Reader.TryNext(out _));
        var close = it.Call((call, _) => it.Machine.Close(call, it.Now));
        Assert.True(close.Value);
        Assert.Empty(it.Cluster.Watched);
    }

    [Fact]
    public void Closed_client_is_asked_nothing_more()
    {
        var it = new ConsumerHarness();
        it.Wait();
        it.Fail(it.Take(ApiKey.JoinGroup), RequestFailureReason.Closed);
        it.Pass(TimeSpan.FromMinutes(1));
        Assert.Empty(it.Cluster.Sent);
    }

    [Theory]
    [InlineData("latest", -1L)]
    [InlineData("earliest", -2L)]
    public void Look_up_that_comes_back_without_an_offset_is_tried_again(string reset, long first)
    {
        var it = Assigned(options => (options.GroupId, options.EnableAutoCommit, options.AutoOffsetReset) = (null, false, AutoOffsetReset.Parse(reset)), offset: -1);
        var lookup = it.Take(ApiKey.ListOffsets);
        Assert.Equal(first, lookup.Read<ListOffsetsRequest>().Topics[0].Partitions[0].Timestamp);
        it.Answer(lookup, Listed(-1));
        it.Pass(TimeSpan.FromSeconds(2));

        // Where no record answers the first question, the end of the log does.
        var again = it.Take(ApiKey.ListOffsets);
        Assert.Equal(-1, again.Read<ListOffsetsRequest>().Topics[0].Partitions[0].Timestamp);
        it.Answer(again, Listed(42));

        Assert.Equal(42, Asked(it.Take(ApiKey.Fetch).Read<FetchRequest>()).Single().FetchOffset);

        static ListOffsetsResponse Listed(long offset) =>
            new() { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = offset, LeaderEpoch = 5 }] }] };
    }
}
