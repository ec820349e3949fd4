using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Producing.Transactions;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <summary>A producer's transactions, by hand-made time, by the rules of transaction.version 1 and 2.</summary>
public sealed partial class TransactionTests
{
    const long Pid = ProducerBench.Pid;
    static readonly ConsumerGroupMetadata Group = new("g", "m", 4, "i");

    ProducerBench _bench = null!;

    [Fact]
    public void Id_is_asked_of_the_coordinator_with_name_and_timeout()
    {
        Start(2);
        var init = Init();
        var request = _bench.TakeRequest(ApiKey.InitProducerId);
        Assert.Equal("txn", request.Target.CoordinatorKey.Key);
        var body = request.Read<InitProducerIdRequest>();
        Assert.Equal(("txn", 20_000, -1L), (body.TransactionalId, body.TransactionTimeoutMs, body.ProducerId));
        _bench.Answer(request, new InitProducerIdResponse { ProducerId = Pid, ProducerEpoch = 3 });
        Assert.True(init.Value);
    }

    /// <summary>The transaction of a dead producer is being aborted.</summary>
    [Theory]
    [InlineData(ErrorCode.ConcurrentTransactions)]
    [InlineData(ErrorCode.CoordinatorLoadInProgress)]
    [InlineData(ErrorCode.NotCoordinator)]
    public void Id_is_asked_for_again_while_the_coordinator_is_busy(ErrorCode error)
    {
        Start(2);
        var init = Init();
        for (var i = 0; i < 3; i++)
        {
            _bench.Answer(_bench.TakeRequest(ApiKey.InitProducerId), new InitProducerIdResponse { ErrorCode = error });
            Assert.False(init.IsAnswered);
            _bench.PassBackoff();
        }
        GiveId();
        Assert.True(init.Value);
        Assert.Equal(error == ErrorCode.NotCoordinator, _bench.Cluster.Forgotten.Count > 0);
    }

    [Theory]
    [InlineData(ErrorCode.ProducerFenced, TransactionRemedy.None, "another producer")]
    [InlineData(ErrorCode.TransactionalIdAuthorizationFailed, TransactionRemedy.None, "WRITE")]
    [InlineData(ErrorCode.InvalidTransactionTimeout, TransactionRemedy.None, "transaction.max.timeout.ms")]
    [InlineData(ErrorCode.InvalidProducerIdMapping, TransactionRemedy.NewProducer, "transactional.id.expiration.ms")]
    public void Refused_id_ends_the_producer_with_the_reason(ErrorCode error, TransactionRemedy remedy, string word)
    {
        Start(2);
        var init = Init();
        _bench.Answer(_bench.TakeRequest(ApiKey.InitProducerId), new InitProducerIdResponse { ErrorCode = error });
        AssertOver(init, remedy, error, word);
        AssertOver(Begin(), remedy, error, word);
        Assert.Throws<TransactionException>(() => _bench.TryAppend("t", "x", out _));
    }

    [Fact]
    public void Records_outside_of_a_transaction_are_refused_before_anything_is_sent()
    {
        Start(2);
        Assert.Throws<InvalidOperationException>(() => _bench.TryAppend("t", "x", out _));
        BeginReady();
        _bench.Append("t", "x");
        Commit();
        Assert.Throws<InvalidOperationException>(() => _bench.TryAppend("t", "x", out _));
    }

    [Fact]
    public void Begin_twice_and_end_without_begin_are_refused()
    {
        Start(2);
        Assert.IsType<InvalidOperationException>(Commit().Failure);
        Assert.IsType<InvalidOperationException>(Abort().Failure);
        Assert.IsType<InvalidOperationException>(SendOffsets().Failure);
        BeginReady();
        Assert.IsType<InvalidOperationException>(Begin().Failure);
    }

