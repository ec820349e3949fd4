using System.Buffers.Binary;
using CsCheck;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class HostileRecordBatchTests
{
    const int Mebibyte = 1024 * 1024;

    public static TheoryData<string> Names => RecordVectors.Names;

    [Theory]
    [InlineData(RecordBatchLayout.Length, 0, "length")]
    [InlineData(RecordBatchLayout.Length, -1, "length")]
    [InlineData(RecordBatchLayout.Length, int.MinValue, "length")]
    [InlineData(RecordBatchLayout.Length, 13, "length")]
    [InlineData(RecordBatchLayout.Length, 48, "too few")]
    [InlineData(RecordBatchLayout.RecordCount, -1, "record count")]
    [InlineData(RecordBatchLayout.RecordCount, int.MinValue, "record count")]
    [InlineData(RecordBatchLayout.RecordCount, int.MaxValue, "cannot lie")]
    [InlineData(RecordBatchLayout.RecordCount, 0, "follow the last record")]
    [InlineData(RecordBatchLayout.RecordCount, 2, "cut off")]
    [InlineData(RecordBatchLayout.LastOffsetDelta, -1, "last offset delta")]
    [InlineData(RecordBatchLayout.BaseOffset, -1, "negative")]
    [InlineData(RecordBatchLayout.Magic, 0x03000000, "version 3")]
    [InlineData(RecordBatchLayout.Magic, -1, "version 255")]
    public void Header_that_lies_is_refused_with_the_reason(int at, int value, string reason)
    {
        byte[] batch = RecordBatchReaderTests.OneRecord();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(at), value);
        Assert.Contains(reason, Assert.Throws<InvalidRecordBatchException>(() => ReadAll(batch, new())).Message);
    }

    [Fact]
    public void Offsets_beyond_the_largest_are_refused()
    {
        byte[] batch = RecordBatchReaderTests.OneRecord();
        BinaryPrimitives.WriteInt64BigEndian(batch, long.MaxValue);
        var error = Assert.Throws<InvalidRecordBatchException>(() => ReadAll(batch, new()));
        Assert.Equal((long.MaxValue, RecordBatchLayout.BaseOffset), (error.BaseOffset, error.Position));
    }

    // length, attributes, timestamp delta, offset delta, key length, value length, number of headers
    [Theory]
    [InlineData("0E 00 00 00 01 01 00 00", "follow the last field")]
    [InlineData("10 00 00 00 01 01 00", "does not fit")]
    [InlineData("01 00 00 00 01 01 00", "does not fit")]
    [InlineData("FEFFFFFF0F 00 00 00 01 01 00", "does not fit")]
    [InlineData("FFFFFFFFFF 00 00 00 01 01 00", "too long")]
    [InlineData("0C 00 00 02 01 01 00", "offset delta 1")]
    [InlineData("0C 00 00 01 01 01 00", "offset delta -1")]
    [InlineData("0C 00 00 00 03 01 00", "a key of -2 bytes")]
    [InlineData("0C 00 00 00 08 01 00", "a key of 4 bytes")]
    [InlineData("0C 00 00 00 01 03 00", "a value of -2 bytes")]
    [InlineData("0C 00 00 00 01 08 00", "a value of 4 bytes")]
    [InlineData("0C 00 00 00 01 01 01", "number of headers -1")]
    [InlineData("0C 00 00 00 01 01 02", "header key is cut off")]
    [InlineData("10 00 00 00 01 01 02 01 01", "the key of a header is null")]
    [InlineData("10 00 00 00 01 01 02 00 03", "a header value of -2 bytes")]
    [InlineData("10 00 00 00 01 01 02 02 01", "length of a header value is cut off")]
    [InlineData("14 00 00 00 01 01 FEFFFFFF0F", "header key is cut off")]
    [InlineData("1E 00 FFFFFFFFFFFFFFFFFF7F 00 01 01 00", "timestamp delta")]
    [InlineData("14 00 00 FFFFFFFF7F 01 01 00", "offset delta is")]
    [InlineData("0C 00 00 00 80 80 80", "length of a key is cut off")]
    public void Record_that_lies_is_refused_with_the_reason_and_its_place(string hex, string reason)
    {
        byte[] header = RecordBatchReaderTests.OneRecord()[..RecordBatchWriter.HeaderSize];
        byte[] batch = [.. header, .. Convert.FromHexString(hex.Replace(" ", ""))];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordBatchLayout.Length), batch.Length - RecordBatchLayout.LengthOverhead);
        BinaryPrimitives.WriteInt64BigEndian(batch, 4711);
        var error = Assert.Throws<InvalidRecordBatchException>(() => ReadAll(batch, new()));
        Assert.Contains(reason, error.Message);
        Assert.Equal((InvalidRecordBatchReason.Malformed, 4711L), (error.Reason, error.BaseOffset));
        Assert.InRange(error.Position, 0, batch.Length - RecordBatchWriter.HeaderSize);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Codec_that_nobody_knows_is_refused(int codec)
    {
        byte[] batch = RecordBatchReaderTests.OneRecord();
        batch[RecordBatchLayout.Attributes + 1] = (byte)codec;
        Assert.Equal(InvalidRecordBatchReason.Unsupported, Assert.Throws<InvalidRecordBatchException>(() => ReadAll(batch, new())).Reason);
    }

    [Fact]
    public void Zstd_in_an_old_format_is_refused()
    {
        byte[] message = RecordVectors.Named("legacy-v1-gzip")["hex"].Bytes();
        message[RecordBatchLayout.LegacyAttributes] = (byte)CompressionCodec.Zstd;
        Assert.Equal(InvalidRecordBatchReason.Unsupported, Assert.Throws<InvalidRecordBatchException>(() => ReadAll(message, new())).Reason);
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Batch_that_decompresses_beyond_the_limit_is_refused_as_too_large(CompressionCodec codec)
    {
        using var compression = new CompressionPool();
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[17 * Mebibyte], 0, 17 * Mebibyte);
        Assert.True(writer.TryAppend(0, default, true, new byte[16 * Mebibyte], false));
        byte[] batch = [.. writer.Seal(codec, CompressionLevels.Default(codec), compression, new GrowingBuffer())];
        var error = Assert.Throws<InvalidRecordBatchException>(() => ReadAll(batch, new() { MaxBytes = Mebibyte }));
        Assert.Equal(InvalidRecordBatchReason.TooLarge, error.Reason);
        Assert.IsType<InvalidCompressedDataException>(error.InnerException);
    }

    [Theory]
    [InlineData("legacy-v0-gzip", 1)]
    [InlineData("legacy-v1-gzip", 0)]
    public void Message_inside_a_wrapper_of_another_format_is_refused(string name, byte magic)
    {
        byte[] message = RecordVectors.Named(name)["hex"].Bytes();
        using var compression = new CompressionPool();
        RecordBatchHeader.TryRead(message, 0, out RecordBatchHeader header);
        byte[] body = RecordBatchReader.ReadBody(header, message.AsSpan(), compression, new GrowingBuffer(), new()).ToArray();
        body[RecordBatchLayout.Magic] = magic;
        Assert.Contains("format", Assert.Throws<InvalidRecordBatchException>(() => RecordBatchReader.Records(header, body)).Message);
        Assert.Throws<InvalidRecordBatchException>(() => RecordBatchReader.Records(header, body.AsSpan(0, 20)));
        Assert.Throws<InvalidRecordBatchException>(() => RecordBatchReader.Records(header, default));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_batch_ends_well_or_in_the_typed_error_with_memory_bounded(string name)
    {
        byte[] original = RecordVectors.Named(name)["hex"].Bytes();
        var limits = new DecompressionLimits { MaxBytes = Mebibyte };
        ReadAll(original, limits);
        Gen<(int, byte)[]> changes = Gen.Select(Gen.OneOf(Gen.Int[0, 80], Gen.Int[0, original.Length - 1]), Gen.Byte).Array[1, 6];
        changes.Sample(
            edits =>
            {
                byte[] damaged = [.. original];
                foreach ((int at, byte value) in edits) damaged[at % damaged.Length] = value;
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    ReadAll(damaged, limits);
                }
                catch (InvalidRecordBatchException)
                {
                }

                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

                // Eight times the frame and a mebibyte, and what the decompressed data may take while its buffer grows.
                Assert.InRange(allocated, 0, (8L * damaged.Length) + Mebibyte + (4 * Mebibyte));
            },
            iter: 400);
    }

    static void ReadAll(byte[] records, DecompressionLimits limits)
    {
        using var compression = new CompressionPool();
        var buffer = new GrowingBuffer();
        foreach (RecordBatchHeader header in RecordBatchReader.Batches(records))
        {
            header.IsCrcValid(records);
            ReadOnlySpan<byte> body = RecordBatchReader.ReadBody(header, records.AsSpan(), compression, buffer, limits);
            foreach (RecordView record in RecordBatchReader.Records(header, body))
            {
                int length = record.Key.Length + record.Value.Length;
                foreach (RecordHeaderView each in record.Headers) length += each.Key.Length + each.Value.Length;
                Assert.InRange(length, 0, body.Length);
                if (header.IsControl) ControlRecord.TryRead(record.Key, record.Value, out _);
            }
        }
    }
}
