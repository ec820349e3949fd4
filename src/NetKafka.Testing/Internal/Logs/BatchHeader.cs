using System.Buffers.Binary;

namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// The fixed head of a record batch of format 2, read by hand: the fake trusts no code that the client uses for it.
/// Offsets of the fields: 0 base offset, 8 length, 12 leader epoch, 16 magic, 17 CRC, 21 attributes, 23 last offset delta,
/// 27 base timestamp, 35 max timestamp, 43 producer id, 51 producer epoch, 53 base sequence, 57 record count, 61 records.
/// </summary>
readonly struct BatchHeader
{
    internal const int Size = 61;

    /// <summary>Bytes in front of what the length field counts: base offset and the length itself.</summary>
    internal const int LogOverhead = 12;

    internal const int CrcAt = 17;
    internal const int AttributesAt = 21;
    const short TimestampTypeBit = 0x08;
    const short TransactionalBit = 0x10;
    const short ControlBit = 0x20;

    internal BatchHeader(ReadOnlySpan<byte> batch)
    {
        BaseOffset = BinaryPrimitives.ReadInt64BigEndian(batch);
        Length = BinaryPrimitives.ReadInt32BigEndian(batch[8..]);
        LeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(batch[12..]);
        Magic = (sbyte)batch[16];
        Crc = BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]);
        Attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]);
        LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(batch[23..]);
        BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(batch[27..]);
        MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(batch[35..]);
        ProducerId = BinaryPrimitives.ReadInt64BigEndian(batch[43..]);
        ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(batch[51..]);
        BaseSequence = BinaryPrimitives.ReadInt32BigEndian(batch[53..]);
        RecordCount = BinaryPrimitives.ReadInt32BigEndian(batch[57..]);
    }

    internal long BaseOffset { get; }
    internal int Length { get; }
    internal int LeaderEpoch { get; }
    internal sbyte Magic { get; }
    internal uint Crc { get; }
    internal short Attributes { get; }
    internal int LastOffsetDelta { get; }
    internal long BaseTimestamp { get; }
    internal long MaxTimestamp { get; }
    internal long ProducerId { get; }
    internal short ProducerEpoch { get; }
    internal int BaseSequence { get; }
    internal int RecordCount { get; }

    internal int CompressionCode => Attributes & 0x07;
    internal bool IsLogAppendTime => (Attributes & TimestampTypeBit) != 0;
    internal bool IsTransactional => (Attributes & TransactionalBit) != 0;
    internal bool IsControl => (Attributes & ControlBit) != 0;
    internal bool HasProducerId => ProducerId >= 0;

    /// <summary>The sequence of the last record; sequences wrap to 0 after 2^31-1.</summary>
    internal int LastSequence => ProducerSequence.Add(BaseSequence, LastOffsetDelta);

    /// <summary>
    /// Writes what the leader decides (base offset, leader epoch) into the batch. Both lie outside of the CRC.
    /// </summary>
    internal static void Place(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[12..], leaderEpoch);
    }

    /// <summary>Mends the largest timestamp of the batch, and sums it again.</summary>
    internal static void SetMaxTimestamp(Span<byte> batch, long timestampMs)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[35..], timestampMs);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc32Castagnoli.Compute(batch[AttributesAt..]));
    }

    /// <summary>Turns the batch into one of log-append time, and sums it again.</summary>
    internal static void SetLogAppendTime(Span<byte> batch, long timestampMs)
    {
        var attributes = (short)(BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]) | TimestampTypeBit);
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], attributes);
        SetMaxTimestamp(batch, timestampMs);
    }
}
