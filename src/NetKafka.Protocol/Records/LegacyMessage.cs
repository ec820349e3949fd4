using System.Buffers.Binary;
using NetKafka.Protocol.Compression;
using Layout = NetKafka.Protocol.Records.RecordBatchLayout;

namespace NetKafka.Protocol.Records;

/// <summary>
/// A message of format 0 or 1: a record alone, or with a codec a wrapper whose value holds further messages.
/// </summary>
readonly struct LegacyMessage
{
    LegacyMessage(long offset, long timestampMs, int keyPosition, int keyLength, int valuePosition, int valueLength, int end)
    {
        Offset = offset;
        TimestampMs = timestampMs;
        KeyPosition = keyPosition;
        KeyLength = keyLength;
        ValuePosition = valuePosition;
        ValueLength = valueLength;
        End = end;
    }

    internal long Offset { get; }

    internal long TimestampMs { get; }

    internal int KeyPosition { get; }

    internal int KeyLength { get; }

    internal int ValuePosition { get; }

    internal int ValueLength { get; }

    internal int End { get; }

    /// <summary>
    /// Reads the message at <paramref name="position"/>, which must have the format of the batch it lies in.
    /// </summary>
    internal static LegacyMessage Read(ReadOnlySpan<byte> messages, int position, int magic, long baseOffset)
    {
        int left = messages.Length - position - Layout.LengthOverhead;
        if (left < 0) throw RecordBatchHeader.Malformed(baseOffset, position, "a message is cut off");
        long offset = BinaryPrimitives.ReadInt64BigEndian(messages[position..]);
        int length = BinaryPrimitives.ReadInt32BigEndian(messages[(position + Layout.Length)..]);
        if (length < Layout.SmallestLength || length > left)
        {
            throw RecordBatchHeader.Malformed(
                baseOffset, position, $"a message of {length} bytes does not fit in the {left} that are left");
        }

        int end = position + Layout.LengthOverhead + length;
        ReadOnlySpan<byte> message = messages[..end];
        if (message[position + Layout.Magic] != magic)
        {
            throw RecordBatchHeader.Malformed(
                baseOffset, position, $"a message of format {message[position + Layout.Magic]} lies in one of format {magic}");
        }

        bool hasTimestamp = magic == 1;
        int at = position + (hasTimestamp ? Layout.LegacyKeyV1 : Layout.LegacyKeyV0);
        long timestampMs = -1;
        if (hasTimestamp && at <= end)
            timestampMs = BinaryPrimitives.ReadInt64BigEndian(message[(position + Layout.LegacyTimestamp)..]);
        int keyLength = ReadLength(message, ref at, baseOffset, "key");
        int keyPosition = at;
        at += Math.Max(keyLength, 0);
        int valueLength = ReadLength(message, ref at, baseOffset, "value");
        int valuePosition = at;
        at += Math.Max(valueLength, 0);
        if (at != end) throw RecordBatchHeader.Malformed(baseOffset, at, $"{end - at} bytes follow the value of a message");
        return new LegacyMessage(offset, timestampMs, keyPosition, keyLength, valuePosition, valueLength, end);
    }

    /// <summary>
    /// What must be added to the offsets that the messages carry, after a look at the frame of each. Inside a wrapper of
    /// format 1 they are relative, and the wrapper has the offset of the last (KIP-31); everywhere else they are absolute.
    /// </summary>
    internal static long OffsetShift(in RecordBatchHeader header, ReadOnlySpan<byte> messages)
    {
        if (header.Codec == CompressionCodec.None) return 0;
        long last = -1;
        int position = 0;
        while (position < messages.Length)
        {
            LegacyMessage message = Read(messages, position, header.Magic, header.BaseOffset);
            if ((messages[position + Layout.LegacyAttributes] & Layout.CodecMask) != 0)
                throw RecordBatchHeader.Malformed(header.BaseOffset, position, "a compressed message lies in another one");
            last = message.Offset;
            position = message.End;
        }

        if (position == 0) throw RecordBatchHeader.Malformed(header.BaseOffset, 0, "a compressed message holds no messages");
        return header.Magic == 0 ? 0 : unchecked(header.BaseOffset - last);
    }

    static int ReadLength(ReadOnlySpan<byte> message, ref int at, long baseOffset, string what)
    {
        int left = message.Length - at - sizeof(int);
        if (left < 0) throw RecordBatchHeader.Malformed(baseOffset, at, $"the length of a {what} is cut off");
        int length = BinaryPrimitives.ReadInt32BigEndian(message[at..]);
        at += sizeof(int);
        if (length < -1 || length > left)
        {
            throw RecordBatchHeader.Malformed(
                baseOffset, at, $"a {what} of {length} bytes does not fit in the {left} that its message has left");
        }

        return length;
    }
}