    [Fact]
    public void Version_2_adds_no_partition_and_takes_the_epoch_of_each_end()
    {
        Start(2);
        BeginReady(epoch: 5);
        _bench.Send("t", "a");
        var produce = _bench.Take();
        Assert.Equal("txn", produce.Body.TransactionalId);
        Assert.Equal((5, 0), (produce.Only.Epoch, produce.Only.Sequence));
        Assert.Equal(0, _bench.Count(ApiKey.AddPartitionsToTxn));
        var commit = Commit();
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        produce.Answer(_bench.Now);
        _bench.Turn();

        var end = _bench.TakeRequest(ApiKey.EndTxn);
        Assert.Equal(5, end.Version);
        Assert.True(end.Read<EndTxnRequest>().Committed);
        _bench.Answer(end, new EndTxnResponse { ProducerId = Pid, ProducerEpoch = 6 });
        Assert.True(commit.Value);
        Assert.True(Begin().Value);
        _bench.Send("t", "b");
        var next = _bench.Take().Only;
        Assert.Equal((6, 0), (next.Epoch, next.Sequence));
    }

    [Fact]
    public void Version_2_goes_on_with_another_id_where_the_epochs_are_used_up()
    {
        Start(2);
        BeginReady(epoch: 32766);
        Deliver("a");
        var commit = Commit();
        _bench.Answer(_bench.TakeRequest(ApiKey.EndTxn), new EndTxnResponse { ProducerId = Pid + 1, ProducerEpoch = 0 });
        Assert.True(commit.Value);
        Assert.True(Begin().Value);
        _bench.Send("t", "b");
        var next = _bench.Take().Only;
        Assert.Equal((Pid + 1, 0, 0), (next.ProducerId, next.Epoch, next.Sequence));
    }

