using System.Buffers.Binary;
using System.Collections.Concurrent;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Load.Broker;

/// <summary>
/// The checking mode: every batch's CRC holds, its records can be walked and are as many as its header says, and the
/// sequences of a producer in a partition have neither gap nor repetition.
/// </summary>
sealed class BatchCheck(BrokerCounts counts) : IDisposable
{
    readonly ConcurrentDictionary<(string Topic, int Partition, long Producer, short Epoch), int> _nextSequences = new();
    readonly CompressionPool _compression = new(2);

    /// <summary>Checks a batch. Batches of one producer and partition come over one connection, so one at a time.</summary>
    /// <returns>How many records it really has.</returns>
    public int Check(TopicLog topic, int partition, ReadOnlyMemory<byte> batch)
    {
        var place = $"{topic.Name}-{partition}";
        if (!RecordBatchHeader.TryRead(batch.Span, 0, out var header) || header.SizeInBytes != batch.Length)
        {
            counts.Fault($"{place}: {batch.Length} bytes are not one batch");
            return 0;
        }
        if (!header.IsCrcValid(batch.Span))
            counts.Fault($"{place}: the CRC of a batch of {header.RecordCount} records is wrong");
        CheckSequence(place, (topic.Name, partition, header.ProducerId, header.ProducerEpoch), header);
        return CountRecords(place, header, batch);
    }

    public void Dispose() => _compression.Dispose();

    void CheckSequence(string place, (string, int, long, short) key, in RecordBatchHeader header)
    {
        if (header.ProducerId < 0)
            return;
        var expected = _nextSequences.GetValueOrDefault(key, 0);
        if (header.BaseSequence != expected)
            counts.Fault($"{place}: producer {header.ProducerId} sent sequence {header.BaseSequence} where {expected} was due");
        // After the last number comes 0 again.
        _nextSequences[key] = (int)(((long)header.BaseSequence + header.RecordCount) & int.MaxValue);
    }

    int CountRecords(string place, in RecordBatchHeader header, ReadOnlyMemory<byte> batch)
    {
        var scratch = _compression.RentBuffer();
        try
        {
            var body = RecordBatchReader.ReadBody(header, batch, _compression, scratch, new DecompressionLimits());
            var records = 0;
            foreach (var record in RecordBatchReader.Records(header, body.Span))
                records += record.Offset == header.BaseOffset + records ? 1 : 0;
            if (records != header.RecordCount)
                counts.Fault($"{place}: a batch of {header.RecordCount} records has {records}");
            return records;
        }
        catch (Exception error) when (error is InvalidRecordBatchException or InvalidCompressedDataException)
        {
            counts.Fault($"{place}: {error.Message}");
            return 0;
        }
        finally
        {
            _compression.Return(scratch);
        }
    }

    /// <summary>The records' count as a header says, without a look at the records.</summary>
    public static int CountOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32BigEndian(header[57..]);
}
