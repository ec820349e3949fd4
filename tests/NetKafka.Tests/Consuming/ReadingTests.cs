using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>What the reader makes of fetched batches.</summary>
public sealed class ReadingTests
{
    static ConsumerHarness Fetch(byte[] records, long offset = 0, bool isReadCommitted = true, params (long ProducerId, long FirstOffset)[] aborted)
    {
        var it = new ConsumerHarness(options => options.IsolationLevel = isReadCommitted ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted, isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), offset)], call));
        var rows = aborted.Select(row => new FetchResponse.AbortedTransaction { ProducerId = row.ProducerId, FirstOffset = row.FirstOffset }).ToArray();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, rows, (0, ErrorCode.None, records)));
        return it;
    }

    static long NextFetchOf(ConsumerHarness it) => it.Take(ApiKey.Fetch).Read<FetchRequest>().Topics.Single().Partitions.Single().FetchOffset;

    static long PositionOf(ConsumerHarness it) => it.Queue.PositionOf(it.Assignment.Snapshot[0]).Offset;

    [Fact]
    public void Aborted_transactions_are_left_out_whatever_the_order_of_their_list()
    {
        byte[] records =
        [
            .. Batch(0, 2, producerId: 1), .. Batch(2, 2, producerId: 2), .. EndOfTransaction(4, 1, isCommit: false), .. Batch(5, 1, producerId: 1),
            .. EndOfTransaction(6, 2, isCommit: true), .. EndOfTransaction(7, 1, isCommit: false), .. Batch(8, 1),
        ];
        var it = Fetch(records, 0, true, (1, 5), (9, 3), (1, 0));
        Assert.Equal(["0@2=2", "0@3=3", "0@8=8"], it.ReadAll());
        Assert.Equal(9, PositionOf(it));
    }

    /// <summary>Its last offset is what a damaged header would move the position to, past records that nobody has seen.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_batch_is_an_error_also_where_it_would_be_left_out(bool isAborted)
    {
        const int LastOffsetDeltaAt = 23;
        var batch = Batch(0, 10, producerId: 1);
        // Beyond what there is, or before the position.
        batch[LastOffsetDeltaAt + 2] = isAborted ? (byte)4 : (byte)0;
        batch[LastOffsetDeltaAt + 3] = 2;
        var start = isAborted ? 0 : 5;
        var it = Fetch([.. batch, .. Batch(10, 1)], start, true, isAborted ? [(1, 0)] : []);
        var error = Assert.Throws<KafkaProtocolException>(it.ReadAll);
        Assert.Equal((ErrorCode.CorruptMessage, P(0)), (error.Code, error.Partition));
        Assert.Equal(start, PositionOf(it));
    }

    [Fact]
    public void Producer_is_off_the_list_after_its_abort_marker()
    {
        byte[] records = [.. Batch(0, 1, producerId: 1), .. EndOfTransaction(1, 1, isCommit: false), .. Batch(2, 1, producerId: 1), .. EndOfTransaction(3, 1, isCommit: true)];
        Assert.Equal(["0@2=2"], Fetch(records, 0, true, (1, 0)).ReadAll());
    }

    [Fact]
    public void Uncommitted_reader_sees_aborted_records_but_no_markers()
    {
        byte[] records = [.. Batch(0, 1, producerId: 1), .. EndOfTransaction(1, 1, isCommit: false), .. Batch(2, 1)];
        Assert.Equal(["0@0=0", "0@2=2"], Fetch(records, 0, false, (1, 0)).ReadAll());
    }

    [Fact]
    public void Answer_of_aborted_records_alone_moves_the_position()
    {
        var it = Fetch([.. Batch(0, 5, producerId: 1), .. EndOfTransaction(5, 1, isCommit: false)], 0, true, (1, 0));
        Assert.Empty(it.ReadAll());
        Assert.Equal(6, PositionOf(it));
        Assert.Equal(6, NextFetchOf(it));
    }

    [Fact]
    public void Batch_cut_off_at_the_end_is_fetched_next()
    {
        var it = Fetch([.. Batch(0, 3), .. Batch(3, 3)[..40]]);
        Assert.Equal(["0@0=0", "0@1=1", "0@2=2"], it.ReadAll());
        Assert.Equal(3, NextFetchOf(it));
    }

    [Fact]
    public void Records_before_the_offset_that_was_asked_for_are_left_out()
    {
        var it = Fetch([.. Batch(0, 2), .. Batch(2, 5)], offset: 4);
        Assert.Equal(["0@4=4", "0@5=5", "0@6=6"], it.ReadAll());
    }

    [Fact]
    public void Gap_of_compaction_is_passed()
    {
        var it = Fetch([.. Batch(0, 1), .. Batch(1, 0), .. Batch(100, 1)]);
        Assert.Equal(["0@0=0", "0@100=100"], it.ReadAll());
        Assert.Equal(101, PositionOf(it));
    }

    [Fact]
    public void Damaged_batch_is_reported_with_its_place_and_stays_the_next()
    {
        byte[] bad = Batch(2, 1);
        bad[^1] ^= 1;
        var it = Fetch([.. Batch(0, 2), .. bad, .. Batch(3, 1)]);
        Assert.True(it.Reader.TryNext(out _));
        Assert.True(it.Reader.TryNext(out _));
        var error = Assert.Throws<KafkaProtocolException>(() => it.Reader.TryNext(out _));
        Assert.Equal(ErrorCode.CorruptMessage, error.Code);
        Assert.Equal(P(0), error.Partition);
        Assert.Contains("offset 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, PositionOf(it));

        it.Turn();
        it.Call((call, effects) => it.Machine.Seek(new TopicPartitionOffset(P(0), 3), call, effects));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(3, 1))));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(3, 1))));
        Assert.Equal(["0@3=3"], it.ReadAll());
    }

    [Fact]
    public void Header_that_makes_no_sense_is_reported_after_what_comes_before_it()
    {
        byte[] bad = Batch(1, 1);
        bad[16] = 9;
        var it = Fetch([.. Batch(0, 1), .. bad]);
        Assert.True(it.Reader.TryNext(out var record));
        Assert.Equal(0, record.Offset);
        Assert.Throws<KafkaProtocolException>(() => it.Reader.TryNext(out _));
        Assert.Equal(1, PositionOf(it));
    }

    [Fact]
    public void Record_is_finished_when_the_next_one_is_asked_for()
    {
        var it = Fetch(Batch(0, 3));
        Assert.True(it.Reader.TryNext(out _));
        Assert.Equal(0, PositionOf(it));
        Assert.True(it.Reader.TryNext(out var second));
        Assert.Equal(1, PositionOf(it));
        Assert.True(it.Reader.MarkFinished(second.TopicPartition, second.Offset));
        Assert.Equal(2, PositionOf(it));
    }

    [Fact]
    public void Batch_is_finished_when_the_next_one_is_asked_for()
    {
        var it = Fetch([.. Batch(0, 3), .. Batch(3, 3)]);
        Assert.True(it.Reader.TryNextBatch());
        Assert.Equal((0, 2), (it.Reader.FirstOffset, it.Reader.LastOffset));
        Assert.Equal(0, PositionOf(it));
        Assert.True(it.Reader.TryNextBatch());
        Assert.Equal(3, PositionOf(it));
        Assert.False(it.Reader.TryNextBatch());
        Assert.Equal(6, PositionOf(it));
    }

    [Fact]
    public void What_a_loop_leaves_behind_is_fetched_again()
    {
        var it = Fetch(Batch(0, 5));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7));
        Assert.True(it.Reader.TryNext(out _));
        Assert.True(it.Reader.TryNext(out _));
        it.Reader.Abandon();
        it.Turn();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7));
        Assert.Equal(1, NextFetchOf(it));
    }

    [Fact]
    public void Buffers_go_back_once_everything_was_read()
    {
        var it = Fetch([.. Batch(0, 3), .. Batch(3, 3)]);
        Assert.Equal(1, it.Pool.RentedCount);
        Assert.Equal(6, it.ReadAll().Count);
        Assert.Equal(0, it.Pool.RentedCount);
    }

    [Fact]
    public void Record_made_for_a_test_says_what_it_was_given()
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        var record = new ConsumerRecord<string, int>("t", 3, 42, time, "k", 7);
        Assert.Equal(("t", 3, 42L, time, "k", 7), (record.Topic, record.Partition, record.Offset, record.Timestamp, record.Key, record.Value));
        Assert.Equal(new TopicPartitionOffset("t", 3, 43), record.Next);
        Assert.Empty(record.Headers);
        Assert.Equal("t-3@42", record.ToString());
    }
}
