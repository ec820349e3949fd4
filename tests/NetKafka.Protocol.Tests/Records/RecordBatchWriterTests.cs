using CsCheck;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class RecordBatchWriterTests
{
    [Fact]
    public void What_is_written_in_any_codec_and_level_is_read_back()
    {
        using var compression = new CompressionPool();
        var writer = new RecordBatchWriter();
        var slab = new byte[1024 * 1024];
        Gen.Select(RecordGen.Records, Gen.Enum<CompressionCodec>(), Gen.Int[1, 9], Gen.Long[0, long.MaxValue / 2]).Sample(
            (records, codec, level, baseOffset) =>
            {
                GrowingBuffer compressed = new();
                writer.Begin(slab, 100, slab.Length - 100);
                foreach (TestRecord record in records) Assert.True(record.Append(writer));
                int chosen = codec == CompressionCodec.Snappy ? 0 : level;
                ArraySegment<byte> batch = writer.Seal(codec, chosen, compression, compressed);
                RecordBatchPatch.SetBaseOffset(batch, baseOffset);
                AssertReadsBack(batch, baseOffset, codec, records, compression);
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void Estimate_is_never_below_the_real_size() =>
        Gen.Select(RecordGen.Record, RecordGen.Record, Gen.Int[0, int.MaxValue - 10]).Sample((first, second, skipped) =>
        {
            var writer = new RecordBatchWriter();
            writer.Begin(new byte[70_000], 0, 70_000);
            Assert.True(first.Append(writer));
            writer.SkipOffsets(skipped - Math.Min(skipped, second.SkippedOffsets + writer.NextOffsetDelta));
            int before = writer.BytesUsed;
            Assert.True(second.Append(writer));
            return writer.BytesUsed - before
                <= RecordBatchWriter.UpperBound(second.Key?.Length ?? -1, second.Value?.Length ?? -1, second.Headers);
        });

    [Fact]
    public void Record_that_fits_to_the_last_byte_is_taken_and_one_byte_less_refuses_it_unchanged() =>
        Gen.Select(RecordGen.Record, RecordGen.Record).Sample((first, second) =>
        {
            var writer = new RecordBatchWriter();
            writer.Begin(new byte[70_000], 0, 70_000);
            Assert.True(first.Append(writer) && second.Append(writer));
            int exact = writer.BytesUsed;

            var buffer = new byte[exact + 1];
            buffer[^1] = 0xAB;
            writer.Begin(buffer, 0, exact);
            Assert.True(first.Append(writer) && second.Append(writer));
            Assert.Equal(0, writer.BytesFree);
            Assert.Equal(0xAB, buffer[^1]);
            Assert.False(writer.TryAppend(0, default, true, default, true));

            writer.Begin(buffer, 0, exact - 1);
            Assert.True(first.Append(writer));
            int used = writer.BytesUsed;
            Assert.False(second.Append(writer));
            Assert.Equal((1, used), (writer.Count, writer.BytesUsed));
        });

    [Fact]
    public void Batch_is_closed_where_a_timestamp_delta_would_overflow()
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[1000], 0, 1000);
        Assert.True(writer.TryAppend(long.MinValue, default, true, default, true));
        Assert.True(writer.TryAppend(-1, default, true, default, true));
        Assert.False(writer.TryAppend(0, default, true, default, true));
        Assert.False(writer.TryAppend(long.MaxValue, default, true, default, true));
        Assert.Equal(2, writer.Count);

        writer.Reset();
        Assert.True(writer.TryAppend(long.MaxValue, default, true, default, true));
        Assert.True(writer.TryAppend(0, default, true, default, true));
        Assert.False(writer.TryAppend(-2, default, true, default, true));
    }

    [Fact]
    public void Batch_is_closed_where_an_offset_delta_would_overflow()
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[1000], 0, 1000);
        writer.SkipOffsets(int.MaxValue - 1);
        Assert.True(writer.TryAppend(0, default, true, default, true));
        Assert.False(writer.TryAppend(0, default, true, default, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.SkipOffsets(1));
    }

    [Fact]
    public void Reserved_record_equals_an_appended_one_once_its_bytes_are_there() => RecordGen.Records.Sample(records =>
    {
        var appended = new RecordBatchWriter();
        var reserved = new RecordBatchWriter();
        appended.Begin(new byte[300_000], 0, 300_000);
        reserved.Begin(new byte[300_000], 0, 300_000);
        foreach (TestRecord record in records)
        {
            Assert.True(record.Append(appended));
            reserved.SkipOffsets(record.SkippedOffsets);
            Assert.True(reserved.TryReserve(
                record.TimestampMs, record.Key?.Length ?? -1, record.Value?.Length ?? -1, record.Headers, out RecordReservation place));
            Assert.Equal(reserved.NextOffsetDelta - 1, place.OffsetDelta);
            record.Key?.CopyTo(place.Buffer, place.KeyPosition);
            record.Value?.CopyTo(place.Buffer, place.ValuePosition);
        }

        return appended.Seal().AsSpan().SequenceEqual(reserved.Seal());
    });

    [Fact]
    public void Encoded_headers_give_the_same_record_as_headers() => RecordGen.Record.Sample(record =>
    {
        var plain = new RecordBatchWriter();
        var encoded = new RecordBatchWriter();
        plain.Begin(new byte[70_000], 0, 70_000);
        encoded.Begin(new byte[70_000], 0, 70_000);
        var blob = new byte[RecordEncoder.HeadersSize(record.Headers)];
        Assert.Equal(blob.Length, RecordEncoder.WriteHeaders(blob, record.Headers));
        Assert.True(plain.TryAppend(record.TimestampMs, record.Key, record.Key is null, record.Value, record.Value is null, record.Headers));
        Assert.True(encoded.TryAppendEncoded(record.TimestampMs, record.Key, record.Key is null, record.Value, record.Value is null, blob));
        return plain.Seal().AsSpan().SequenceEqual(encoded.Seal());
    });

    [Fact]
    public void Writer_stays_within_its_piece_of_the_array()
    {
        var buffer = new byte[400];
        Array.Fill(buffer, (byte)0xEE);
        var writer = new RecordBatchWriter();
        writer.Begin(buffer, 100, 200);
        while (writer.TryAppend(5, "key"u8, false, "value"u8, false, [new Header("h", [1])]))
        {
        }

        ArraySegment<byte> batch = writer.Seal();
        Assert.Equal(100, batch.Offset);
        Assert.InRange(batch.Count, 180, 200);
        Assert.All(buffer[..100], value => Assert.Equal(0xEE, value));
        Assert.All(buffer[(batch.Offset + batch.Count)..], value => Assert.Equal(0xEE, value));
    }

    [Fact]
    public void Piece_too_small_for_a_header_or_outside_the_array_is_refused()
    {
        var writer = new RecordBatchWriter();
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Begin(new byte[100], 0, RecordBatchWriter.HeaderSize - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Begin(new byte[100], 30, 71));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Begin(new byte[100], -1, 80));
    }

    [Fact]
    public void Record_that_no_array_could_hold_does_not_fit()
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[1000], 0, 1000);
        Assert.False(writer.TryReserve(0, int.MaxValue, int.MaxValue, [], out _));
        Assert.Equal(0, writer.Count);
    }

    static void AssertReadsBack(
        ArraySegment<byte> batch, long baseOffset, CompressionCodec codec, TestRecord[] records, CompressionPool compression)
    {
        Assert.True(RecordBatchHeader.TryRead(batch, 0, out RecordBatchHeader header));
        Assert.True(header.IsCrcValid(batch));
        Assert.Equal((batch.Count, 2, codec, records.Length), (header.SizeInBytes, header.Magic, header.Codec, header.RecordCount));
        Assert.Equal(records.Max(record => record.TimestampMs), header.MaxTimestampMs);
        ReadOnlyMemory<byte> body = RecordBatchReader.ReadBody(header, (ReadOnlyMemory<byte>)batch, compression, new GrowingBuffer(), new());
        long offset = baseOffset;
        int index = 0;
        foreach (RecordView read in RecordBatchReader.Records(header, body.Span))
        {
            offset += records[index].SkippedOffsets;
            Assert.Equal(offset, read.Offset);
            Assert.True(records[index].Matches(read, body));
            offset++;
            index++;
        }

        Assert.Equal(records.Length, index);
        Assert.Equal(offset, header.NextOffset);
    }
}
