using NetKafka.Internal.Connections;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

/// <content>What goes wrong at the edges of a transaction.</content>
public sealed partial class TransactionTests
{
    [Fact]
    public void Record_that_was_lost_before_its_batch_keeps_the_transaction_from_being_committed()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        _bench.Machine.Transaction!.OnRecordLost(new KafkaTimeoutException("no room", "buffer memory"));
        _bench.Turn();
        var failure = Assert.IsType<TransactionException>(Commit().Failure);
        Assert.Equal(TransactionRemedy.Abort, failure.Remedy);
        Assert.IsType<KafkaTimeoutException>(failure.InnerException);
        EndWith(Abort(), isVersion2: true);
    }

    [Fact]
    public void Record_that_is_lost_while_the_end_is_asked_for_does_not_change_it()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var commit = Commit();
        _bench.Machine.Transaction!.OnRecordLost(new KafkaTimeoutException("no room", "buffer memory"));
        _bench.Turn();
        EndWith(commit, isVersion2: true);
        Assert.True(Begin().Value);
    }

    [Fact]
    public void Loss_that_is_noted_before_its_record_leaves_the_line_fails_the_commit_that_waits_for_it()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var ticket = _bench.Accumulator.Waiting.Add();
        var commit = Commit();
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        _bench.Accumulator.NoteLoss(new KafkaTimeoutException("no room", "buffer memory"));
        _bench.Accumulator.Waiting.Remove(ticket);
        Assert.True(_bench.Accumulator.Waiting.IsAwaited);
        _bench.OnRoomMade();
        _bench.Turn();
        Assert.Equal(TransactionRemedy.Abort, Assert.IsType<TransactionException>(commit.Failure).Remedy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_that_is_made_again_after_its_end_has_come_hears_of_it_once(bool commits)
    {
        Start(2);
        BeginReady();
        Deliver("a");
        var late = commits ? Commit() : Abort();
        var request = _bench.TakeRequest(ApiKey.EndTxn);
        _bench.Advance(TimeSpan.FromSeconds(40));
        Assert.IsType<KafkaTimeoutException>(late.Failure);
        _bench.Answer(request, new EndTxnResponse { ProducerId = Pid, ProducerEpoch = 1 });

        Assert.IsType<InvalidOperationException>((commits ? Abort() : Commit()).Failure);
        Assert.True((commits ? Commit() : Abort()).Value);
        Assert.IsType<InvalidOperationException>((commits ? Commit() : Abort()).Failure);
    }

    [Fact]
    public void End_that_was_heard_of_is_not_told_again_in_the_next_transaction()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        EndWith(Commit(), isVersion2: true);
        Assert.IsType<InvalidOperationException>(Commit().Failure);
        Assert.True(Begin().Value);
        Deliver("b");
        EndWith(Commit(), isVersion2: true);
    }

    [Fact]
    public void Producer_that_is_gone_asks_for_nothing_that_could_shut_out_the_next()
    {
        Start(2);
        var init = Init();
        var request = _bench.TakeRequest(ApiKey.InitProducerId);
        var close = new TestCall<bool>(_bench.Now + TimeSpan.FromSeconds(30));
        _bench.Machine.OnClose(close);
        _bench.Turn();
        Assert.True(close.IsAnswered);
        Assert.NotNull(init.Failure);
        _bench.Fail(request, RequestFailureReason.Lost);
        _bench.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, _bench.Count(ApiKey.InitProducerId));
    }

    [Fact]
    public void Offsets_that_are_refused_after_the_abort_was_asked_for_do_not_hurt_it()
    {
        Start(2);
        BeginReady();
        SendOffsets();
        var offsets = _bench.TakeRequest(ApiKey.TxnOffsetCommit);
        var abort = Abort();
        Committed(offsets, ErrorCode.IllegalGeneration);
        Assert.False(EndWith(abort, isVersion2: true).Committed);
        Assert.True(Begin().Value);
    }

    [Fact]
    public void First_error_of_a_transaction_is_the_one_that_is_told()
    {
        Start(2);
        BeginReady();
        var first = _bench.Append("t", "a");
        _bench.Turn();
        var second = _bench.Append("t", "b");
        _bench.Take().Answer(_bench.Now, ErrorCode.MessageTooLarge);
        _bench.Turn();
        Assert.True(first.IsOver && second.IsOver);
        Assert.Equal(ErrorCode.MessageTooLarge, Assert.IsType<TransactionException>(Commit().Failure).Code);
        // What was refused for good is not to be tried again for the sake of its neighbours.
        Assert.False(second.Error!.IsRetriable);
    }

    [Fact]
    public void Abort_ends_though_a_topic_that_was_to_be_added_is_gone()
    {
        Start(1);
        BeginReady();
        _bench.Send("t", "a");
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn), ErrorCode.UnknownTopicOrPartition);
        var abort = Abort();
        _bench.PassBackoff();
        Added(_bench.TakeRequest(ApiKey.AddPartitionsToTxn), ErrorCode.UnknownTopicOrPartition);
        Assert.True(abort.Value);
        Assert.Equal(0, _bench.Count(ApiKey.EndTxn));
        Assert.True(Begin().Value);
    }

    [Fact]
    public void Producer_that_begins_anew_waits_for_what_it_had_under_way()
    {
        Start(1);
        BeginReady();
        Deliver("a", 1);
        _bench.Send("t", "b");
        var produce = _bench.Take();
        _bench.Advance(TimeSpan.FromSeconds(21));
        SendOffsets();
        _bench.Answer(_bench.TakeRequest(ApiKey.AddOffsetsToTxn), new AddOffsetsToTxnResponse { ErrorCode = ErrorCode.ProducerFenced });
        Assert.True(_bench.Transact(static (transaction, call, _, effects) => transaction.TryRenew(call, effects)).Value);
        Assert.Equal(0, _bench.Count(ApiKey.InitProducerId));

        produce.Answer(_bench.Now, ErrorCode.ProducerFenced);
        _bench.Turn();
        Assert.Equal(-1, _bench.TakeRequest(ApiKey.InitProducerId).Read<InitProducerIdRequest>().ProducerId);
    }

    [Fact]
    public void Call_that_comes_after_a_failure_is_not_failed_for_it()
    {
        Start(2);
        BeginReady();
        Deliver("a");
        _bench.Machine.Transaction!.OnRecordLost(new KafkaTimeoutException("no room", "buffer memory"));
        // In the same turn.
        var abort = Abort();
        Assert.Null(abort.Failure);
        EndWith(abort, isVersion2: true);
    }
}
