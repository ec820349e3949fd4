using NetKafka.Internal.Connections;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Tests.Producing;

/// <summary>What the end of the delivery timeout means in each place where a batch can be.</summary>
public sealed class DeliveryDeadlineTests
{
    readonly ProducerBench _bench = new ProducerBench().WithTopic("t", 3).WithId();

    TimeSpan Timeout => _bench.Options.DeliveryTimeout;

    [Fact]
    public void Batch_that_was_never_sent_is_not_written()
    {
        var bench = new ProducerBench().WithTopic("t");
        var record = bench.Send("t", "a");
        bench.Advance(bench.Options.DeliveryTimeout);
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Contains("DeliveryTimeout", record.Error!.Message);
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Batch_without_a_leader_is_not_written_and_the_error_says_why()
    {
        _bench.Show("t", 3, _ => -1);
        var record = _bench.Send("t", "a");
        _bench.Advance(Timeout);
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Contains("leader", record.Error!.Message);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Partitions_without_a_leader_for_a_moment_fail_nothing()
    {
        _bench.Show("t", 3, _ => -1);
        var records = new[] { _bench.Send("t", "a"), _bench.Send("t", "b", 1) };
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.Show("t", 3);
        _bench.Turn();
        _bench.Drain();
        Assert.All(records, record => Assert.Equal(0, record.Offset));
    }

    [Fact]
    public void Batch_in_a_request_that_was_not_written_leaves_it_and_is_not_written()
    {
        var record = _bench.Send("t", "a");
        Assert.Equal(1, _bench.WaitingRequests);
        _bench.Advance(Timeout);
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.AssertNothingHeld();
        _bench.Cluster.Sent.Clear();
        _bench.Send("t", "b");
        Assert.Equal(0, _bench.Take().Only.Sequence);
    }

    [Fact]
    public void Batch_that_expired_before_its_request_was_written_is_not_in_it()
    {
        _bench.Append("t", "old");
        _bench.Turn();
        _bench.Advance(Timeout / 2);
        var later = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, MaxInFlight = 1 }).WithTopic("t", 6).WithId();
        var first = later.Append("t", "first", partition: 0);
        later.Advance(TimeSpan.FromSeconds(1));
        later.Take().Fail(RequestFailureReason.NotSent, later.Now);
        later.PassBackoff();
        Assert.Equal(1, later.WaitingRequests);
        later.Advance(later.Options.DeliveryTimeout);
        Assert.Equal(RecordFate.NotWritten, first.Fate);
    }

    [Fact]
    public void Batch_on_the_wire_is_unknown_and_its_buffer_stays_until_the_answer()
    {
        var record = _bench.Send("t", "a");
        var request = _bench.Take();
        _bench.Advance(Timeout);
        Assert.Equal(RecordFate.Unknown, record.Fate);
        Assert.Equal(1, _bench.Pool.RentedCount);
        Assert.NotEqual(0, _bench.Accumulator.Memory.UsedBytes);
        request.Answer(_bench.Now);
        _bench.Turn();
        _bench.AssertNothingHeld();
        Assert.Equal(1, record.Continued);
    }

