using NetKafka.Internal.Connections;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Tests.Producing;

/// <summary>The order of a partition through failures, by hand-made answers.</summary>
public sealed class SequenceTests
{
    readonly ProducerBench _bench = new ProducerBench().WithTopic("t", 3).WithId();

    [Fact]
    public void Batches_of_a_partition_carry_sequences_that_join_up()
    {
        for (var i = 0; i < 3; i++)
            _bench.Send("t", $"{i}");
        var sent = new[] { _bench.Take(), _bench.Take(), _bench.Take() };
        Assert.Equal([0, 1, 2], sent.Select(request => request.Only.Sequence));
        Assert.All(sent, request => Assert.Equal((ProducerBench.Pid, (short)0), (request.Only.ProducerId, request.Only.Epoch)));
    }

    [Fact]
    public void First_batch_of_a_partition_goes_alone_until_it_is_acknowledged()
    {
        var bench = new ProducerBench().WithTopic("t", 3).WithId(isKnown: false);
        bench.Send("t", "0");
        bench.Send("t", "1");
        bench.Send("t", "2", partition: 1);
        var first = bench.Take();
        Assert.Equal(["0"], first.Only.Values);
        Assert.Equal(["2"], bench.Take().Only.Values);
        Assert.Equal(0, bench.WaitingRequests);

        // A broker that knows nothing of the producer would have taken the second batch, and never the first.
        first.Answer(bench.Now, ErrorCode.NotLeaderOrFollower);
        bench.Turn();
        bench.PassBackoff();
        var again = bench.Take();
        Assert.Equal(["0"], again.Only.Values);
        Assert.Equal(0, bench.WaitingRequests);

        again.Answer(bench.Now);
        bench.Turn();
        bench.Send("t", "3");
        Assert.Equal(["1"], bench.Take().Only.Values);
        Assert.Equal(["3"], bench.Take().Only.Values);
    }

    [Fact]
    public void First_batch_of_a_topic_that_was_created_anew_goes_alone()
    {
        _bench.Send("t", "0");
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        _bench.Recreate("t");
        _bench.Turn();
        _bench.Send("t", "1");
        _bench.Send("t", "2");
        var first = _bench.Take();
        Assert.Equal(["1"], first.Only.Values);
        Assert.Equal(0, _bench.WaitingRequests);
        first.Answer(_bench.Now);
        _bench.Turn();
        _bench.Send("t", "3");
        Assert.Equal(["2"], _bench.Take().Only.Values);
        Assert.Equal(["3"], _bench.Take().Only.Values);
    }

