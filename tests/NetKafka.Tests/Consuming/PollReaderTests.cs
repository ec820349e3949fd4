using System.Text;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Serialization;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>What a poll takes into hand, and when it lets go of it.</summary>
public sealed class PollReaderTests
{
    readonly ConsumerHarness _it = new(isSubscribed: false, configure: static options => options.IsolationLevel = IsolationLevel.ReadCommitted);
    readonly PollReader<string, ReadOnlyMemory<byte>> _polls;

    public PollReaderTests()
    {
        _polls = new PollReader<string, ReadOnlyMemory<byte>>(_it.Queue, new CompressionPool(), isReadCommitted: true, new(Serdes.String, Serdes.Memory));
        _it.Call((call, _) => _it.Machine.Assign([new TopicPartitionOffset(P(0), 0), new TopicPartitionOffset(P(1), 0)], call));
    }

    static string Text(ConsumerRecord<string, ReadOnlyMemory<byte>> record) => $"{record.Partition}@{record.Offset}={Encoding.UTF8.GetString(record.Value.Span)}";

    List<ConsumerRecord<string, ReadOnlyMemory<byte>>> Poll(int maxRecords = 500)
    {
        var records = new List<ConsumerRecord<string, ReadOnlyMemory<byte>>>();
        _polls.Settle();
        _polls.Take(records, maxRecords);
        return records;
    }

    void Fetch(params (int Partition, ErrorCode Error, byte[] Records)[] rows) => _it.Answer(_it.Take(ApiKey.Fetch), Fetched(7, rows));

    long Position(int partition) => _it.Queue.PositionOf(_it.Assignment.Snapshot[partition]).Offset;

    [Fact]
    public void One_poll_takes_of_all_partitions_and_finishes_nothing()
    {
        Fetch((0, ErrorCode.None, [.. Batch(0, 1), .. Batch(1, 1)]), (1, ErrorCode.None, Batch(0, 2)));
        Assert.Equal(["0@0=0", "0@1=1", "1@0=0", "1@1=1"], Poll().Select(Text));
        Assert.Equal((0, 0), (Position(0), Position(1)));
        Assert.Empty(Poll());
        Assert.Equal((2, 2), (Position(0), Position(1)));
    }

    [Fact]
    public void What_comes_of_a_partition_that_is_in_hand_is_for_the_next_poll()
    {
        Fetch((0, ErrorCode.None, Batch(0, 1)));
        Fetch((0, ErrorCode.None, Batch(1, 1)));
        Assert.Equal(["0@0=0"], Poll().Select(Text));
        Assert.Equal(["0@1=1"], Poll().Select(Text));
        Assert.Equal(1, Position(0));
    }

    [Fact]
    public void Views_of_several_batches_live_until_the_next_poll()
    {
        Fetch((0, ErrorCode.None, [.. Batch(0, 1), .. Batch(1, 2)]), (1, ErrorCode.None, Batch(0, 1)));
        var records = Poll();
        Assert.Equal(["0@0=0", "0@1=1", "0@2=2", "1@0=0"], records.Select(Text));
        Poll();
        Assert.All(records, record => Assert.Throws<InvalidOperationException>(() => _ = record.Value.Span.Length));
    }

    [Fact]
    public void Markers_behind_records_in_hand_do_not_finish_them()
    {
        Fetch((0, ErrorCode.None, [.. Batch(0, 1, producerId: 4), .. EndOfTransaction(1, 4, isCommit: true)]));
        Assert.Equal(["0@0=0"], Poll().Select(Text));
        Assert.Equal(0, Position(0));
        Assert.Empty(Poll());
        Assert.Equal(2, Position(0));
    }

    [Fact]
    public void Markers_alone_are_passed_at_once()
    {
        Fetch((0, ErrorCode.None, EndOfTransaction(0, 4, isCommit: true)));
        Assert.Empty(Poll());
        Assert.Equal(1, Position(0));
        Assert.False(_it.Queue.IsHeld(_it.Assignment.Snapshot[0]));
    }

    [Fact]
    public void Partition_is_held_until_the_next_poll()
    {
        Fetch((0, ErrorCode.None, Batch(0, 1)));
        Poll();
        var partition = _it.Assignment.Snapshot[0];
        Assert.True(_it.Queue.IsHeld(partition));
        _it.Queue.Drop(partition);
        Assert.True(_it.Queue.IsHeld(partition));
        Poll();
        Assert.False(_it.Queue.IsHeld(partition));
        Assert.Equal(1, Position(0));
    }

    [Fact]
    public void Seek_takes_the_place_of_what_is_in_hand()
    {
        Fetch((0, ErrorCode.None, Batch(0, 4)));
        Poll(2);
        _it.Call((call, effects) => _it.Machine.Seek(new TopicPartitionOffset(P(0), 9), call, effects));
        Assert.Empty(Poll());
        Assert.Equal(9, Position(0));
    }

    [Fact]
    public void What_is_let_go_of_comes_again_from_the_first_that_is_not_finished()
    {
        Fetch((0, ErrorCode.None, Batch(0, 4)));
        var records = Poll();
        Assert.True(_polls.MarkFinished(records[1]));
        _polls.Abandon();
        Assert.Equal(2, Position(0));
        Assert.False(_polls.MarkFinished(records[2]));
    }

    [Fact]
    public void Damaged_batch_is_told_behind_the_records_before_it()
    {
        var damaged = Batch(2, 1);
        damaged[^1] ^= 1;
        Fetch((0, ErrorCode.None, [.. Batch(0, 2), .. damaged]));
        Assert.Equal(["0@0=0", "0@1=1"], Poll().Select(Text));
        Assert.Throws<KafkaProtocolException>(() => Poll());
        _polls.Abandon();
        Assert.Equal(2, Position(0));
    }

    [Fact]
    public void Buffers_go_back_with_the_next_poll()
    {
        Fetch((0, ErrorCode.None, Batch(0, 2)));
        Poll();
        Poll();
        Assert.Equal(0, _it.Pool.RentedCount);
    }
}
