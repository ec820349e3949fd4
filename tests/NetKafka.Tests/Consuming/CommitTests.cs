using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>Commits, by hand-made time.</summary>
public sealed class CommitTests
{
    static ConsumerHarness Member(Action<ConsumerOptions>? configure = null)
    {
        var it = new ConsumerHarness(configure);
        it.Wait();
        it.BecomeMember(1, 0, 1);
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 10))));
        return it;
    }

    static OffsetCommitResponse Answer(ErrorCode error = ErrorCode.None) =>
        new() { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, ErrorCode = error }] }] };

    static TestCall<bool> Commit(ConsumerHarness it, long offset, TimeSpan? timeout = null) =>
        it.Call((call, effects) => it.Machine.Commit([new TopicPartitionOffset(P(0), offset)], call, effects), timeout);

    static long OffsetOf(SentRequest request) => request.Read<OffsetCommitRequest>().Topics.Single().Partitions.Single().CommittedOffset;

    [Fact]
    public void Automatic_commit_never_passes_what_is_finished()
    {
        var it = Member();
        for (var i = 0; i < 4; i++)
            it.Reader.TryNext(out _);
        it.Pass(TimeSpan.FromSeconds(5));
        var commit = it.Take(ApiKey.OffsetCommit);
        var request = commit.Read<OffsetCommitRequest>();
        Assert.Equal(3, OffsetOf(commit));
        Assert.Equal(("g", "m", 1), (request.GroupId, request.MemberId, request.GenerationIdOrMemberEpoch));
        Assert.Equal(5, request.Topics[0].Partitions[0].CommittedLeaderEpoch);
        it.Answer(commit, Answer());
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Nothing_is_committed_by_itself_where_that_is_switched_off()
    {
        var it = Member(options => options.EnableAutoCommit = false);
        it.ReadAll();
        it.Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Later_commit_does_not_overtake_one_that_is_tried_again()
    {
        var it = Member();
        var first = Commit(it, 3);
        var second = Commit(it, 5);
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer(ErrorCode.CoordinatorLoadInProgress));
        it.Pass(TimeSpan.FromSeconds(1));
        var again = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(3, OffsetOf(again));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
        it.Answer(again, Answer());
        Assert.True(first.Value);
        Assert.False(second.IsAnswered);
        Assert.Equal(5, OffsetOf(it.Take(ApiKey.OffsetCommit)));
    }

    [Fact]
    public void Commit_whose_time_is_over_behind_one_that_pauses_is_told_so()
    {
        var it = Member();
        var first = Commit(it, 3);
        var second = Commit(it, 5, TimeSpan.FromMilliseconds(10));
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer(ErrorCode.CoordinatorLoadInProgress));
        it.Pass(TimeSpan.FromMilliseconds(20));
        Assert.IsType<KafkaTimeoutException>(second.Failure);
        Assert.False(first.IsAnswered);
        it.Pass(TimeSpan.FromSeconds(1));
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer());
        Assert.True(first.Value);
    }

    [Fact]
    public void Commit_whose_answer_was_lost_is_sent_again()
    {
        var it = Member();
        var commit = Commit(it, 3);
        it.Fail(it.Take(ApiKey.OffsetCommit), RequestFailureReason.Lost);
        it.Pass(TimeSpan.FromSeconds(1));
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer());
        Assert.True(commit.Value);
    }

    [Fact]
    public void Commit_that_nobody_answers_ends_by_its_deadline()
    {
        var it = Member();
        var commit = Commit(it, 3, TimeSpan.FromSeconds(20));
        for (var i = 0; i < 21; i++)
        {
            if (it.Count(ApiKey.OffsetCommit) > 0)
                it.Fail(it.Take(ApiKey.OffsetCommit), RequestFailureReason.NotSent);
            it.Pass(TimeSpan.FromSeconds(1));
        }
        Assert.IsType<KafkaTimeoutException>(commit.Failure);
    }

    [Fact]
    public void Offset_of_a_partition_that_was_given_up_is_refused()
    {
        var it = Member();
        it.Machine.OnRefused(ErrorCode.IllegalGeneration);
        it.Turn();
        var commit = Commit(it, 3);
        Assert.Equal(P(0), Assert.IsType<KafkaException>(commit.Failure).Partition);
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Waiting_commit_of_a_partition_that_is_given_up_is_refused()
    {
        var it = Member();
        var first = Commit(it, 3);
        var second = Commit(it, 4);
        var sent = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(3, OffsetOf(sent));
        it.Machine.OnRefused(ErrorCode.UnknownMemberId);
        it.Turn();
        it.Answer(sent, Answer(ErrorCode.CoordinatorLoadInProgress));
        it.Pass(TimeSpan.FromSeconds(1));
        Assert.NotNull(first.Failure);
        Assert.NotNull(second.Failure);
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    /// <summary>Where its coordinator has changed, the group's next generation may have the number of the one that is lost.</summary>
    [Fact]
    public void Commit_that_waits_for_its_connection_is_not_written_once_its_partitions_are_lost()
    {
        var it = Member();
        var commit = Commit(it, 3);
        var waiting = Assert.Single(it.Cluster.Sent, static sent => sent.Request.ApiKey == ApiKey.OffsetCommit);
        it.Machine.OnRefused(ErrorCode.IllegalGeneration);
        it.Turn();
        Assert.True(waiting.Request.IsAbandoned);
        Assert.Equal(P(0), Assert.IsType<KafkaException>(commit.Failure).Partition);
        it.BecomeMember(1, 0);
        var second = Commit(it, 4);
        Assert.Equal(4, OffsetOf(it.Take(ApiKey.OffsetCommit)));
        Assert.False(second.IsAnswered);
    }

    [Fact]
    public void Commit_that_was_written_before_its_partitions_were_lost_tells_what_became_of_it()
    {
        var it = Member();
        var commit = Commit(it, 3);
        var written = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(3, OffsetOf(written));
        it.Machine.OnRefused(ErrorCode.IllegalGeneration);
        it.Turn();
        Assert.False(written.Request.IsAbandoned);
        it.Answer(written, Answer());
        Assert.True(commit.Value);
    }

    [Fact]
    public void Offset_that_is_named_after_the_handler_of_what_is_given_up_has_ended_comes_too_late()
    {
        var it = new ConsumerHarness { HasHandlers = true };
        it.Wait();
        it.BecomeMember(1, 0);
        it.EndRun();
        it.GiveCommitted(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, Batch(0, 3))));
        Assert.Equal(3, it.ReadAll().Count);
        it.Machine.OnRefused(ErrorCode.RebalanceInProgress);
        it.Turn();
        var inHandler = Commit(it, 2);
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer());
        Assert.True(inHandler.Value);
        it.EndRun();
        var last = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(3, OffsetOf(last));
        var late = Commit(it, 1);
        Assert.Equal(P(0), Assert.IsType<KafkaException>(late.Failure).Partition);
        it.Answer(last, Answer());
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Illegal_generation_outside_of_a_rebalance_means_lost()
    {
        var it = Member();
        var commit = Commit(it, 3);
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer(ErrorCode.IllegalGeneration));
        Assert.Equal(ErrorCode.IllegalGeneration, Assert.IsType<KafkaException>(commit.Failure).Code);
        Assert.Empty(it.Assignment.Snapshot);
        Assert.Equal(1, it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Illegal_generation_during_a_cooperative_rebalance_is_tried_again_under_the_new_one()
    {
        var it = new ConsumerHarness(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.CooperativeSticky]);
        JoinGroupResponse Cooperative(int generation)
        {
            var joined = Joined(generation);
            joined.ProtocolName = "cooperative-sticky";
            return joined;
        }
        it.Wait();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(1));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        it.GiveCommitted(0);
        var commit = Commit(it, 3);
        var sent = it.Take(ApiKey.OffsetCommit);
        it.Machine.OnRefused(ErrorCode.RebalanceInProgress);
        it.Turn();
        it.Answer(it.Take(ApiKey.JoinGroup), Cooperative(2));
        it.Answer(sent, Answer(ErrorCode.IllegalGeneration));
        it.Answer(it.Take(ApiKey.SyncGroup), Share(0));
        Assert.Single(it.Assignment.Snapshot);
        it.Pass(TimeSpan.FromSeconds(1));
        var again = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(2, again.Read<OffsetCommitRequest>().GenerationIdOrMemberEpoch);
        it.Answer(again, Answer());
        Assert.True(commit.Value);
    }

    [Fact]
    public void Authorization_error_ends_a_commit_at_once()
    {
        var it = Member();
        var commit = Commit(it, 3);
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer(ErrorCode.GroupAuthorizationFailed));
        Assert.IsType<KafkaAuthorizationException>(commit.Failure);
    }

    [Fact]
    public void Commit_of_an_earlier_offset_after_a_seek_back_is_sent()
    {
        var it = Member();
        it.ReadAll();
        it.Pass(TimeSpan.FromSeconds(5));
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer());
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 2), call, effects));
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(2, OffsetOf(it.Take(ApiKey.OffsetCommit)));
    }

    [Fact]
    public void Explicit_commit_ahead_of_the_loop_is_not_taken_back_by_an_automatic_one()
    {
        var it = Member();
        Assert.True(it.Reader.TryNext(out var record));
        var commit = Commit(it, record.Next.Offset);
        it.Answer(it.Take(ApiKey.OffsetCommit), Answer());
        Assert.True(commit.Value);
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Commit_of_what_is_finished_does_not_take_back_one_that_was_on_its_way_before_it()
    {
        var it = Member();
        it.Reader.TryNext(out _);
        Assert.True(it.Reader.TryNext(out var record));
        var named = Commit(it, record.Next.Offset);
        var finished = it.Call((call, effects) => it.Machine.CommitFinished(call, effects));
        var first = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(2, OffsetOf(first));
        it.Answer(first, Answer());
        Assert.True(named.Value);
        Assert.True(finished.Value);
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Commit_of_what_is_finished_does_not_take_back_one_that_may_have_been_made()
    {
        var it = Member();
        it.Reader.TryNext(out _);
        Assert.True(it.Reader.TryNext(out var record));
        var named = Commit(it, record.Next.Offset, TimeSpan.FromSeconds(2));
        it.Fail(it.Take(ApiKey.OffsetCommit), RequestFailureReason.Lost);
        it.Pass(TimeSpan.FromSeconds(3));
        Assert.IsType<KafkaTimeoutException>(named.Failure);
        while (it.Count(ApiKey.OffsetCommit) > 0)
            it.Take(ApiKey.OffsetCommit);

        var finished = it.Call((call, effects) => it.Machine.CommitFinished(call, effects));
        Assert.True(finished.Value);
        Assert.Equal(0, it.Count(ApiKey.OffsetCommit));
        it.Reader.TryNext(out _);
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(record.Next.Offset, OffsetOf(it.Take(ApiKey.OffsetCommit)));
    }

    [Fact]
    public void Position_where_reading_began_is_committed_though_nothing_was_read()
    {
        var it = new ConsumerHarness(options => options.AutoOffsetReset = AutoOffsetReset.Latest);
        it.Wait();
        it.BecomeMember(1, 0);
        it.GiveCommitted(-1);
        it.Answer(it.Take(ApiKey.ListOffsets), new ListOffsetsResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = 77 }] }] });
        it.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(77, OffsetOf(it.Take(ApiKey.OffsetCommit)));
    }
}
