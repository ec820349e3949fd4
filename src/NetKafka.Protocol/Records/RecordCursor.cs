using System.Runtime.CompilerServices;

namespace NetKafka.Protocol.Records;

/// <summary>
/// Walks the records of one batch and can be kept between two of them: it holds no memory and is handed the same bytes at
/// every step. Allocates nothing.
/// </summary>
public struct RecordCursor
{
    /// <summary>
    /// The least a record takes: its length, attributes, two deltas, two lengths and the number of headers.
    /// </summary>
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
    /// <param name="body">
    /// Its records, as <see cref="RecordBatchReader"/> gives them.
    /// </param>
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
        int start = _position;
        if (_left == 0)
        {
            if (start != body.Length) RecordErrors.ThrowTrailing(_baseOffset, start, body.Length);
            record = default;
            return false;
        }

        int at = start;
        if (!Varint.TryRead(body, ref at, out int length)) RecordErrors.ThrowUnreadable(_baseOffset, start, "length of a record");
        if ((uint)length > (uint)(body.Length - at)) RecordErrors.ThrowRecordLength(_baseOffset, start, length, body.Length - at);
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
        if (!Varint.TryRead(body, ref at, out long timestampDelta))
            RecordErrors.ThrowUnreadable(_baseOffset, at, "timestamp delta");
        if (!Varint.TryRead(body, ref at, out int offsetDelta))
            RecordErrors.ThrowUnreadable(_baseOffset, at, "offset delta");
        if ((uint)offsetDelta > (uint)_lastOffsetDelta)
            RecordErrors.ThrowOffsetDelta(_baseOffset, at, offsetDelta, _lastOffsetDelta);

        int keyLength = ReadLength(body, ref at, "key");
        int keyPosition = at;
        at += Math.Max(keyLength, 0);
        int valueLength = ReadLength(body, ref at, "value");
        int valuePosition = at;
        at += Math.Max(valueLength, 0);
        if (!Varint.TryRead(body, ref at, out int headerCount))
            RecordErrors.ThrowUnreadable(_baseOffset, at, "number of headers");

        int headersPosition = at;
        if (headerCount != 0) at = SkipHeaders(body, at, headerCount);
        if (at != body.Length) RecordErrors.ThrowRecordEnd(_baseOffset, at, body.Length);
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
        if (count < 0) RecordErrors.ThrowHeaderCount(_baseOffset, at, count);
        for (; count > 0; count--)
        {
            int keyLength = ReadLength(body, ref at, "header key");
            if (keyLength < 0) RecordErrors.ThrowNullHeaderKey(_baseOffset, at);
            at += keyLength;
            int valueLength = ReadLength(body, ref at, "header value");
            at += Math.Max(valueLength, 0);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly int ReadLength(ReadOnlySpan<byte> body, ref int at, string what)
    {
        if (!Varint.TryRead(body, ref at, out int length)) RecordErrors.ThrowUnreadableLength(_baseOffset, at, what);
        if (length < -1 || length > body.Length - at)
            RecordErrors.ThrowFieldLength(_baseOffset, at, what, length, body.Length - at);
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
            offset,
            timestampMs,
            message.KeyPosition,
            message.KeyLength,
            message.ValuePosition,
            message.ValueLength,
            headersPosition: message.End,
            headerCount: 0);
        _position = message.End;
        return true;
    }

    readonly InvalidRecordBatchException Malformed(int position, string what) =>
        RecordBatchHeader.Malformed(_baseOffset, position, what);
}
