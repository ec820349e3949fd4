using System.Buffers.Binary;

namespace NetKafka.Testing.Internal.Logs;

/// <summary>Transaction markers: control batches of one record, whose key is (version, type): 0 aborts, 1 commits.</summary>
static class ControlBatch
{
    const short Abort = 0;
    const short Commit = 1;

    // One record: length 16 = attributes 1, timestamp delta 1, offset delta 1, key length 1 (zigzag 8 for 4 bytes), key 4,
    // value length 1 (zigzag 12 for 6 bytes), value 6 (version, coordinator epoch), header count 1.
    const int RecordBodySize = 16;
    const int RecordSize = RecordBodySize + 1;

    internal static byte[] Create(long producerId, short producerEpoch, bool commit, long timestampMs, int coordinatorEpoch)
    {
        var bytes = new byte[BatchHeader.Size + RecordSize];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteInt32BigEndian(span[8..], bytes.Length - BatchHeader.LogOverhead);
        span[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(span[BatchHeader.AttributesAt..], 0x30);
        BinaryPrimitives.WriteInt64BigEndian(span[27..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(span[35..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(span[43..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(span[51..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(span[53..], -1);
        BinaryPrimitives.WriteInt32BigEndian(span[57..], 1);
        var record = span[BatchHeader.Size..];
        record[0] = RecordBodySize << 1;
        record[4] = 4 << 1;
        BinaryPrimitives.WriteInt16BigEndian(record[7..], commit ? Commit : Abort);
        record[9] = 6 << 1;
        BinaryPrimitives.WriteInt32BigEndian(record[12..], coordinatorEpoch);
        BinaryPrimitives.WriteUInt32BigEndian(
            span[BatchHeader.CrcAt..], Crc32Castagnoli.Compute(span[BatchHeader.AttributesAt..]));
        return bytes;
    }

    internal static int CoordinatorEpochOf(StoredBatch marker) => BinaryPrimitives.ReadInt32BigEndian(marker.Bytes.AsSpan(BatchHeader.Size + 12));

    internal static bool IsAbort(StoredBatch marker) =>
        BinaryPrimitives.ReadInt16BigEndian(marker.Bytes.AsSpan(BatchHeader.Size + 7)) == Abort;
}