    [Fact]
    public void Buffer_of_an_expired_batch_is_given_back_when_its_connection_fails()
    {
        var record = _bench.Send("t", "a");
        var request = _bench.Take();
        _bench.Advance(Timeout);
        request.Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.PassBackoff();
        Assert.Equal(RecordFate.Unknown, record.Fate);
        Assert.Equal(0, _bench.WaitingRequests);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Late_answer_to_an_expired_batch_lets_the_partition_go_on_under_its_epoch()
    {
        _bench.Send("t", "a");
        var request = _bench.Take();
        _bench.Advance(Timeout);
        request.Answer(_bench.Now);
        _bench.Send("t", "b");
        var batch = _bench.Take().Only;
        Assert.Equal((1, 0), (batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Hole_of_a_batch_that_expired_in_flight_raises_the_epoch_before_the_partition_goes_on()
    {
        _bench.Send("t", "a");
        var request = _bench.Take();
        _bench.Advance(Timeout);
        var next = _bench.Send("t", "b");
        request.Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.PassBackoff();
        var batch = Assert.Single(_bench.Drain());
        Assert.Equal(("b", 0, 1), (batch.Values[0], batch.Sequence, (int)batch.Epoch));
        Assert.True(next.IsOver);
        _bench.AssertNothingHeld();
    }

    [Fact]
    public void Batch_behind_one_of_unknown_fate_settles_it_by_being_written()
    {
        _bench.Send("t", "a");
        var request = _bench.Take();
        _bench.Advance(Timeout);
        _bench.Send("t", "b");
        request.Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Take().Answer(_bench.Now);
        _bench.Send("t", "c");
        var batch = _bench.Take().Only;
        Assert.Equal((2, 0), (batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Nothing_new_is_sent_while_a_batch_of_unknown_fate_is_behind_it_unsettled()
    {
        _bench.Send("t", "a");
        var first = _bench.Take();
        _bench.Send("t", "b");
        var second = _bench.Take();
        _bench.Advance(Timeout);
        first.Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Send("t", "c");
        Assert.Equal(0, _bench.WaitingRequests);
        second.Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.PassBackoff();
        var batch = _bench.Take().Only;
        Assert.Equal(("c", 0, 1), (batch.Values[0], batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Batch_of_unknown_fate_that_expires_while_it_waits_is_unknown()
    {
        var record = _bench.Send("t", "a");
        _bench.Take().Fail(RequestFailureReason.TimedOut, _bench.Now);
        _bench.Show("t", 3, _ => -1);
        _bench.PassBackoff();
        _bench.Advance(Timeout);
        Assert.Equal(RecordFate.Unknown, record.Fate);
        _bench.Show("t", 3);
        _bench.Send("t", "b");
        var batch = _bench.Take().Only;
        Assert.Equal((0, 1), (batch.Sequence, (int)batch.Epoch));
    }

    [Fact]
    public void Batch_that_was_surely_refused_until_it_expired_is_not_written()
    {
        var record = _bench.Send("t", "a");
        while (!record.IsOver)
        {
            if (_bench.WaitingRequests > 0)
                _bench.Take().Answer(_bench.Now, ErrorCode.NotEnoughReplicas);
            _bench.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Equal(ErrorCode.NotEnoughReplicas, record.Error!.Code);
        Assert.Contains("NOT_ENOUGH_REPLICAS", record.Error.Message);
    }

    [Theory]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    [InlineData(ErrorCode.UnknownServerError)]
    public void Answer_that_leaves_the_log_open_makes_the_fate_unknown(ErrorCode error)
    {
        var record = _bench.Send("t", "a");
        while (!record.IsOver)
        {
            if (_bench.WaitingRequests > 0)
                _bench.Take().Answer(_bench.Now, error);
            _bench.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(RecordFate.Unknown, record.Fate);
    }

    [Fact]
    public void Open_batch_of_a_long_linger_expires_too()
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.FromSeconds(80) }).WithTopic("t");
        var record = bench.Send("t", "a");
        Assert.Equal(AppendResult.Appended, bench.TryAppend("t", "b", out var second));
        bench.Advance(bench.Options.DeliveryTimeout);
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Equal(RecordFate.NotWritten, second.Fate);
        bench.AssertNothingHeld();
    }

    [Fact]
    public void Expired_batches_of_many_partitions_all_end()
    {
        var bench = new ProducerBench().WithTopic("t", 50).WithId();
        var records = Enumerable.Range(0, 50).Select(partition => bench.Append("t", "x", partition)).ToList();
        bench.Turn();
        var requests = new List<SentProduce>();
        while (bench.WaitingRequests > 1)
            requests.Add(bench.Take());
        bench.Advance(bench.Options.DeliveryTimeout);
        Assert.All(records, record => Assert.True(record.IsOver));
        foreach (var request in requests)
            request.Fail(RequestFailureReason.Lost, bench.Now);
        bench.Turn();
        bench.AssertNothingHeld();
    }
}
