using System.Buffers.Binary;
using System.IO.Hashing;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Hashing;
using Layout = NetKafka.Protocol.Records.RecordBatchLayout;

namespace NetKafka.Protocol.Records;

/// <summary>
/// The header of a record batch, read without touching its records. A message of format version 0 or 1 counts as a batch
/// of its own; one that is compressed wraps further messages.
/// </summary>
public readonly struct RecordBatchHeader
{
    readonly short _attributes;

    RecordBatchHeader(ReadOnlySpan<byte> batch, int position)
    {
        Position = position;
        SizeInBytes = batch.Length;
        Magic = batch[Layout.Magic];
        BaseOffset = BinaryPrimitives.ReadInt64BigEndian(batch);
        if (Magic >= 2)
        {
            PartitionLeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(batch[Layout.PartitionLeaderEpoch..]);
            Crc = BinaryPrimitives.ReadUInt32BigEndian(batch[Layout.Crc..]);
            _attributes = BinaryPrimitives.ReadInt16BigEndian(batch[Layout.Attributes..]);
            LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(batch[Layout.LastOffsetDelta..]);
            BaseTimestampMs = BinaryPrimitives.ReadInt64BigEndian(batch[Layout.BaseTimestamp..]);
            MaxTimestampMs = BinaryPrimitives.ReadInt64BigEndian(batch[Layout.MaxTimestamp..]);
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(batch[Layout.ProducerId..]);
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(batch[Layout.ProducerEpoch..]);
            BaseSequence = BinaryPrimitives.ReadInt32BigEndian(batch[Layout.BaseSequence..]);
            RecordCount = BinaryPrimitives.ReadInt32BigEndian(batch[Layout.RecordCount..]);
            return;
        }

        PartitionLeaderEpoch = -1;
        Crc = BinaryPrimitives.ReadUInt32BigEndian(batch[Layout.LegacyCrc..]);
        _attributes = batch[Layout.LegacyAttributes];
        BaseTimestampMs = MaxTimestampMs = Magic == 1 ? BinaryPrimitives.ReadInt64BigEndian(batch[Layout.LegacyTimestamp..]) : -1;
        ProducerId = -1;
        ProducerEpoch = -1;
        BaseSequence = -1;
        RecordCount = Codec == CompressionCodec.None ? 1 : -1;
    }

    /// <summary>Where the batch starts in the bytes it was read from.</summary>
    public int Position { get; }

    /// <summary>The size of the whole batch in bytes, header included.</summary>
    public int SizeInBytes { get; }

    /// <summary>The format version: 0, 1 or 2.</summary>
    public int Magic { get; }

    /// <summary>
    /// The offset of the first record, even if compaction has removed that record. Of a compressed message of format 0 or 1
    /// it is the offset of the last message inside.
    /// </summary>
    public long BaseOffset { get; }

    /// <summary>What the last record's offset adds to <see cref="BaseOffset"/>.</summary>
    public int LastOffsetDelta { get; }

    /// <summary>The offset of the last record, even if compaction has removed it.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>Where to read on after this batch.</summary>
    public long NextOffset => BaseOffset + LastOffsetDelta + 1;

    /// <summary>The epoch of the leader that appended the batch; −1 if none is set.</summary>
    public int PartitionLeaderEpoch { get; }

    /// <summary>The checksum that the batch carries: CRC-32C in format 2, CRC-32 before.</summary>
    public uint Crc { get; }

    /// <summary>The timestamp that the records' deltas add to, in milliseconds since 1970.</summary>
    public long BaseTimestampMs { get; }

    /// <summary>The largest timestamp of the records in milliseconds since 1970; −1 in format 0.</summary>
    public long MaxTimestampMs { get; }

    /// <summary>The id of the idempotent producer that wrote the batch; −1 if none.</summary>
    public long ProducerId { get; }

    /// <summary>The epoch of that producer; −1 if none.</summary>
    public short ProducerEpoch { get; }

    /// <summary>The sequence number of the first record; −1 if none.</summary>
    public int BaseSequence { get; }

    /// <summary>
    /// How many records the batch claims to hold; −1 for a compressed message of format 0 or 1, which does not say.
    /// </summary>
    public int RecordCount { get; }

    /// <summary>How the records are compressed; may be a number that this client does not know.</summary>
    public CompressionCodec Codec => (CompressionCodec)(_attributes & Layout.CodecMask);

    /// <summary>Who set the timestamps.</summary>
    public TimestampType TimestampType => Magic == 0
        ? TimestampType.None
        : (_attributes & Layout.LogAppendTimeFlag) != 0 ? TimestampType.LogAppendTime : TimestampType.CreateTime;

    /// <summary>True if the batch belongs to a transaction.</summary>
    public bool IsTransactional => Magic >= 2 && (_attributes & Layout.TransactionalFlag) != 0;

    /// <summary>True if the batch holds control records, which no application sees.</summary>
    public bool IsControl => Magic >= 2 && (_attributes & Layout.ControlFlag) != 0;

    /// <summary>
    /// True if <see cref="BaseTimestampMs"/> is the time from which compaction may drop the batch's tombstones.
    /// </summary>
    public bool HasDeleteHorizon => Magic >= 2 && (_attributes & Layout.DeleteHorizonFlag) != 0;

    /// <summary>Reads the header of the batch that starts at <paramref name="position"/>.</summary>
    /// <param name="records">A records field: batches in a row, of which the last may be cut off.</param>
    /// <param name="position">Where the batch starts.</param>
    /// <param name="header">The header.</param>
    /// <returns>False if no whole batch is left: at the end, or where the broker cut the last one off.</returns>
    /// <exception cref="InvalidRecordBatchException">
    /// The batch has an impossible length or count, or an unknown format.
    /// </exception>
    public static bool TryRead(ReadOnlySpan<byte> records, int position, out RecordBatchHeader header)
    {
        header = default;
        ReadOnlySpan<byte> rest = records[position..];
        if (rest.Length < Layout.LengthOverhead) return false;

        long baseOffset = BinaryPrimitives.ReadInt64BigEndian(rest);
        int length = BinaryPrimitives.ReadInt32BigEndian(rest[Layout.Length..]);
        if (length < Layout.SmallestLength)
            throw Malformed(baseOffset, Layout.Length, $"a length of {length} is below {Layout.SmallestLength}");
        if (length > rest.Length - Layout.LengthOverhead) return false;

        ReadOnlySpan<byte> batch = rest[..(Layout.LengthOverhead + length)];
        int magic = batch[Layout.Magic];
        int smallest = magic switch
        {
            0 => Layout.LegacyKeyV0 + (2 * sizeof(int)),
            1 => Layout.LegacyKeyV1 + (2 * sizeof(int)),
            2 => Layout.HeaderSize,
            _ => throw new InvalidRecordBatchException(
                InvalidRecordBatchReason.Unsupported, baseOffset, Layout.Magic, $"format version {magic} is not known"),
        };
        if (batch.Length < smallest)
            throw Malformed(baseOffset, Layout.Length, $"{batch.Length} bytes are too few for format version {magic}");

        header = new RecordBatchHeader(batch, position);
        if (magic == 2) header.CheckCounts();
        return true;
    }

    /// <summary>Sums the batch and compares with the checksum it carries.</summary>
    /// <param name="records">The bytes that the header was read from.</param>
    public bool IsCrcValid(ReadOnlySpan<byte> records)
    {
        ReadOnlySpan<byte> batch = records.Slice(Position, SizeInBytes);
        return Crc == (Magic >= 2
            ? Crc32C.Compute(batch[Layout.Attributes..])
            : Crc32.HashToUInt32(batch[Layout.Magic..]));
    }

    /// <summary>Sums the batch and refuses one whose checksum does not match.</summary>
    /// <param name="records">The bytes that the header was read from.</param>
    /// <exception cref="InvalidRecordBatchException">The checksum does not match.</exception>
    public void CheckCrc(ReadOnlySpan<byte> records)
    {
        if (IsCrcValid(records)) return;
        throw new InvalidRecordBatchException(
            InvalidRecordBatchReason.CrcMismatch,
            BaseOffset,
            Magic >= 2 ? Layout.Crc : Layout.LegacyCrc,
            $"its checksum 0x{Crc:X8} does not match its {SizeInBytes} bytes");
    }

    void CheckCounts()
    {
        if (LastOffsetDelta < 0)
            throw Malformed(BaseOffset, Layout.LastOffsetDelta, $"its last offset delta {LastOffsetDelta} is negative");
        if (BaseOffset > long.MaxValue - LastOffsetDelta - 1)
            throw Malformed(BaseOffset, Layout.BaseOffset, "its offsets pass the largest offset there is");
        if (RecordCount < 0)
            throw Malformed(BaseOffset, Layout.RecordCount, $"its record count {RecordCount} is negative");
    }

    internal static InvalidRecordBatchException Malformed(long baseOffset, int position, string what) =>
        new(InvalidRecordBatchReason.Malformed, baseOffset, position, what);
}
