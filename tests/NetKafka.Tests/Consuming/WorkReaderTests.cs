using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Serialization;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>A runner's reading and its plan among the machines of a consumer, by hand-made time: the test is its handlers.</summary>
public sealed class WorkReaderTests
{
    readonly ConsumerHarness _it;
    readonly WorkPlan _plan;
    readonly WorkReader<string, string> _reader;
    readonly List<TopicPartition> _abandoned = [];

    public WorkReaderTests()
    {
        _it = new ConsumerHarness(static options => options.MaxPollInterval = TimeSpan.FromSeconds(60));
        var compression = new CompressionPool();
        _plan = _it.Queue.CreatePlan(
            ProcessingOrder.ByPartition, 10, 4, long.MaxValue, compression, work => _abandoned.Add(work.Partition.Partition));
        _reader = new WorkReader<string, string>(_it.Queue, _plan, compression, false, new(Serdes.String, Serdes.String), static _ => { });
        _it.Queue.BeginWork(_plan);
        _it.Wait();
    }

    void BecomeMember(params int[] partitions)
    {
        _it.BecomeMember(1, partitions);
        _it.GiveCommitted(0);
    }

    void Fetch(params (int Partition, byte[] Records)[] rows) =>
        _it.Answer(_it.Take(ApiKey.Fetch), Fetched(1, [.. rows.Select(static row => (row.Partition, ErrorCode.None, row.Records))]));

    void ReadAll()
    {
        while (_reader.TryRead())
        {
        }
        _it.Turn();
    }

    TypedWorkItem<string, string> Begin() => (TypedWorkItem<string, string>)_it.Queue.Begin(_plan, _it.Now)!;

    TypedWorkItem<string, string>? End(WorkItem item, bool isFinished = true)
    {
        var next = _it.Queue.EndAndBegin(_plan, item, isFinished, _it.Now, _it.Options.MaxPollInterval);
        _it.Turn();
        return (TypedWorkItem<string, string>?)next;
    }

    long Position(int partition) => _it.Queue.PositionOf(_it.Assignment.Find(P(partition))!).Offset;

    [Fact]
    public void Partition_is_left_in_the_middle_of_a_batch_and_gone_on_with_there()
    {
        BecomeMember(0);
        Fetch((0, Batch(0, 10)));
        ReadAll();
        var values = new List<string>();
        for (var item = Begin(); item is not null; item = End(item) ?? (_reader.TryRead() ? Begin() : null)!)
            values.Add(item.Record.Value);
        Assert.Equal(Enumerable.Range(0, 10).Select(static offset => $"{offset}"), values);
        Assert.Equal(10, Position(0));
        _it.Queue.EndWork(_plan);
    }

    [Fact]
    public void Partition_that_is_full_holds_up_no_other()
    {
        BecomeMember(0, 1);
        Fetch((0, Batch(0, 50)), (1, Batch(0, 1)));
        ReadAll();
        var (stuck, other) = (Begin(), Begin());
        Assert.Equal((0, 1), (stuck.Record.Partition, other.Record.Partition));
        End(other);
        for (var offset = 1; offset < 20; offset++)
        {
            var waits = _it.Wait();
            Assert.False(waits.IsAnswered);
            Fetch((1, Batch(offset, 1)));
            Assert.True(waits.IsAnswered);
            ReadAll();
            End(Begin());
        }
        Assert.Equal((0, 20), (Position(0), Position(1)));
    }

    [Fact]
    public void Rebalance_waits_for_the_handler_and_commits_what_is_finished_and_not_what_waited()
    {
        BecomeMember(0);
        Fetch((0, Batch(0, 3)));
        ReadAll();
        var second = End(Begin())!;
        _it.Machine.OnRefused(ErrorCode.RebalanceInProgress);
        _it.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal((0, 0), (_it.Count(ApiKey.OffsetCommit), _it.Count(ApiKey.JoinGroup)));
        Assert.Null(End(second));
        var commit = _it.Take(ApiKey.OffsetCommit).Read<OffsetCommitRequest>().Topics.Single().Partitions.Single();
        Assert.Equal(2, commit.CommittedOffset);
        Assert.Empty(_abandoned);
    }

    [Fact]
    public void Rebalance_that_waits_no_longer_abandons_the_handler_and_takes_nothing_of_it()
    {
        BecomeMember(0);
        Fetch((0, Batch(0, 3)));
        ReadAll();
        var stuck = End(Begin())!;
        _it.Machine.OnRefused(ErrorCode.RebalanceInProgress);
        _it.Turn();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(0, _it.Count(ApiKey.OffsetCommit));
            _it.Pass(TimeSpan.FromSeconds(3));
            while (_it.Count(ApiKey.Heartbeat) > 0)
                _it.Answer(_it.Take(ApiKey.Heartbeat), new HeartbeatResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        }
        var commit = _it.Take(ApiKey.OffsetCommit);
        Assert.Equal(1, commit.Read<OffsetCommitRequest>().Topics.Single().Partitions.Single().CommittedOffset);
        Assert.Empty(_abandoned);
        _it.Answer(commit, new OffsetCommitResponse());
        Assert.Equal([P(0)], _abandoned);
        Assert.Null(End(stuck));
        Assert.Equal(0, _it.Count(ApiKey.OffsetCommit));
    }

