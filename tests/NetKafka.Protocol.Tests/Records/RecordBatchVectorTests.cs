using System.Text.Json.Nodes;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class RecordBatchVectorTests
{
    public static TheoryData<string> Names => RecordVectors.Names;

    public static TheoryData<string> UncompressedNames => new(RecordVectors.Batches
        .Where(line => line["batches"]!.AsArray().All(batch => batch!.Get<int>("magic") == 2 && batch!.Get<string>("codec") == "none"))
        .Select(line => line.Get<string>("name")));

    [Fact]
    public void Vectors_cover_every_codec_and_format() =>
        Assert.Equal(
            ["0 gzip", "0 lz4", "0 none", "0 snappy", "1 gzip", "1 lz4", "1 none", "1 snappy", "2 gzip", "2 lz4", "2 none", "2 snappy", "2 zstd"],
            RecordVectors.Batches.SelectMany(line => line["batches"]!.AsArray())
                .Select(batch => $"{batch!.Get<int>("magic")} {batch!.Get<string>("codec")}").Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Batches_of_Java_are_read_to_what_they_hold(string name)
    {
        JsonObject vector = RecordVectors.Named(name);
        byte[] records = vector["hex"].Bytes();
        using var compression = new CompressionPool();
        GrowingBuffer buffer = compression.RentBuffer();

        RecordBatchEnumerator batches = RecordBatchReader.Batches(records);
        foreach (JsonNode? expected in vector["batches"]!.AsArray())
        {
            Assert.True(batches.MoveNext());
            RecordBatchHeader header = batches.Current;
            AssertHeader(expected!, header);
            Assert.True(header.IsCrcValid(records));
            ReadOnlyMemory<byte> body = RecordBatchReader.ReadBody(header, records.AsMemory(), compression, buffer, new());
            AssertRecords(expected!, header, body);
        }

        Assert.False(batches.MoveNext());
        Assert.Equal(records.Length, batches.Position);
    }

    [Theory]
    [MemberData(nameof(UncompressedNames))]
    public void Uncompressed_batch_built_from_the_same_values_equals_that_of_Java(string name)
    {
        JsonObject vector = RecordVectors.Named(name);
        JsonNode batch = Assert.Single(vector["batches"]!.AsArray())!;
        byte[] expected = vector["hex"].Bytes();
        var buffer = new byte[expected.Length];
        var writer = new RecordBatchWriter();
        writer.Begin(buffer, 0, buffer.Length);
        bool hasAppendTime = batch.Get<string>("timestampType") == "LogAppendTime";
        RecordBatchHeader.TryRead(expected, 0, out RecordBatchHeader header);
        foreach (JsonNode? record in batch["records"]!.AsArray())
        {
            byte[]? key = record!["key"] is null ? null : record["key"].Bytes();
            byte[]? value = record["value"] is null ? null : record["value"].Bytes();
            long timestampMs = hasAppendTime ? CreateTime(expected, header, writer.Count) : record.Get<long>("timestamp");
            writer.SkipOffsets((int)(record.Get<long>("offset") - header.BaseOffset) - writer.NextOffsetDelta);
            Assert.True(writer.TryAppend(timestampMs, key, key is null, value, value is null, Headers(record)));
        }

        ArraySegment<byte> sealedBatch = writer.Seal();
        if (hasAppendTime) RecordBatchPatch.SetLogAppendTime(sealedBatch, batch.Get<long>("maxTimestamp"));
        RecordBatchPatch.SetBaseOffset(sealedBatch, batch.Get<long>("baseOffset"));
        RecordBatchPatch.SetPartitionLeaderEpoch(sealedBatch, batch.Get<int>("partitionLeaderEpoch"));
        if (batch.Get<bool>("control")) RecordBatchPatch.SetControl(sealedBatch);
        RecordBatchPatch.SetProducer(
            sealedBatch,
            batch.Get<long>("producerId"),
            (short)batch.Get<int>("producerEpoch"),
            batch.Get<int>("baseSequence"),
            batch.Get<bool>("transactional"));
        Assert.Equal(expected, sealedBatch.ToArray());
    }

    [Theory]
    [InlineData("marker-abort", ControlRecordType.Abort)]
    [InlineData("marker-commit", ControlRecordType.Commit)]
    public void Markers_of_Java_are_read_and_written(string name, ControlRecordType type)
    {
        byte[] expected = RecordVectors.Named(name)["hex"].Bytes();
        Assert.True(RecordBatchHeader.TryRead(expected, 0, out RecordBatchHeader header));
        RecordEnumerator records = RecordBatchReader.Records(header, expected.AsSpan(RecordBatchWriter.HeaderSize));
        Assert.True(records.MoveNext());
        Assert.True(ControlRecord.TryRead(records.Current.Key, records.Current.Value, out ControlRecord control));
        Assert.Equal(new ControlRecord(type, 9), control);

        var written = new byte[ControlRecord.BatchSize];
        int size = ControlRecord.WriteEndOfTransaction(
            written, 0, header.ProducerId, header.ProducerEpoch, type == ControlRecordType.Commit, control.CoordinatorEpoch, header.MaxTimestampMs);
        RecordBatchPatch.SetBaseOffset(written, header.BaseOffset);
        RecordBatchPatch.SetPartitionLeaderEpoch(written, header.PartitionLeaderEpoch);
        Assert.Equal(expected, written[..size]);
    }

    static long CreateTime(byte[] batch, RecordBatchHeader header, int index)
    {
        // The record itself still carries the delta of its creation, which the broker's time hides.
        int at = RecordBatchWriter.HeaderSize;
        for (int i = 0; i < index; i++)
        {
            Varint.TryRead(batch, ref at, out int length);
            at += length;
        }

        Varint.TryRead(batch, ref at, out int _);
        at++;
        Varint.TryRead(batch, ref at, out long delta);
        return header.BaseTimestampMs + delta;
    }

    static Header[] Headers(JsonNode record) => record["headers"] is not JsonArray headers
        ? []
        : [.. headers.Select(header => new Header(header!.Get<string>("key"), header!["value"] is null ? null : header["value"].Bytes()))];

    static void AssertHeader(JsonNode expected, RecordBatchHeader header)
    {
        int magic = expected.Get<int>("magic");
        Assert.Equal(magic, header.Magic);
        Assert.Equal(expected.Get<long>("lastOffset"), header.LastOffset);
        Assert.Equal(expected.Get<string>("codec"), header.Codec.ToString().ToLowerInvariant());
        Assert.Equal(expected.Get<string>("timestampType"), magic == 0 ? "NoTimestampType" : header.TimestampType.ToString());
        Assert.Equal(expected.Get<long>("maxTimestamp"), header.MaxTimestampMs);
        if (magic < 2) return;
        Assert.Equal(expected.Get<long>("baseOffset"), header.BaseOffset);
        Assert.Equal(expected.Get<long>("crc"), header.Crc);
        Assert.Equal(expected.Get<int>("partitionLeaderEpoch"), header.PartitionLeaderEpoch);
        Assert.Equal(expected.Get<bool>("transactional"), header.IsTransactional);
        Assert.Equal(expected.Get<bool>("control"), header.IsControl);
        Assert.Equal(expected.Get<long>("producerId"), header.ProducerId);
        Assert.Equal(expected.Get<int>("producerEpoch"), header.ProducerEpoch);
        Assert.Equal(expected.Get<int>("baseSequence"), header.BaseSequence);
        Assert.Equal(expected["records"]!.AsArray().Count, header.RecordCount);
    }

    static void AssertRecords(JsonNode expected, RecordBatchHeader header, ReadOnlyMemory<byte> body)
    {
        RecordEnumerator records = RecordBatchReader.Records(header, body.Span);
        foreach (JsonNode? record in expected["records"]!.AsArray())
        {
            Assert.True(records.MoveNext());
            RecordView read = records.Current;
            Assert.Equal(record!.Get<long>("offset"), read.Offset);
            Assert.Equal(record!.Get<long>("timestamp"), read.TimestampMs);
            Assert.Equal(record!["key"] is null, read.IsKeyNull);
            Assert.Equal(record["key"]?.GetValue<string>() ?? "", Convert.ToHexStringLower(read.Key));
            Assert.Equal(record["value"] is null, read.IsValueNull);
            Assert.Equal(record["value"]?.GetValue<string>() ?? "", Convert.ToHexStringLower(read.Value));
            Assert.Equal(Headers(record!), read.Slice.ReadHeaders(body));
        }

        Assert.False(records.MoveNext());
    }
}