    [Fact]
    public void At_most_five_requests_are_in_flight_and_what_waits_is_gathered()
    {
        var records = Enumerable.Range(0, 8).Select(i => _bench.Send("t", $"{i}")).ToList();
        Assert.Equal(5, _bench.WaitingRequests);
        _bench.Take().Answer(_bench.Now, baseOffset: 10);
        _bench.Turn();
        Assert.Equal(10, records[0].Offset);
        Assert.Equal(5, _bench.WaitingRequests);
        var batches = _bench.Drain();
        Assert.Equal(["5", "6", "7"], batches[^1].Values);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Retried_batch_is_the_same_bytes()
    {
        _bench.Send("t", "a");
        var first = _bench.Take();
        _bench.Append("t", "b");
        first.Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Turn();
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.PassBackoff();
        Assert.Equal(first.Only.Bytes, _bench.Take().Only.Bytes);
    }

    [Fact]
    public void Failed_batches_are_sent_again_one_by_one_in_order_before_anything_new()
    {
        for (var i = 0; i < 5; i++)
            _bench.Send("t", $"{i}");
        var first = new[] { _bench.Take(), _bench.Take(), _bench.Take(), _bench.Take(), _bench.Take() };
        // The answers come in the worst order.
        first[3].Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        first[1].Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        first[4].Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        first[0].Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Send("t", "new");
        first[2].Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.Turn();
        _bench.PassBackoff();
        for (var i = 0; i < 5; i++)
        {
            // What is new may follow once nothing but the last of them is under way.
            Assert.Equal(i < 4 ? 1 : 2, _bench.WaitingRequests);
            var again = _bench.Take();
            Assert.Equal(first[i].Only.Bytes, again.Only.Bytes);
            again.Answer(_bench.Now);
            _bench.Turn();
        }
        Assert.Equal(["new"], _bench.Take().Only.Values);
    }

    [Fact]
    public void Out_of_order_behind_a_retried_batch_raises_no_epoch()
    {
        var a = _bench.Send("t", "a");
        var b = _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        second.Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        first.Answer(_bench.Now, ErrorCode.NotEnoughReplicas);
        _bench.PassBackoff();
        var batches = _bench.Drain();
        Assert.Equal([0, 1], batches.Select(batch => batch.Sequence));
        Assert.All(batches, batch => Assert.Equal(0, batch.Epoch));
        Assert.True(a.IsOver && b.IsOver);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Duplicate_is_success_with_an_unknown_offset()
    {
        var record = _bench.Send("t", "a");
        _bench.Take().Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.DuplicateSequenceNumber);
        _bench.Turn();
        Assert.Equal(-1, record.Offset);
        _bench.Send("t", "b");
        Assert.Equal(1, _bench.Take().Only.Sequence);
    }

    [Fact]
    public void Acknowledgement_that_comes_before_that_of_an_earlier_batch_is_told_after_it()
    {
        var a = _bench.Send("t", "a");
        var b = _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        first.Answer(_bench.Now, ErrorCode.RequestTimedOut);
        second.Answer(_bench.Now);
        _bench.Turn();
        Assert.False(a.IsOver || b.IsOver);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.DuplicateSequenceNumber);
        _bench.Turn();
        Assert.NotNull(a.Metadata);
        Assert.NotNull(b.Metadata);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Acknowledgement_waits_for_an_earlier_batch_no_longer_than_its_callers_do()
    {
        var a = _bench.Send("t", "a");
        var b = _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        first.Answer(_bench.Now, ErrorCode.RequestTimedOut);
        second.Answer(_bench.Now);
        _bench.Turn();
        _bench.Advance(_bench.Options.DeliveryTimeout);
        Assert.Equal(RecordFate.Unknown, a.Fate);
        Assert.NotNull(b.Metadata);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Batch_before_one_that_was_acknowledged_is_in_the_log_whatever_the_broker_remembers()
    {
        var a = _bench.Send("t", "a");
        _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        first.Answer(_bench.Now, ErrorCode.NotEnoughReplicasAfterAppend);
        second.Answer(_bench.Now);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.Turn();
        Assert.Equal(-1, a.Offset);
        _bench.Send("t", "c");
        var batch = _bench.Take().Only;
        Assert.Equal((2, 0), (batch.Sequence, (int)batch.Epoch));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batch_before_one_that_was_acknowledged_is_in_no_log_of_a_topic_that_was_created_anew(bool isIdSeen)
    {
        _bench.Send("t", "0");
        _bench.Take().Answer(_bench.Now, baseOffset: 40);
        _bench.Turn();
        var a = _bench.Send("t", "a");
        _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        first.Fail(RequestFailureReason.Lost, _bench.Now);
        // By its id, or, where a broker is too old for that, by an offset that has been used.
        if (isIdSeen)
            _bench.Recreate("t");
        _bench.Turn();
        second.Answer(_bench.Now, baseOffset: isIdSeen ? 90 : 3);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.Turn();
        Assert.Equal(RecordFate.Unknown, Assert.IsType<ProduceException>(a.Error).Fate);
    }

    [Fact]
    public void Gap_before_the_oldest_batch_raises_the_epoch_and_stamps_anew()
    {
        var a = _bench.Send("t", "a");
        var b = _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        first.Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.Turn();
        Assert.Equal(0, _bench.WaitingRequests);
        second.Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        var batches = _bench.Drain();
        Assert.Equal([("a", 0, 1), ("b", 1, 1)], batches.Select(batch => (batch.Values[0], batch.Sequence, (int)batch.Epoch)));
        Assert.True(a.IsOver && b.IsOver);
    }

    [Fact]
    public void Batch_of_unknown_fate_is_asked_about_under_its_old_number_before_it_is_stamped_anew()
    {
        _bench.Send("t", "a");
        var b = _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        second.Fail(RequestFailureReason.Lost, _bench.Now);
        first.Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        var probe = _bench.Take();
        Assert.Equal(second.Only.Bytes, probe.Only.Bytes);
        Assert.Equal(0, _bench.WaitingRequests);
        probe.Answer(_bench.Now, ErrorCode.DuplicateSequenceNumber);
        _bench.PassBackoff();
        // It is told of once the one before it has its outcome.
        Assert.False(b.IsOver);
        var restamped = Assert.Single(_bench.Drain());
        Assert.Equal(("a", 0, 1), (restamped.Values[0], restamped.Sequence, (int)restamped.Epoch));
        Assert.Equal(-1, b.Offset);
    }

    [Fact]
    public void Batch_of_unknown_fate_is_not_asked_about_in_a_topic_that_was_created_anew_since()
    {
        _bench.Send("t", "a");
        _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        second.Fail(RequestFailureReason.Lost, _bench.Now);
        first.Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.Recreate("t");
        _bench.PassBackoff();

        var alone = _bench.Take();
        Assert.Equal(("a", 0, 1), (alone.Only.Values[0], alone.Only.Sequence, (int)alone.Only.Epoch));
        Assert.Equal(0, _bench.WaitingRequests);
        alone.Answer(_bench.Now);
        _bench.Turn();
        var next = _bench.Take();
        Assert.Equal(("b", 1, 1), (next.Only.Values[0], next.Only.Sequence, (int)next.Only.Epoch));
    }

    /// <summary>
    /// Requests wait for their connection. Were the first refused by the old topic's id, and the second written by the new one's, the
    /// second would be in the new log before the first.
    /// </summary>
    [Fact]
    public void Request_is_for_the_topic_as_it_was_when_the_request_was_made()
    {
        var old = _bench.Cluster.View.Topics["t"].Id;
        _bench.Send("t", "a");
        _bench.Send("t", "b");
        _bench.Recreate("t");
        _bench.Turn();
        foreach (var request in _bench.Cluster.Sent.ToList())
        {
            Assert.Equal(old, request.Read<ProduceRequest>().TopicData.Single().TopicId);
            _bench.Cluster.Sent.Remove(request);
            request.Answer(new ProduceResponse
            {
                Responses = [new() { TopicId = old, PartitionResponses = [new() { ErrorCode = ErrorCode.UnknownTopicId, BaseOffset = -1 }] }],
            }, _bench.Now);
        }
        _bench.Turn();
        _bench.PassBackoff();
        var first = _bench.Take();
        Assert.Equal(("a", 0), (first.Only.Values.Single(), first.Only.Sequence));
        Assert.Equal(0, _bench.WaitingRequests);
        first.Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal(["b"], _bench.Take().Only.Values);
    }

    /// <summary>No broker knows the producer in the new log, so that a batch behind a refused one would be taken for the first.</summary>
    [Fact]
    public void What_the_old_log_acknowledges_late_lets_no_batch_go_beside_another_into_the_new_one()
    {
        _bench.Send("t", "a");
        _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        _bench.Recreate("t");
        _bench.Turn();
        first.Answer(_bench.Now, baseOffset: 7);
        _bench.Turn();
        _bench.Send("t", "c");
        Assert.Equal(0, _bench.WaitingRequests);
        second.Answer(_bench.Now, ErrorCode.UnknownTopicId);
        _bench.PassBackoff();
        var again = _bench.Take();
        Assert.Equal(["b"], again.Only.Values);
        Assert.Equal(0, _bench.WaitingRequests);
        again.Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal(["c"], _bench.Take().Only.Values);
    }

    [Fact]
    public void Idle_partition_takes_the_new_epoch_from_sequence_zero()
    {
        _bench.Send("t", "idle", partition: 1);
        Assert.Equal(0, _bench.Drain().Single().Epoch);
        _bench.Send("t", "a");
        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        _bench.Drain();
        _bench.Send("t", "again", partition: 1);
        var batch = _bench.Take().Only;
        Assert.Equal((0, 1), (batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Partition_with_batches_in_flight_keeps_the_old_epoch_until_they_are_answered()
    {
        _bench.Send("t", "busy", partition: 1);
        var busy = _bench.Take();
        _bench.Send("t", "a");
        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        _bench.Drain();
        _bench.Send("t", "waits", partition: 1);
        Assert.Equal(0, _bench.WaitingRequests);
        busy.Answer(_bench.Now);
        _bench.Turn();
        var batch = _bench.Take().Only;
        Assert.Equal((0, 1), (batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Last_epoch_is_followed_by_another_producer_id()
    {
        var bench = new ProducerBench().WithTopic("t").WithId(5, short.MaxValue);
        bench.Send("t", "a");
        bench.Take().Answer(bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        bench.PassBackoff();
        Assert.Equal(0, bench.WaitingRequests);
        bench.WithId(6);
        var batch = bench.Take().Only;
        Assert.Equal((6L, (short)0, 0), (batch.ProducerId, batch.Epoch, batch.Sequence));
    }

    [Theory]
    [InlineData(ErrorCode.UnknownProducerId)]
    [InlineData(ErrorCode.InvalidProducerEpoch)]
    public void Producer_that_the_broker_does_not_know_sends_again_under_a_new_stamp(ErrorCode error)
    {
        var record = _bench.Send("t", "a");
        _bench.Take().Answer(_bench.Now, error, more: row => row.LogStartOffset = 100);
        _bench.Turn();
        if (error == ErrorCode.InvalidProducerEpoch)
            _bench.WithId(ProducerBench.Pid + 1);
        var batch = _bench.Take();
        Assert.NotEqual((ProducerBench.Pid, (short)0), (batch.Only.ProducerId, batch.Only.Epoch));
        Assert.Equal(0, batch.Only.Sequence);
        batch.Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal(0, record.Offset);
    }

    [Fact]
    public void Unknown_producer_without_a_log_start_is_just_sent_again()
    {
        _bench.Send("t", "a");
        var first = _bench.Take();
        first.Answer(_bench.Now, ErrorCode.UnknownProducerId, more: row => row.LogStartOffset = -1);
        _bench.PassBackoff();
        Assert.Equal(first.Only.Bytes, _bench.Take().Only.Bytes);
    }

    [Fact]
    public void Batch_of_unknown_fate_that_the_broker_no_longer_knows_ends_as_unknown_and_is_not_repeated()
    {
        var record = _bench.Send("t", "a");
        _bench.Take().Fail(RequestFailureReason.TimedOut, _bench.Now);
        _bench.PassBackoff();
        _bench.Take().Answer(_bench.Now, ErrorCode.UnknownProducerId, more: row => row.LogStartOffset = 100);
        _bench.PassBackoff();
        Assert.Equal(RecordFate.Unknown, record.Fate);
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.Send("t", "b");
        Assert.Equal(1, _bench.Take().Only.Epoch);
        Assert.Equal(0, _bench.Pool.RentedCount - 1);
    }

    [Fact]
    public void Refused_batch_at_the_end_gives_its_number_to_the_next_one()
    {
        var record = _bench.Send("t", "a");
        _bench.Take().Answer(_bench.Now, ErrorCode.InvalidRecord);
        _bench.Turn();
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        _bench.Send("t", "b");
        var batch = _bench.Take().Only;
        Assert.Equal((0, 0), (batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Refused_batch_with_others_behind_it_raises_the_epoch_for_them()
    {
        var a = _bench.Send("t", "a");
        var b = _bench.Send("t", "b");
        var (first, second) = (_bench.Take(), _bench.Take());
        first.Answer(_bench.Now, ErrorCode.InvalidRecord);
        second.Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        Assert.Equal(RecordFate.NotWritten, a.Fate);
        var batch = Assert.Single(_bench.Drain());
        Assert.Equal(("b", 0, 1), (batch.Values[0], batch.Sequence, (int)batch.Epoch));
        Assert.True(b.IsOver);
    }

    [Fact]
    public void Topic_that_metadata_lacks_for_a_moment_keeps_its_sequences()
    {
        _bench.Send("t", "a");
        _bench.Drain();
        _bench.Hide("t");
        _bench.Turn();
        _bench.Send("t", "b");
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.Show("t", 3);
        _bench.Turn();
        Assert.Equal(1, _bench.Take().Only.Sequence);
    }

    [Fact]
    public void Sequences_wrap_to_zero_after_the_largest()
    {
        Assert.Equal(int.MaxValue, SequenceState.Add(int.MaxValue - 1, 1));
        Assert.Equal(0, SequenceState.Add(int.MaxValue, 1));
        Assert.Equal(4, SequenceState.Add(int.MaxValue - 5, 10));
        var queue = _bench.Accumulator.GetTopic("t").Partitions!.All[0];
        queue.Sequence.Restart(new ProducerStamp(ProducerBench.Pid, 0), int.MaxValue);
        _bench.Send("t", "last");
        _bench.Send("t", "first");
        Assert.Equal([int.MaxValue, 0], _bench.Drain().Select(batch => batch.Sequence));
        _bench.Send("t", "next");
        Assert.Equal(1, _bench.Take().Only.Sequence);
    }

    [Fact]
    public void Batches_go_to_the_new_leader_only_after_the_old_one_has_answered()
    {
        _bench.Send("t", "a");
        var old = _bench.Take();
        Assert.Equal(1, old.NodeId);
        _bench.Show("t", 3, _ => 2);
        _bench.Send("t", "b");
        Assert.Equal(0, _bench.WaitingRequests);
        old.Answer(_bench.Now);
        _bench.Turn();
        Assert.Equal(2, _bench.Take().NodeId);
    }

    [Fact]
    public void Leader_that_an_answer_names_is_tried_at_once()
    {
        _bench.Send("t", "a");
        var refused = _bench.Take();
        refused.Answer(_bench.Now, ErrorCode.NotLeaderOrFollower,
            more: row => row.CurrentLeader = new() { LeaderId = 3, LeaderEpoch = 1000 });
        _bench.Turn();
        var again = _bench.Take();
        Assert.Equal(3, again.NodeId);
        Assert.Equal(refused.Only.Bytes, again.Only.Bytes);
        Assert.Equal(0, _bench.Cluster.Refreshes);
    }

    [Fact]
    public void Leader_that_is_no_longer_one_and_names_none_makes_metadata_be_asked_for()
    {
        _bench.Send("t", "a");
        _bench.Take().Answer(_bench.Now, ErrorCode.NotLeaderOrFollower);
        Assert.Equal(1, _bench.Cluster.Refreshes);
        _bench.Turn();
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.PassBackoff();
        Assert.Equal(1, _bench.WaitingRequests);
    }

    [Fact]
    public void Without_idempotence_batches_have_no_stamp_and_need_no_id()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, EnableIdempotence = false }).WithTopic("t");
        bench.Send("t", "a");
        var batch = Assert.Single(bench.Drain());
        Assert.Equal((-1L, (short)-1, -1), (batch.ProducerId, batch.Epoch, batch.Sequence));
        Assert.Empty(bench.Cluster.Sent);
        bench.AssertNothingHeld();
    }
}
