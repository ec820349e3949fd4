using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class RecordAllocationTests
{
    const int Records = 100_000;

    readonly byte[] _slab = new byte[1024 * 1024];
    readonly byte[] _value = new byte[100];
    readonly Header[] _headers = [new("traceparent", new byte[16]), Header.Null("n")];
    readonly RecordBatchWriter _writer = new();

    [Fact]
    public void Appending_into_a_reused_writer_allocates_nothing()
    {
        Append();
        int batches = 0;
        Assert.Equal(0, Allocations.Of(() => batches += Append()));
        Assert.NotEqual(0, batches);
    }

    [Fact]
    public void Walking_records_and_their_headers_allocates_nothing()
    {
        using var compression = new CompressionPool();
        var buffer = new GrowingBuffer();
        _writer.Begin(_slab, 0, _slab.Length);
        while (_writer.TryAppend(1_700_000_000_000 + _writer.Count, "Alice"u8, false, _value, false, _headers))
        {
        }

        byte[] batch = [.. _writer.Seal(CompressionCodec.Lz4, 9, compression, new GrowingBuffer())];
        Walk(batch, compression, buffer);
        int walked = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (walked = 0; walked < Records;) walked += Walk(batch, compression, buffer);
        }));
    }

    int Append()
    {
        int batches = 0;
        _writer.Begin(_slab, 0, _slab.Length);
        for (int i = 0; i < Records; i++)
        {
            bool withHeaders = i % 4 == 0;
            if (_writer.TryAppend(1_700_000_000_000 + i, "Alice"u8, false, _value, false, withHeaders ? _headers : [])) continue;
            ArraySegment<byte> batch = _writer.Seal();
            RecordBatchPatch.SetProducer(batch, 1, 2, 3);
            _writer.Reset();
            batches++;
        }

        return batches;
    }

    static int Walk(byte[] batch, CompressionPool compression, GrowingBuffer buffer)
    {
        int count = 0;
        foreach (RecordBatchHeader header in RecordBatchReader.Batches(batch))
        {
            header.CheckCrc(batch);
            ReadOnlySpan<byte> body = RecordBatchReader.ReadBody(header, batch.AsSpan(), compression, buffer, new());
            foreach (RecordView record in RecordBatchReader.Records(header, body))
            {
                foreach (RecordHeaderView each in record.Headers) Assert.False(each.Key.IsEmpty);
                count++;
            }
        }

        return count;
    }
}