    [Fact]
    public void Version_1_adds_a_partition_before_its_first_batch_and_keeps_the_epoch()
    {
        Start(1);
        BeginReady();
        _bench.Send("t", "a");
        Assert.Equal(0, _bench.WaitingRequests);
        var add = _bench.TakeRequest(ApiKey.AddPartitionsToTxn);
        Assert.Equal((3, "txn"), (add.Version, add.Read<AddPartitionsToTxnRequest>().V3AndBelowTransactionalId));
        Added(add);
        var produce = _bench.TakeRequest(ApiKey.Produce);
        Assert.Equal(11, produce.Version);
        _bench.Cluster.Sent.Add(produce);
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
        EndWith(Commit(), isVersion2: false);

        Assert.True(Begin().Value);
        _bench.Send("t", "b");
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        var next = _bench.Take().Only;
        Assert.Equal((0, 1), (next.Epoch, next.Sequence));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Nothing_is_ended_that_was_not_begun(short level)
    {
        Start(level);
        BeginReady();
        Assert.True(Commit().Value);
        Assert.True(Begin().Value);
        Assert.True(Abort().Value);
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Abort_fails_what_was_not_sent_and_waits_for_what_was(short level)
    {
        Start(level);
        BeginReady();
        _bench.Send("t", "a");
        if (level == 1)
            Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        var produce = _bench.Take();
        var unsent = _bench.Append("t", "b");
        var abort = Abort();
        Assert.Equal(RecordFate.NotWritten, unsent.Fate);
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        produce.Answer(_bench.Now);
        _bench.Turn();
        Assert.False(EndWith(abort, isVersion2: level == 2).Committed);
        _bench.AssertNothingHeld();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Parts_of_a_batch_that_was_split_are_of_its_transaction(short level)
    {
        Start(level);
        BeginReady();
        Deliver("a", level);
        _bench.Append("t", "b");
        _bench.Append("t", "c");
        var commit = Commit();
        var whole = _bench.Take();
        Assert.Equal(["b", "c"], whole.Only.Values);
        Assert.True(whole.Only.IsTransactional);
        whole.Answer(_bench.Now, ErrorCode.MessageTooLarge);
        _bench.Turn();
        var parts = _bench.Drain();
        Assert.Equal(["b", "c"], parts.SelectMany(static part => part.Values));
        Assert.All(parts, static part => Assert.True(part.IsTransactional));
        EndWith(commit, isVersion2: level == 2);
    }

    /// <summary>Records acknowledged before it are in the log, and would be committed alone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Record_that_failed_makes_the_transaction_one_that_can_only_be_aborted(short level)
    {
        Start(level);
        BeginReady();
        var failed = _bench.Send("t", "a");
        if (level == 1)
            Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        _bench.Take().Answer(_bench.Now, ErrorCode.InvalidRecord);
        _bench.Turn();
        Assert.Equal(RecordFate.NotWritten, failed.Fate);
        var error = Assert.IsType<TransactionException>(Commit().Failure);
        Assert.Equal((TransactionRemedy.Abort, false), (error.Remedy, error.IsFatal));
        Assert.IsType<ProduceException>(error.InnerException);
        Assert.Throws<TransactionException>(() => _bench.TryAppend("t", "x", out _));
        var abort = Abort();
        Assert.False(EndWith(abort, isVersion2: level == 2).Committed);
        if (level == 1)
            GiveId(epoch: 1);
        Assert.True(Begin().Value);
    }

    [Fact]
    public void Commit_waits_for_records_and_fails_with_the_one_that_did()
    {
        Start(2);
        BeginReady();
        _bench.Send("t", "a");
        var produce = _bench.Take();
        var commit = Commit();
        produce.Answer(_bench.Now, ErrorCode.InvalidRecord);
        _bench.Turn();
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(commit.Failure).Remedy);
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
    }

    [Theory]
    [InlineData(ErrorCode.ConcurrentTransactions)]
    [InlineData(ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.UnknownServerError)]
    public void End_is_asked_for_until_it_is_certain(ErrorCode error)
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var commit = Commit();
        _bench.Answer(_bench.TakeRequest(ApiKey.EndTxn), new EndTxnResponse { ErrorCode = error });
        _bench.PassBackoff();
        _bench.Fail(_bench.TakeRequest(ApiKey.EndTxn), RequestFailureReason.Lost);
        Assert.False(commit.IsAnswered);
        _bench.PassBackoff();
        EndWith(commit, isVersion2: true);
    }

    [Fact]
    public void Commit_that_runs_out_of_time_is_asked_for_again_and_cannot_be_aborted()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var commit = Commit();
        var end = _bench.TakeRequest(ApiKey.EndTxn);
        _bench.Advance(_bench.Options.MaxBlock);
        Assert.True(Assert.IsType<KafkaTimeoutException>(commit.Failure).IsRetriable);
        Assert.Equal(TransactionRemedy.Retry, Assert.IsType<TransactionException>(Abort().Failure).Remedy);
        var again = Commit();
        _bench.Answer(end, new EndTxnResponse { ProducerId = Pid, ProducerEpoch = 1 });
        Assert.True(again.Value);
    }

    /// <summary>KAFKA-17754: an EndTxn that comes late hits the next transaction of the same epoch.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void End_without_an_answer_is_followed_by_another_epoch_on_version_1(short level, bool isFollowed)
    {
        Start(level);
        BeginReady();
        Deliver("a", level);
        var commit = Commit();
        _bench.Fail(_bench.TakeRequest(ApiKey.EndTxn), RequestFailureReason.TimedOut);
        _bench.PassBackoff();
        EndWith(commit, isVersion2: level == 2);
        var begin = Begin();
        Assert.Equal(isFollowed, !begin.IsAnswered);
        if (!isFollowed)
            return;
        var init = _bench.TakeRequest(ApiKey.InitProducerId);
        var body = init.Read<InitProducerIdRequest>();
        Assert.Equal((Pid, 0), (body.ProducerId, body.ProducerEpoch));
        _bench.Answer(init, new InitProducerIdResponse { ProducerId = Pid, ProducerEpoch = 1 });
        Assert.True(begin.Value);
        _bench.Send("t", "b");
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        var next = _bench.Take().Only;
        Assert.Equal((1, 0), (next.Epoch, next.Sequence));
    }

