using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>When the reader is told that it has come to the end of a partition, by hand-made time.</summary>
public sealed class PartitionEndTests
{
    static ConsumerHarness Assigned(Action<ConsumerOptions>? configure = null, long offset = 0)
    {
        var it = new ConsumerHarness(
            options =>
            {
                options.OnPartitionEnd = static (_, _) => default;
                configure?.Invoke(options);
            },
            isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), offset)], call));
        return it;
    }

    static FetchResponse Fetched(byte[] records, long end, long stable = -1) => new()
    {
        SessionId = 7,
        Responses =
        [
            new FetchResponse.FetchableTopicResponse
            {
                Topic = Topic, TopicId = TopicId,
                Partitions = [new FetchResponse.PartitionData { PartitionIndex = 0, HighWatermark = end, LastStableOffset = stable < 0 ? end : stable, LogStartOffset = 0, AbortedTransactions = [], Records = records }],
            },
        ],
    };

    /// <summary>What can be read without waiting: values of records, and ends of partitions as "end@offset".</summary>
    static List<string> ReadAll(ConsumerHarness it)
    {
        var read = new List<string>();
        while (true)
        {
            if (it.Reader.TryNext(out var record))
                read.Add(record.Value);
            else if (it.Reader.TryTakeEnd(out var end))
                read.Add($"end@{end.Offset}");
            else
                return read;
        }
    }

    static void Answer(ConsumerHarness it, FetchResponse response) => it.Answer(it.Take(ApiKey.Fetch), response);

    [Fact]
    public void End_is_told_behind_the_last_record_and_again_behind_the_next()
    {
        var it = Assigned();
        Answer(it, Fetched(Batch(0, 2), end: 2));
        Assert.Equal(["0", "1", "end@2"], ReadAll(it));
        Answer(it, Fetched([], end: 2));
        Assert.Empty(ReadAll(it));
        Answer(it, Fetched(Batch(2, 1), end: 3));
        Assert.Equal(["2", "end@3"], ReadAll(it));
    }

    [Fact]
    public void Nothing_is_told_before_the_end()
    {
        var it = Assigned();
        Answer(it, Fetched(Batch(0, 2), end: 3));
        Assert.Equal(["0", "1"], ReadAll(it));
    }

    [Fact]
    public void Nothing_is_told_to_who_does_not_want_to_know()
    {
        var it = Assigned(options => options.OnPartitionEnd = null);
        Answer(it, Fetched(Batch(0, 2), end: 2));
        Answer(it, Fetched([], end: 2));
        Assert.Equal(["0", "1"], ReadAll(it));
    }

    [Fact]
    public void Reader_of_committed_records_comes_to_the_end_at_the_last_stable_offset()
    {
        var it = Assigned(options => options.IsolationLevel = IsolationLevel.ReadCommitted);
        Answer(it, Fetched(Batch(0, 2), end: 9, stable: 2));
        Assert.Equal(["0", "1", "end@2"], ReadAll(it));
    }

    [Fact]
    public void Markers_and_aborted_records_at_the_end_are_passed_before_it_is_told()
    {
        var it = Assigned(options => options.IsolationLevel = IsolationLevel.ReadCommitted);
        var answer = Fetched([.. Batch(0, 1), .. Batch(1, 2, producerId: 4), .. EndOfTransaction(3, 4, isCommit: false)], end: 4);
        answer.Responses[0].Partitions[0].AbortedTransactions = [new() { ProducerId = 4, FirstOffset = 1 }];
        Answer(it, answer);
        Assert.Equal(["0", "end@4"], ReadAll(it));
        Assert.Equal(4, it.Queue.PositionOf(it.Assignment.Snapshot[0]).Offset);
    }

    [Fact]
    public void Empty_partition_is_at_its_end_at_once()
    {
        var it = Assigned();
        Answer(it, Fetched([], end: 0));
        Assert.Equal(["end@0"], ReadAll(it));
    }

    /// <summary>A session does not name again what it has said, so its answer is empty where a seek leads to the end.</summary>
    [Fact]
    public void End_that_a_seek_leads_to_is_told_though_the_session_says_nothing_of_it()
    {
        var it = Assigned();
        Answer(it, Fetched(Batch(0, 2), end: 2));
        ReadAll(it);
        Answer(it, ConsumerHarness.Fetched(7));
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 2), call, effects));
        Answer(it, ConsumerHarness.Fetched(7));
        Assert.Empty(ReadAll(it));
        Answer(it, ConsumerHarness.Fetched(7));
        Assert.Equal(["end@2"], ReadAll(it));
    }

    [Fact]
    public void Answer_that_only_throttles_says_nothing_of_the_end()
    {
        var it = Assigned();
        Answer(it, Fetched([], end: 9));
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 9), call, effects));
        Answer(it, ConsumerHarness.Fetched(7));
        var throttled = ConsumerHarness.Fetched(7);
        throttled.ThrottleTimeMs = 100;
        Answer(it, throttled);
        Assert.Empty(ReadAll(it));
    }

    [Fact]
    public void Seek_back_leads_to_the_end_again()
    {
        var it = Assigned();
        Answer(it, Fetched(Batch(0, 2), end: 2));
        ReadAll(it);
        var parked = it.Take(ApiKey.Fetch);
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 1), call, effects));
        it.Answer(parked, ConsumerHarness.Fetched(7));
        Answer(it, Fetched(Batch(0, 2), end: 2));
        Assert.Equal(["1", "end@2"], ReadAll(it));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pause_takes_no_end_back_and_makes_none_twice(bool isReadBefore)
    {
        var it = Assigned();
        Answer(it, Fetched(Batch(0, 2), end: 2));
        if (isReadBefore)
            Assert.Equal(["0", "1", "end@2"], ReadAll(it));
        var parked = it.Take(ApiKey.Fetch);
        it.Machine.SetPaused([P(0)], true);
        Assert.Empty(ReadAll(it));
        it.Machine.SetPaused([P(0)], false);
        it.Answer(parked, ConsumerHarness.Fetched(7));
        Answer(it, isReadBefore ? Fetched([], end: 2) : Fetched(Batch(0, 2), end: 2));
        Assert.Equal(isReadBefore ? [] : ["0", "1", "end@2"], ReadAll(it));
    }

    [Fact]
    public void End_behind_records_that_a_loop_left_is_told_once_they_are_read()
    {
        var it = Assigned();
        Answer(it, Fetched(Batch(0, 2), end: 2));
        Assert.True(it.Reader.TryNext(out _));
        it.Reader.Abandon();
        Assert.False(it.Reader.TryTakeEnd(out _));
        it.Turn();
        var parked = it.Take(ApiKey.Fetch);
        it.Answer(parked, ConsumerHarness.Fetched(7));
        Answer(it, Fetched(Batch(0, 2), end: 2));
        Assert.Equal(["0", "1", "end@2"], ReadAll(it));
    }

    static ConsumerHarness Bounded(long bound)
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.Call((call, _) => it.Machine.AssignFrom([new PartitionStart(P(0), new TopicPartitionOffset(P(0), 0)) { Bound = bound }], call));
        return it;
    }

    /// <summary>The last record before the bound was removed by compaction: the batch goes beyond it.</summary>
    [Fact]
    public void Bound_in_a_gap_is_reached_without_a_record_behind_it()
    {
        var it = Bounded(5);
        Answer(it, Fetched([.. Batch(0, 2), .. EndOfTransaction(4, 9, isCommit: true)], end: 100));
        Assert.Equal(["0", "1", "end@5"], ReadAll(it));
        it.Turn();
        Assert.Equal(0, it.Count(ApiKey.Fetch));
    }

    [Fact]
    public void Bound_is_reached_by_records_that_lie_behind_it()
    {
        var it = Bounded(2);
        Answer(it, Fetched([.. Batch(0, 1), .. Batch(7, 2)], end: 100));
        Assert.Equal(["0", "7", "8", "end@9"], ReadAll(it));
    }

    [Fact]
    public void Bound_that_lies_before_where_the_log_begins_now_is_reached()
    {
        var it = Bounded(5);
        Answer(it, ConsumerHarness.Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        var lookup = it.Take(ApiKey.ListOffsets);
        Assert.Equal(-2, lookup.Read<ListOffsetsRequest>().Topics[0].Partitions[0].Timestamp);
        it.Answer(lookup, new ListOffsetsResponse { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = 50, LeaderEpoch = 5 }] }] });
        Assert.Equal(["end@50"], ReadAll(it));
        Assert.Equal(0, it.Count(ApiKey.Fetch));
    }
}
