using System.Text;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Tests.Producing;

/// <summary>A batch as a broker would find it in a Produce request.</summary>
sealed record SentBatch(string Topic, int Partition, long ProducerId, short Epoch, int Sequence, string[] Values, byte[] Bytes, bool IsTransactional)
{
    public static SentBatch Read(string topic, int partition, ReadOnlyMemory<byte> bytes)
    {
        var batches = RecordBatchReader.Batches(bytes.Span);
        Assert.True(batches.MoveNext());
        var header = batches.Current;
        header.CheckCrc(bytes.Span);
        Assert.Equal(bytes.Length, header.SizeInBytes);
        using var pool = new CompressionPool();
        var buffer = new GrowingBuffer();
        var body = RecordBatchReader.ReadBody(header, bytes, pool, buffer, new DecompressionLimits());
        var values = new List<string>();
        foreach (var record in RecordBatchReader.Records(header, body.Span))
            values.Add(record.IsValueNull ? "(null)" : Encoding.UTF8.GetString(record.Value));
        Assert.Equal(header.RecordCount, values.Count);
        return new SentBatch(topic, partition, header.ProducerId, header.ProducerEpoch, header.BaseSequence, [.. values], bytes.ToArray(), header.IsTransactional);
    }
}