    [Theory]
    [InlineData(1, ErrorCode.ProducerFenced, TransactionRemedy.None, "TransactionTimeout")]
    [InlineData(1, ErrorCode.InvalidProducerEpoch, TransactionRemedy.None, "TransactionTimeout")]
    [InlineData(1, ErrorCode.InvalidTxnState, TransactionRemedy.None, "TransactionTimeout")]
    [InlineData(2, ErrorCode.ProducerFenced, TransactionRemedy.None, "Another producer")]
    [InlineData(2, ErrorCode.InvalidTxnState, TransactionRemedy.Abort, "TransactionTimeout")]
    [InlineData(2, ErrorCode.TransactionAbortable, TransactionRemedy.Abort, "Abort")]
    [InlineData(2, ErrorCode.InvalidProducerIdMapping, TransactionRemedy.NewProducer, "Dispose")]
    public void Refused_commit_tells_what_helps(short level, ErrorCode error, TransactionRemedy remedy, string word)
    {
        Start(level);
        BeginReady();
        Deliver("a", level);
        var commit = Commit();
        _bench.Answer(_bench.TakeRequest(ApiKey.EndTxn), new EndTxnResponse { ErrorCode = error });
        var failure = Assert.IsType<TransactionException>(commit.Failure);
        Assert.Equal((remedy, error, remedy != TransactionRemedy.Abort), (failure.Remedy, failure.Code, failure.IsFatal));
        Assert.Contains(word, failure.Message);
        if (remedy != TransactionRemedy.Abort)
            return;
        var abort = Abort();
        Assert.False(EndWith(abort, isVersion2: true).Committed);
        Assert.True(Begin().Value);
    }

    [Fact]
    public void Version_2_sends_offsets_straight_to_their_group()
    {
        Start(2);
        BeginReady();
        var sent = SendOffsets();
        Assert.Equal(0, _bench.Count(ApiKey.AddOffsetsToTxn));
        var request = _bench.TakeRequest(ApiKey.TxnOffsetCommit);
        var body = request.Read<TxnOffsetCommitRequest>();
        Assert.Equal((5, "g", "m", 4), (request.Version, body.GroupId, body.MemberId, body.GenerationIdOrMemberEpoch));
        Assert.Equal((7, 2), (body.Topics.Single().Partitions.Single().CommittedOffset, body.Topics.Single().Partitions.Single().CommittedLeaderEpoch));
        Committed(request);
        Assert.True(sent.Value);
        EndWith(Commit(), isVersion2: true);
    }

    [Fact]
    public void Version_1_adds_the_group_first_and_commit_waits_for_both()
    {
        Start(1);
        BeginReady();
        var sent = SendOffsets();
        var commit = Commit();
        Assert.Equal("g", _bench.TakeRequest(ApiKey.AddOffsetsToTxn) is { } add && Answered(add, new AddOffsetsToTxnResponse()) ? "g" : "");
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        var request = _bench.TakeRequest(ApiKey.TxnOffsetCommit);
        Assert.Equal(4, request.Version);
        Committed(request);
        Assert.True(sent.Value);
        EndWith(commit, isVersion2: false);
    }

    /// <summary>A coordinator that has aborted a transaction for its time has raised the epoch: for others that looks like a fence.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Group_that_does_not_know_the_epoch_any_more_leaves_it_to_the_abort_to_tell_why(bool isFenced)
    {
        Start(2);
        BeginReady();
        var sent = SendOffsets();
        Committed(_bench.TakeRequest(ApiKey.TxnOffsetCommit), ErrorCode.InvalidProducerEpoch);
        var failure = Assert.IsType<TransactionException>(sent.Failure);
        Assert.Equal((TransactionRemedy.Abort, false), (failure.Remedy, failure.IsFatal));
        Assert.Contains("TransactionTimeout", failure.Message);
        var abort = Abort();
        if (!isFenced)
        {
            Assert.False(EndWith(abort, isVersion2: true).Committed);
            Assert.True(Begin().Value);
            return;
        }
        _bench.Answer(_bench.TakeRequest(ApiKey.EndTxn), new EndTxnResponse { ErrorCode = ErrorCode.ProducerFenced });
        AssertOver(abort, TransactionRemedy.None, ErrorCode.ProducerFenced, "nother producer");
    }