    [Fact]
    public void Handler_that_runs_for_longer_than_a_loop_may_makes_the_member_leave_until_it_has_ended()
    {
        BecomeMember(0, 1);
        Fetch((0, Batch(0, 3)), (1, Batch(0, 1)));
        ReadAll();
        var stuck = Begin();
        End(Begin());
        _it.Wait();
        _it.Pass(TimeSpan.FromSeconds(59));
        Assert.Equal(0, _it.Count(ApiKey.LeaveGroup));
        _it.Pass(TimeSpan.FromSeconds(7));
        Assert.Equal(1, _it.Count(ApiKey.LeaveGroup));
        Assert.Equal([P(0), P(1)], _abandoned);
        _it.Pass(TimeSpan.FromSeconds(100));
        Assert.Equal(0, _it.Count(ApiKey.JoinGroup));
        End(stuck);
        Assert.Equal(1, _it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Paused_partition_begins_nothing_and_comes_again_from_its_position()
    {
        BecomeMember(0);
        Fetch((0, Batch(0, 3)));
        ReadAll();
        var first = Begin();
        _it.Machine.SetPaused([P(0)], isPaused: true);
        _it.Turn();
        Assert.Null(End(first));
        Assert.Equal(1, Position(0));
        _it.Machine.SetPaused([P(0)], isPaused: false);
        _it.Turn();
        // What was on its way is of before the pause.
        Fetch((0, Batch(3, 1)));
        Fetch((0, Batch(0, 3)));
        ReadAll();
        Assert.Equal("1", Begin().Record.Value);
    }

    [Fact]
    public void Seek_counts_and_the_handler_from_before_it_does_not()
    {
        BecomeMember(0);
        Fetch((0, Batch(0, 3)));
        ReadAll();
        var old = Begin();
        _it.Call((call, effects) => _it.Machine.Seek(new TopicPartitionOffset(P(0), 7), call, effects));
        Assert.Null(End(old));
        Assert.Equal(7, Position(0));
    }

    [Fact]
    public void Record_that_is_not_finished_comes_again()
    {
        BecomeMember(0);
        Fetch((0, Batch(0, 3)));
        ReadAll();
        Assert.Null(End(Begin(), isFinished: false));
        // What was on its way is of before.
        Fetch((0, Batch(3, 1)));
        Fetch((0, Batch(0, 3)));
        ReadAll();
        Assert.Equal("0", Begin().Record.Value);
    }

    [Fact]
    public void Buffers_go_back_once_the_last_handler_has_ended()
    {
        BecomeMember(0);
        var before = _it.Pool.RentedCount;
        Fetch((0, Batch(0, 2)));
        ReadAll();
        var item = Begin();
        var memory = item.Batch!.Chunk.Source;
        item = End(item)!;
        Assert.True(memory.Bytes.Length > 0);
        Assert.Null(End(item));
        Assert.Throws<InvalidOperationException>(() => memory.Slice(0, 1).Span.Length);
        Assert.Equal(before, _it.Pool.RentedCount);
    }

    [Fact]
    public void Control_records_and_gaps_are_passed()
    {
        BecomeMember(0);
        Fetch((0, [.. Batch(0, 1, producerId: 1), .. EndOfTransaction(1, 1, isCommit: true), .. Batch(5, 1), .. EndOfTransaction(6, 1, isCommit: true)]));
        ReadAll();
        Assert.Null(End(End(Begin())!));
        Assert.Equal(7, Position(0));
    }

    [Fact]
    public void Reading_that_goes_on_further_on_is_no_seek_and_reading_that_falls_back_is()
    {
        BecomeMember(0, 1);
        Fetch((0, Batch(0, 2)));
        ReadAll();
        Assert.Null(End(End(Begin())!));
        Assert.Equal(2, Position(0));
        var partition = _it.Assignment.Find(P(0))!;
        _it.Queue.GoOn(partition, 3, 5);
        Assert.Equal(3, Position(0));
        Assert.Same(partition.Work, _plan.Of(partition));
        Assert.Equal(0, partition.Work!.Turn);
        _it.Queue.GoOn(partition, 1, 5);
        Assert.Equal(1, Position(0));
        Assert.Equal(1, partition.Work!.Turn);
    }
}
