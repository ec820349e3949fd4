using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <content>What answers, and the want of them, mean for a transaction.</content>
public sealed partial class TransactionTests
{
    public static MatrixTheoryData<short, ErrorCode> Refusals => new(
        [1, 2],
        [
            ErrorCode.UnknownProducerId, ErrorCode.InvalidProducerEpoch, ErrorCode.InvalidTxnState, ErrorCode.TransactionAbortable,
            ErrorCode.InvalidProducerIdMapping,
        ]);

    public static MatrixTheoryData<short, ErrorCode> Ends => new([1, 2], [ErrorCode.ProducerFenced, ErrorCode.TransactionalIdAuthorizationFailed]);

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Record_that_is_refused_for_good_leaves_the_abort_and_nothing_is_written_under_another_epoch(short level, ErrorCode error)
    {
        RefuseRecord(level, error);
        var failure = Assert.IsType<TransactionException>(Commit().Failure);
        Assert.Equal((TransactionRemedy.Abort, error, false), (failure.Remedy, failure.Code, failure.IsFatal));
        Assert.Equal((0, 0), (_bench.WaitingRequests, _bench.Count(ApiKey.InitProducerId)));
        EndWith(Abort(), level == 2);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void Record_that_is_refused_since_the_producer_is_ends_it(short level, ErrorCode error)
    {
        RefuseRecord(level, error);
        var failure = Assert.IsType<TransactionException>(Commit().Failure);
        Assert.Equal((TransactionRemedy.None, error, true), (failure.Remedy, failure.Code, failure.IsFatal));
        Assert.Equal((0, 0), (_bench.WaitingRequests, _bench.Count(ApiKey.InitProducerId)));
    }

    [Fact]
    public void Record_that_comes_while_the_last_transaction_ends_is_sent_again_as_it_is()
    {
        Start(2);
        BeginReady();
        _bench.Send("t", "a");
        var first = _bench.Take();
        first.Answer(_bench.Now, ErrorCode.ConcurrentTransactions);
        _bench.Turn();
        _bench.PassBackoff();
        Assert.Equal(first.Only.Bytes, _bench.Take().Only.Bytes);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Version_is_the_one_that_the_cluster_has_finalized(short level, bool isVersion2)
    {
        Start(level);
        BeginReady();
        _bench.Send("t", "a");
        Assert.Equal(isVersion2 ? 0 : 1, _bench.Count(ApiKey.AddPartitionsToTxn));
        if (isVersion2)
            Assert.Equal(12, _bench.TakeRequest(ApiKey.Produce).Request.LowestVersion);
    }

    [Fact]
    public void Version_of_a_transaction_stays_until_its_end()
    {
        Start(1);
        BeginReady();
        Deliver("a", 1);
        _bench.Cluster.Level = 2;
        EndWith(Commit(), isVersion2: false);
    }

    /// <summary>Leaders take a record whose producer and epoch are in a transaction as part of that one, until its marker is there.</summary>
    [Fact]
    public void Newer_rules_begin_with_another_epoch()
    {
        Start(1);
        BeginReady();
        Deliver("a", 1);
        EndWith(Commit(), isVersion2: false);
        _bench.Cluster.Level = 2;
        var begin = Begin();
        Assert.False(begin.IsAnswered);
        var request = _bench.TakeRequest(ApiKey.InitProducerId);
        var body = request.Read<InitProducerIdRequest>();
        Assert.Equal((Pid, (short)0), (body.ProducerId, body.ProducerEpoch));
        _bench.Answer(request, new InitProducerIdResponse { ProducerId = Pid, ProducerEpoch = 1 });
        Assert.True(begin.Value);
        _bench.Send("t", "b");
        Assert.Equal((1, 0), (_bench.Take().Only.Epoch, _bench.Count(ApiKey.AddPartitionsToTxn)));
    }

    [Fact]
    public void Newer_rules_need_no_other_epoch_where_nothing_was_ended_under_it()
    {
        Start(1);
        BeginReady();
        Assert.True(Commit().Value);
        _bench.Cluster.Level = 2;
        Assert.True(Begin().Value);
        Deliver("a");
        EndWith(Commit(), isVersion2: true);
        Assert.True(Begin().Value);
    }

    /// <summary>What comes late must not meet the next transaction under the same epoch.</summary>
    [Theory]
    [InlineData(ApiKey.AddPartitionsToTxn)]
    [InlineData(ApiKey.AddOffsetsToTxn)]
    [InlineData(ApiKey.TxnOffsetCommit)]
    [InlineData(ApiKey.EndTxn)]
    public void Any_request_without_an_answer_is_followed_by_another_epoch_on_version_1(ApiKey lost)
    {
        Start(1);
        BeginReady();
        _bench.Send("t", "a");
        LoseIf(lost, ApiKey.AddPartitionsToTxn);
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        var offsets = SendOffsets();
        LoseIf(lost, ApiKey.AddOffsetsToTxn);
        _bench.Answer(_bench.TakeRequest(ApiKey.AddOffsetsToTxn), new AddOffsetsToTxnResponse());
        LoseIf(lost, ApiKey.TxnOffsetCommit);
        Committed(_bench.TakeRequest(ApiKey.TxnOffsetCommit));
        Assert.True(offsets.Value);
        var end = Abort();
        LoseIf(lost, ApiKey.EndTxn);
        EndWith(end, isVersion2: false);

        var begin = Begin();
        Assert.False(begin.IsAnswered);
        var init = _bench.TakeRequest(ApiKey.InitProducerId).Read<InitProducerIdRequest>();
        Assert.Equal((Pid, (short)0), (init.ProducerId, init.ProducerEpoch));
    }

    [Fact]
    public void Batch_of_unknown_fate_in_an_abort_is_followed_by_another_epoch_on_version_1()
    {
        Start(1);
        BeginReady();
        var record = _bench.Send("t", "a");
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        _bench.Take().Fail(RequestFailureReason.Lost, _bench.Now);
        _bench.Turn();
        var abort = Abort();
        Assert.Equal(RecordFate.Unknown, record.Fate);
        EndWith(abort, isVersion2: false);
        var begin = Begin();
        Assert.False(begin.IsAnswered);
        GiveId(epoch: 1);
        Assert.True(begin.Value);
        _bench.Send("t", "b");
        _bench.PassBackoff();
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        var next = _bench.Take().Only;
        Assert.Equal((1, 0), (next.Epoch, next.Sequence));
    }

    [Fact]
    public void Commit_while_no_partition_could_be_added_runs_out_of_time_and_ends_nothing()
    {
        Start(1);
        BeginReady();
        var record = _bench.Append("t", "a");
        _bench.Turn();
        var commit = Commit();
        for (var i = 0; i < 3; i++)
        {
            _bench.Fail(_bench.TakeRequest(ApiKey.AddPartitionsToTxn), RequestFailureReason.NotSent);
            _bench.PassBackoff();
            Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        }
        _bench.Advance(_bench.Options.MaxBlock);
        Assert.IsType<KafkaTimeoutException>(commit.Failure);
        _bench.Advance(_bench.Options.DeliveryTimeout);
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(Commit().Failure).Remedy);
    }

    [Fact]
    public void Coordinators_that_have_moved_are_looked_for_again()
    {
        Start(2);
        BeginReady();
        var offsets = SendOffsets();
        Committed(_bench.TakeRequest(ApiKey.TxnOffsetCommit), ErrorCode.NotCoordinator);
        Assert.Equal([CoordinatorKey.Group("g")], _bench.Cluster.Forgotten);
        _bench.PassBackoff();
        Committed(_bench.TakeRequest(ApiKey.TxnOffsetCommit));
        Assert.True(offsets.Value);

        Start(1);
        BeginReady();
        offsets = SendOffsets();
        _bench.Answer(_bench.TakeRequest(ApiKey.AddOffsetsToTxn), new AddOffsetsToTxnResponse { ErrorCode = ErrorCode.NotCoordinator });
        Assert.Equal([CoordinatorKey.Transaction("txn")], _bench.Cluster.Forgotten);
        _bench.PassBackoff();
        _bench.Fail(_bench.TakeRequest(ApiKey.AddOffsetsToTxn), RequestFailureReason.TimedOut);
        Assert.Equal(2, _bench.Cluster.Forgotten.Count);
        _bench.PassBackoff();
        _bench.Answer(_bench.TakeRequest(ApiKey.AddOffsetsToTxn), new AddOffsetsToTxnResponse());
        Assert.Equal("i", _bench.TakeRequest(ApiKey.TxnOffsetCommit).Read<TxnOffsetCommitRequest>().GroupInstanceId);
        Assert.False(offsets.IsAnswered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Id_that_came_after_its_call_had_run_out_of_time_answers_the_next_one(bool begins)
    {
        Start(2);
        var late = begins ? Begin() : Init();
        var request = _bench.TakeRequest(ApiKey.InitProducerId);
        _bench.Advance(_bench.Options.MaxBlock);
        Assert.True(Assert.IsType<KafkaTimeoutException>(late.Failure).IsRetriable);
        var again = begins ? Begin() : Init();
        Assert.Equal(0, _bench.Count(ApiKey.InitProducerId));
        _bench.Answer(request, new InitProducerIdResponse { ProducerId = Pid });
        Assert.True(again.Value);
    }

    [Fact]
    public void Commit_waits_for_offsets_whose_call_has_run_out_of_time()
    {
        Start(2);
        BeginReady();
        var offsets = SendOffsets();
        var request = _bench.TakeRequest(ApiKey.TxnOffsetCommit);
        Assert.Equal("i", request.Read<TxnOffsetCommitRequest>().GroupInstanceId);
        _bench.Advance(_bench.Options.MaxBlock);
        Assert.IsType<KafkaTimeoutException>(offsets.Failure);
        var commit = Commit();
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        Committed(request);
        EndWith(commit, isVersion2: true);
    }

    [Fact]
    public void Producer_without_an_open_transaction_is_disposed_at_once()
    {
        Start(2);
        Assert.True(Close().IsAnswered);
        Start(2);
        Init();
        GiveId();
        Assert.True(Close().IsAnswered);
        Start(2);
        Init();
        _bench.Answer(_bench.TakeRequest(ApiKey.InitProducerId), new InitProducerIdResponse { ErrorCode = ErrorCode.ProducerFenced });
        Assert.True(Close().IsAnswered);
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
    }

    [Fact]
    public void Producer_whose_transaction_has_failed_aborts_it_as_it_is_disposed()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        _bench.Machine.Transaction!.OnRecordLost(new KafkaTimeoutException("no room", "buffer memory"));
        _bench.Turn();
        var close = Close();
        Assert.False(close.IsAnswered);
        Assert.False(EndOf(close).Committed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Producer_that_is_disposed_while_its_transaction_ends_waits_for_that(bool commits)
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var end = commits ? Commit() : Abort();
        var close = Close();
        Assert.False(close.IsAnswered);
        Assert.Equal(commits, EndOf(close).Committed);
        Assert.True(end.Value);
    }

    [Fact]
    public void Producer_whose_abort_finds_no_end_is_disposed_at_its_deadline()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var close = Close();
        while (_bench.Now < close.Deadline)
        {
            Assert.False(close.IsAnswered);
            if (_bench.Count(ApiKey.EndTxn) > 0)
                _bench.Answer(_bench.TakeRequest(ApiKey.EndTxn), new EndTxnResponse { ErrorCode = ErrorCode.ConcurrentTransactions });
            _bench.PassBackoff();
        }
        Assert.True(close.IsAnswered);
    }

    [Fact]
    public void Of_the_errors_of_several_partitions_the_one_that_cannot_pass_is_told()
    {
        Start(1);
        _bench.WithTopic("u");
        BeginReady();
        _bench.Append("t", "a");
        _bench.Append("u", "a");
        _bench.Turn();
        AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult Row(string topic, ErrorCode error) =>
            new() { Name = topic, ResultsByPartition = [new() { PartitionErrorCode = error }] };
        _bench.Answer(_bench.TakeRequest(ApiKey.AddPartitionsToTxn), new AddPartitionsToTxnResponse
        {
            ResultsByTopicV3AndBelow = [Row("t", ErrorCode.OperationNotAttempted), Row("u", ErrorCode.TopicAuthorizationFailed)],
        });
        var failure = Assert.IsType<TransactionException>(Commit().Failure);
        Assert.Equal((TransactionRemedy.Abort, ErrorCode.TopicAuthorizationFailed), (failure.Remedy, failure.Code));
        Assert.True(Abort().Value);
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        Assert.True(Begin().Value);
    }

    [Fact]
    public void Purge_of_records_leaves_the_abort_alone()
    {
        Start(1);
        BeginReady();
        var record = _bench.Append("t", "a");
        _bench.Turn();
        _bench.Machine.OnPurge(new TestCall<bool>(NetKafka.Internal.Kernel.Instant.Never));
        _bench.Turn();
        Assert.Equal(RecordFate.NotWritten, record.Fate);
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(Commit().Failure).Remedy);
    }

    [Fact]
    public void Begin_twice_is_refused_while_the_id_is_awaited_too()
    {
        Start(2);
        var first = Begin();
        Assert.IsType<InvalidOperationException>(Begin().Failure);
        GiveId();
        Assert.True(first.Value);
    }

    [Fact]
    public void Commit_sends_what_lingers()
    {
        Start(2, TimeSpan.FromMilliseconds(50));
        BeginReady();
        _bench.Append("t", "a");
        _bench.Turn();
        Assert.Equal(0, _bench.WaitingRequests);
        Commit();
        Assert.Equal(1, _bench.WaitingRequests);
    }

    void RefuseRecord(short level, ErrorCode error)
    {
        Start(level);
        BeginReady();
        Deliver("a", level);
        _bench.Send("t", "b");
        _bench.Take().Answer(_bench.Now, error, more: static row => row.LogStartOffset = 100);
        _bench.Turn();
    }

    void LoseIf(ApiKey lost, ApiKey api)
    {
        if (lost != api)
            return;
        _bench.Fail(_bench.TakeRequest(api), RequestFailureReason.TimedOut);
        _bench.PassBackoff();
    }

    TestCall<bool> Close()
    {
        var close = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30));
        _bench.Machine.OnClose(close);
        _bench.Turn();
        return close;
    }

    EndTxnRequest EndOf(TestCall<bool> close)
    {
        var request = _bench.TakeRequest(ApiKey.EndTxn);
        var body = request.Read<EndTxnRequest>();
        _bench.Answer(request, new EndTxnResponse { ProducerId = Pid, ProducerEpoch = 1 });
        Assert.True(close.IsAnswered);
        return body;
    }
}