    [Theory]
    [InlineData(ErrorCode.IllegalGeneration)]
    [InlineData(ErrorCode.UnknownMemberId)]
    [InlineData(ErrorCode.RebalanceInProgress)]
    [InlineData(ErrorCode.FencedInstanceId)]
    [InlineData(ErrorCode.GroupAuthorizationFailed)]
    public void Refused_offsets_leave_the_abort_alone(ErrorCode error)
    {
        Start(2);
        BeginReady();
        var sent = SendOffsets();
        Committed(_bench.TakeRequest(ApiKey.TxnOffsetCommit), error);
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(sent.Failure).Remedy);
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(Commit().Failure).Remedy);
        Assert.False(EndWith(Abort(), isVersion2: true).Committed);
    }

    [Fact]
    public void Brokers_that_do_not_know_members_take_no_offsets()
    {
        Start(1);
        BeginReady();
        var sent = SendOffsets();
        _bench.Answer(_bench.TakeRequest(ApiKey.AddOffsetsToTxn), new AddOffsetsToTxnResponse());
        var request = _bench.TakeRequest(ApiKey.TxnOffsetCommit);
        Assert.Equal(3, request.Request.LowestVersion);
        _bench.Fail(request, RequestFailureReason.UnsupportedVersion);
        var failure = Assert.IsType<TransactionException>(sent.Failure);
        Assert.Equal(TransactionRemedy.None, failure.Remedy);
        Assert.Contains("Kafka 2.5", failure.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Missing_batch_is_not_written_under_another_epoch_inside_of_a_transaction(short level)
    {
        Start(level);
        BeginReady();
        Deliver("a", level);
        _bench.Send("t", "b");
        _bench.Take().Answer(_bench.Now, ErrorCode.OutOfOrderSequenceNumber);
        _bench.Turn();
        Assert.Equal(0, _bench.WaitingRequests);
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(Commit().Failure).Remedy);
        EndWith(Abort(), isVersion2: level == 2);
        if (level == 1)
            GiveId(epoch: 1);
        Assert.True(Begin().Value);
        _bench.Send("t", "c");
        if (level == 1)
            Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        var next = _bench.Take().Only;
        Assert.Equal((1, 0), (next.Epoch, next.Sequence));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Producer_that_is_disposed_aborts_what_is_open(short level)
    {
        Start(level);
        BeginReady();
        Deliver("a", level);
        var close = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30));
        _bench.Machine.OnClose(close);
        _bench.Turn();
        Assert.False(close.IsAnswered);
        var end = _bench.TakeRequest(ApiKey.EndTxn);
        Assert.False(end.Read<EndTxnRequest>().Committed);
        _bench.Answer(end, new EndTxnResponse { ProducerId = Pid, ProducerEpoch = 1 });
        Assert.True(close.IsAnswered);
    }

    [Fact]
    public void Producer_that_is_disposed_does_not_wait_longer_than_it_may()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var commit = Commit();
        var close = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30));
        _bench.Machine.OnClose(close);
        _bench.Turn();
        Assert.False(close.IsAnswered);
        _bench.Advance(TimeSpan.FromSeconds(30));
        Assert.True(close.IsAnswered);
        Assert.NotNull(commit.Failure);
    }

    [Fact]
    public void Illegal_move_throws()
    {
        Assert.Throws<InvalidOperationException>(() => TransactionMoves.Check(TransactionState.New, TransactionState.Open));
        Assert.Throws<InvalidOperationException>(() => TransactionMoves.Check(TransactionState.Committing, TransactionState.Aborting));
        Assert.Throws<InvalidOperationException>(() => TransactionMoves.Check(TransactionState.Over, TransactionState.Ready));
    }

    void Start(short level, TimeSpan linger = default)
    {
        _bench = new ProducerBench(new ProducerOptions
        {
            TransactionalId = "txn", Linger = linger, TransactionTimeout = TimeSpan.FromSeconds(20), MaxBlock = TimeSpan.FromSeconds(40),
        });
        _bench.Cluster.Level = level;
        _bench.WithTopic("t");
    }

    TestCall<bool> Init() => _bench.Transact(static (transaction, call, _, effects) => transaction.Init(call, effects));

    TestCall<bool> Begin() => _bench.Transact(static (transaction, call, now, effects) => transaction.Begin(call, now, effects));

    TestCall<bool> Commit() => _bench.Transact(static (transaction, call, _, effects) => transaction.Commit(call, effects));

    TestCall<bool> Abort() => _bench.Transact(static (transaction, call, _, effects) => transaction.Abort(call, effects));

    TestCall<bool> SendOffsets() => _bench.Transact(static (transaction, call, _, effects) =>
        transaction.SendOffsets(Group, [new TopicPartitionOffset("in", 0, 7, 2)], call, effects));

    void GiveId(short epoch = 0)
    {
        _bench.Answer(_bench.TakeRequest(ApiKey.InitProducerId), new InitProducerIdResponse { ProducerId = Pid, ProducerEpoch = epoch });
        foreach (var queue in _bench.Accumulator.GetTopic("t").Partitions!.All)
            queue.Sequence.KnownId = Pid;
    }

    void BeginReady(short epoch = 0)
    {
        var begin = Begin();
        GiveId(epoch);
        Assert.True(begin.Value);
    }

    void Deliver(string value, short level = 2)
    {
        _bench.Send("t", value);
        if (level == 1)
            Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn));
        _bench.Take().Answer(_bench.Now);
        _bench.Turn();
    }

    void Added(SentRequest request, ErrorCode error = ErrorCode.None)
    {
        var body = request.Read<AddPartitionsToTxnRequest>();
        _bench.Answer(request, new AddPartitionsToTxnResponse
        {
            ResultsByTopicV3AndBelow =
            [
                .. body.V3AndBelowTopics.Select(topic => new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult
                {
                    Name = topic.Name,
                    ResultsByPartition = [.. topic.Partitions.Select(partition => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult { PartitionIndex = partition, PartitionErrorCode = error })],
                }),
            ],
        });
    }

    void Committed(SentRequest request, ErrorCode error = ErrorCode.None) => _bench.Answer(request, new TxnOffsetCommitResponse
    {
        Topics = [new() { Name = "in", Partitions = [new() { ErrorCode = error }] }],
    });

    bool Answered<TResponse>(SentRequest request, TResponse response)
        where TResponse : IMessage<TResponse>
    {
        _bench.Answer(request, response);
        return true;
    }

    /// <summary>Answers the end that a call has asked for.</summary>
    EndTxnRequest EndWith(TestCall<bool> call, bool isVersion2)
    {
        Assert.False(call.IsAnswered);
        var request = _bench.TakeRequest(ApiKey.EndTxn);
        Assert.Equal(isVersion2 ? 5 : 4, request.Version);
        var body = request.Read<EndTxnRequest>();
        _bench.Answer(request, new EndTxnResponse { ProducerId = isVersion2 ? Pid : -1, ProducerEpoch = isVersion2 ? (short)(body.ProducerEpoch + 1) : (short)-1 });
        Assert.True(call.Value);
        return body;
    }

    static void AssertOver(TestCall<bool> call, TransactionRemedy remedy, ErrorCode error, string word)
    {
        var failure = Assert.IsType<TransactionException>(call.Failure);
        Assert.Equal((remedy, error, true), (failure.Remedy, failure.Code, failure.IsFatal));
        Assert.Contains(word, failure.Message, StringComparison.OrdinalIgnoreCase);
    }
}
