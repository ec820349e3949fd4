using System.Buffers.Binary;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class RecordBatchReaderTests
{
    [Fact]
    public void Batch_cut_off_at_any_byte_is_the_end_and_no_error()
    {
        byte[] records = RecordVectors.Named("five-batches")["hex"].Bytes();
        var ends = new List<int> { 0 };
        foreach (RecordBatchHeader header in RecordBatchReader.Batches(records)) ends.Add(header.Position + header.SizeInBytes);
        Assert.Equal(6, ends.Count);

        for (int length = 0; length <= records.Length; length++)
        {
            int count = 0;
            RecordBatchEnumerator batches = RecordBatchReader.Batches(records.AsSpan(0, length));
            while (batches.MoveNext()) count++;
            Assert.Equal(ends.Count(end => end <= length) - 1, count);
            Assert.Equal(ends.Last(end => end <= length), batches.Position);
        }
    }

    [Fact]
    public void Batch_emptied_by_compaction_still_moves_the_offset()
    {
        byte[] batch = OneRecord();
        BinaryPrimitives.WriteInt64BigEndian(batch, 1000);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchLayout.LastOffsetDelta), 41);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchLayout.RecordCount), 0);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchLayout.Length), RecordBatchLayout.HeaderSize - RecordBatchLayout.LengthOverhead);
        Assert.True(RecordBatchHeader.TryRead(batch, 0, out RecordBatchHeader header));
        Assert.Equal(1042, header.NextOffset);
        Assert.False(RecordBatchReader.Records(header, default).MoveNext());
    }

    [Fact]
    public void Cursor_kept_between_records_reads_what_the_enumerator_reads()
    {
        byte[] records = RecordVectors.Named("none-300-plain")["hex"].Bytes();
        RecordBatchHeader.TryRead(records, 0, out RecordBatchHeader header);
        byte[] body = records[RecordBatchWriter.HeaderSize..];
        var cursor = new RecordCursor(header, body);
        foreach (RecordView expected in RecordBatchReader.Records(header, body))
        {
            RecordCursor kept = cursor;
            Assert.True(cursor.TryRead(body, out RecordSlice record));
            Assert.True(kept.TryRead(body, out RecordSlice again));
            Assert.Equal((expected.Offset, expected.TimestampMs, expected.HeaderCount), (record.Offset, record.TimestampMs, record.HeaderCount));
            Assert.True(record.Key(body).SequenceEqual(expected.Key) && record.Value(body.AsMemory()).Span.SequenceEqual(expected.Value));
            Assert.Equal(record.ValuePosition, again.ValuePosition);
        }

        Assert.False(cursor.TryRead(body, out _));
        Assert.Equal(body.Length, cursor.Position);
    }

    [Fact]
    public void Wrapper_with_log_append_time_gives_its_own_time_to_all_its_messages()
    {
        byte[] records = RecordVectors.Named("legacy-v1-gzip")["hex"].Bytes();
        records[RecordBatchLayout.LegacyAttributes] |= (byte)RecordBatchLayout.LogAppendTimeFlag;
        BinaryPrimitives.WriteInt64BigEndian(records.AsSpan(RecordBatchLayout.LegacyTimestamp), 123_456);
        RecordBatchHeader.TryRead(records, 0, out RecordBatchHeader header);
        Assert.Equal(TimestampType.LogAppendTime, header.TimestampType);
        Assert.False(header.IsCrcValid(records));
        using var compression = new CompressionPool();
        ReadOnlySpan<byte> body = RecordBatchReader.ReadBody(header, records.AsSpan(), compression, new GrowingBuffer(), new());
        int count = 0;
        foreach (RecordView record in RecordBatchReader.Records(header, body))
        {
            Assert.Equal((100L + count, 123_456L), (record.Offset, record.TimestampMs));
            count++;
        }

        Assert.Equal(5, count);
    }

    [Fact]
    public void Offsets_inside_a_wrapper_of_format_1_follow_the_wrapper()
    {
        byte[] records = RecordVectors.Named("legacy-v1-snappy")["hex"].Bytes();
        BinaryPrimitives.WriteInt64BigEndian(records, 5_000_000_004);
        RecordBatchHeader.TryRead(records, 0, out RecordBatchHeader header);
        Assert.Equal(5_000_000_005, header.NextOffset);
        Assert.True(header.IsCrcValid(records));
        using var compression = new CompressionPool();
        ReadOnlySpan<byte> body = RecordBatchReader.ReadBody(header, records.AsSpan(), compression, new GrowingBuffer(), new());
        RecordEnumerator read = RecordBatchReader.Records(header, body);
        Assert.True(read.MoveNext());
        Assert.Equal(5_000_000_000, read.Current.Offset);
    }

    [Fact]
    public void Control_record_of_an_unknown_kind_is_read_as_such()
    {
        Assert.True(ControlRecord.TryRead([0, 0, 0, 77], [], out ControlRecord unknown));
        Assert.Equal(ControlRecordType.Unknown, unknown.Type);
        Assert.True(ControlRecord.TryRead([0, 9, 0, 1], [0, 9, 0, 0, 0, 5, 1, 1], out ControlRecord later));
        Assert.Equal(new ControlRecord(ControlRecordType.Commit, 5), later);
        Assert.True(ControlRecord.TryRead([0, 0, 0, 2], [], out ControlRecord leader));
        Assert.Equal(ControlRecordType.LeaderChange, leader.Type);
        Assert.False(ControlRecord.TryRead([0, 0, 0], [], out _));
        Assert.False(ControlRecord.TryRead([0, 0, 0, 1], [0, 0], out _));
        Assert.False(ControlRecord.TryRead([0xFF, 0, 0, 1], [0, 0, 0, 0, 0, 0], out _));
    }

    [Fact]
    public void Null_header_differs_from_an_empty_one_and_no_value_is_printed()
    {
        var empty = new Header("h", Array.Empty<byte>());
        Assert.NotEqual(Header.Null("h"), empty);
        Assert.Equal(Header.Null("h"), new Header("h", null));
        Assert.Equal("secret", Header.FromText("h", "secret").GetText());
        Assert.Null(Header.FromText("h", null).GetText());
        Assert.DoesNotContain("secret", Header.FromText("h", "secret").ToString());
        Assert.Equal("", default(Header).Key);
        Assert.Throws<ArgumentNullException>(() => new Header(null!, [1]));
    }

    internal static byte[] OneRecord()
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[200], 0, 200);
        Assert.True(writer.TryAppend(1_700_000_000_000, "Alice"u8, false, "Paid"u8, false, [new Header("h", [7]), Header.Null("n")]));
        return [.. writer.Seal()];
    }
}
