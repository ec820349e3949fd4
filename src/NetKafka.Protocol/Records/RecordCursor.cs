using System.Runtime.CompilerServices;

namespace NetKafka.Protocol.Records;

/// <summary>
/// Walks the records of one batch and can be kept between two of them: it holds no memory and is handed the same bytes at
/// every step. Allocates nothing.
/// </summary>
public struct RecordCursor
{
    /// <summary>The least a record takes: its length, attributes, two deltas, two lengths and the number of headers.</summary>
    const int SmallestRecord = 7;

    readonly long _baseOffset;
    readonly long _legacyShift;
    readonly long _baseTimestampMs;
    readonly long _appendTimeMs;
    readonly int _lastOffsetDelta;
    readonly bool _hasAppendTime;
    readonly byte _magic;
    int _position;
    int _left;

    /// <summary>Begins at the first record of a batch.</summary>
    /// <param name="header">The header of the batch.</param>
    /// <param name="body">Its records as <see cref="RecordBatchReader.ReadBody(in RecordBatchHeader, ReadOnlyMemory{byte}, Compression.CompressionPool, Compression.GrowingBuffer, Compression.DecompressionLimits)"/> gives them.</param>
    /// <exception cref="InvalidRecordBatchException">The header claims what the records cannot hold.</exception>
    public RecordCursor(in RecordBatchHeader header, ReadOnlySpan<byte> body)
    {
        _magic = (byte)header.Magic;
        _baseOffset = header.BaseOffset;
        _baseTimestampMs = header.BaseTimestampMs;
        _appendTimeMs = header.MaxTimestampMs;
        _hasAppendTime = header.TimestampType == TimestampType.LogAppendTime;
        _lastOffsetDelta = header.LastOffsetDelta;
        if (_magic < 2)
        {
            _legacyShift = LegacyMessage.OffsetShift(header, body);
            return;
        }

        _left = header.RecordCount;
        if (_baseOffset < 0) throw Malformed(RecordBatchLayout.BaseOffset, "its base offset is negative");
        if (_left > body.Length / SmallestRecord)
            throw Malformed(RecordBatchLayout.RecordCount, $"{_left} records cannot lie in {body.Length} bytes");
    }

    /// <summary>Where the next record starts.</summary>
    public readonly int Position => _position;

    /// <summary>Reads the next record; false after the last.</summary>
    /// <param name="body">The bytes given to the constructor.</param>
    /// <param name="record">The record.</param>
    /// <exception cref="InvalidRecordBatchException">The record is malformed.</exception>
    public bool TryRead(ReadOnlySpan<byte> body, out RecordSlice record)
    {
        if (_magic < 2) return TryReadLegacy(body, out record);
        if (_left == 0)
        {
            if (_position != body.Length) throw Malformed(_position, $"{body.Length - _position} bytes follow the last record");
            record = default;
            return false;
        }

        int start = _position;
        int at = start;
        if (!Varint.TryRead(body, ref at, out int length)) throw Malformed(at, "the length of a record is cut off or too long");
        if (length < 0 || length > body.Length - at)
            throw Malformed(start, $"a record of {length} bytes does not fit in the {body.Length - at} that are left");

        int end = at + length;
        ReadFields(body[..end], at, out record);
        _position = end;
        _left--;
        return true;
    }

    /// <summary>Reads what follows the length of a record; <paramref name="body"/> ends where the record does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void ReadFields(ReadOnlySpan<byte> body, int at, out RecordSlice record)
    {
        // The byte of attributes means nothing yet and is skipped.
        at++;
        if (!Varint.TryRead(body, ref at, out long timestampDelta)) throw BadNumber(at, "timestamp delta");
        if (!Varint.TryRead(body, ref at, out int offsetDelta)) throw BadNumber(at, "offset delta");
        if ((uint)offsetDelta > (uint)_lastOffsetDelta)
            throw Malformed(at, $"offset delta {offsetDelta} lies outside of 0 to {_lastOffsetDelta}");

        int keyLength = ReadLength(body, ref at, "key");
        int keyPosition = at;
        at += Math.Max(keyLength, 0);
        int valueLength = ReadLength(body, ref at, "value");
        int valuePosition = at;
        at += Math.Max(valueLength, 0);
        if (!Varint.TryRead(body, ref at, out int headerCount)) throw BadNumber(at, "number of headers");

        int headersPosition = at;
        if (headerCount != 0) at = SkipHeaders(body, at, headerCount);
        if (at != body.Length) throw Malformed(at, $"{body.Length - at} bytes follow the last field of a record");
        record = new RecordSlice(
            _baseOffset + offsetDelta,
            _hasAppendTime ? _appendTimeMs : _baseTimestampMs + timestampDelta,
            keyPosition,
            keyLength,
            valuePosition,
            valueLength,
            headersPosition,
            headerCount);
    }

    readonly int SkipHeaders(ReadOnlySpan<byte> body, int at, int count)
    {
        if (count < 0) throw Malformed(at, $"the number of headers {count} is negative");
        for (; count > 0; count--)
        {
            int keyLength = ReadLength(body, ref at, "header key");
            if (keyLength < 0) throw Malformed(at, "the key of a header is null");
            at += keyLength;
            int valueLength = ReadLength(body, ref at, "header value");
            at += Math.Max(valueLength, 0);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly int ReadLength(ReadOnlySpan<byte> body, ref int at, string what)
    {
        if (!Varint.TryRead(body, ref at, out int length)) throw BadNumber(at, $"length of a {what}");
        if (length < -1 || length > body.Length - at)
            throw Malformed(at, $"a {what} of {length} bytes does not fit in the {body.Length - at} that its record has left");
        return length;
    }

    bool TryReadLegacy(ReadOnlySpan<byte> body, out RecordSlice record)
    {
        if (_position == body.Length)
        {
            record = default;
            return false;
        }

        LegacyMessage message = LegacyMessage.Read(body, _position, _magic, _baseOffset);
        long timestampMs = _hasAppendTime ? _appendTimeMs : message.TimestampMs;
        long offset = unchecked(_legacyShift + message.Offset);
        if (offset < 0) throw Malformed(_position, $"the offset {message.Offset} of a message lies outside of its batch");
        record = new RecordSlice(
            offset, timestampMs, message.KeyPosition, message.KeyLength, message.ValuePosition, message.ValueLength, message.End, 0);
        _position = message.End;
        return true;
    }

    readonly InvalidRecordBatchException BadNumber(int position, string what) =>
        Malformed(position, $"the {what} is cut off or too long");

    readonly InvalidRecordBatchException Malformed(int position, string what) =>
        RecordBatchHeader.Malformed(_baseOffset, position, what);
}
