using System.Buffers.Binary;
using NetKafka.Protocol.Hashing;
using Layout = NetKafka.Protocol.Records.RecordBatchLayout;

namespace NetKafka.Protocol.Records;

/// <summary>
/// Changes header fields of a finished batch of format version 2 in place. The checksum is corrected from the header bytes
/// alone: the records are not summed again, and a checksum that was wrong stays wrong.
/// </summary>
public static class RecordBatchPatch
{
    /// <summary>Sets the base offset, which lies outside the checksum.</summary>
    /// <param name="batch">The batch, from its first byte.</param>
    /// <param name="baseOffset">The offset of its first record.</param>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) =>
        BinaryPrimitives.WriteInt64BigEndian(batch[Layout.BaseOffset..], baseOffset);

    /// <summary>Sets the partition leader epoch, which lies outside the checksum.</summary>
    /// <param name="batch">The batch, from its first byte.</param>
    /// <param name="leaderEpoch">The epoch of the leader that appends it.</param>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int leaderEpoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.PartitionLeaderEpoch..], leaderEpoch);

    /// <summary>Sets who wrote the batch.</summary>
    /// <param name="batch">The whole batch.</param>
    /// <param name="producerId">The producer's id; −1 for none.</param>
    /// <param name="producerEpoch">Its epoch; −1 for none.</param>
    /// <param name="baseSequence">The sequence number of the first record; −1 for none.</param>
    /// <param name="isTransactional">True if the batch belongs to a transaction.</param>
    public static void SetProducer(
        Span<byte> batch, long producerId, short producerEpoch, int baseSequence, bool isTransactional = false)
    {
        uint before = SumOfHeader(batch);
        SetFlag(batch, Layout.TransactionalFlag, isTransactional);
        BinaryPrimitives.WriteInt64BigEndian(batch[Layout.ProducerId..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[Layout.ProducerEpoch..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[Layout.BaseSequence..], baseSequence);
        CorrectCrc(batch, before);
    }

    /// <summary>
    /// Gives all records the broker's time, as a topic with <c>message.timestamp.type=LogAppendTime</c> does.
    /// </summary>
    /// <param name="batch">The whole batch.</param>
    /// <param name="timestampMs">The time in milliseconds since 1970.</param>
    public static void SetLogAppendTime(Span<byte> batch, long timestampMs)
    {
        uint before = SumOfHeader(batch);
        SetFlag(batch, Layout.LogAppendTimeFlag, true);
        BinaryPrimitives.WriteInt64BigEndian(batch[Layout.MaxTimestamp..], timestampMs);
        CorrectCrc(batch, before);
    }

    /// <summary>Marks a batch as one of control records.</summary>
    /// <param name="batch">The whole batch.</param>
    internal static void SetControl(Span<byte> batch)
    {
        uint before = SumOfHeader(batch);
        SetFlag(batch, Layout.ControlFlag, true);
        CorrectCrc(batch, before);
    }

    static uint SumOfHeader(ReadOnlySpan<byte> batch) =>
        Crc32C.Compute(batch[Layout.Attributes..Layout.HeaderSize]);

    // A checksum is linear: what the header's sum changed by, moved past the records, is what the whole changed by.
    static void CorrectCrc(Span<byte> batch, uint before)
    {
        uint change = Crc32C.Combine(before ^ SumOfHeader(batch), 0, batch.Length - Layout.HeaderSize);
        Span<byte> crc = batch[Layout.Crc..];
        BinaryPrimitives.WriteUInt32BigEndian(crc, BinaryPrimitives.ReadUInt32BigEndian(crc) ^ change);
    }

    static void SetFlag(Span<byte> batch, short flag, bool isSet)
    {
        Span<byte> place = batch[Layout.Attributes..];
        short attributes = BinaryPrimitives.ReadInt16BigEndian(place);
        BinaryPrimitives.WriteInt16BigEndian(place, isSet ? (short)(attributes | flag) : (short)(attributes & ~flag));
    }
}
