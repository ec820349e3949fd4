namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// Walks the records of a batch, uncompressed, one by one: zigzag varints for lengths and deltas, -1 for null. It reports
/// damage by <see cref="IsDamaged"/> and throws for none.
/// </summary>
ref struct RecordWalker(in BatchHeader header, ReadOnlySpan<byte> records)
{
    readonly ReadOnlySpan<byte> records = records;
    readonly BatchHeader header = header;
    int position;
    int index;
    int recordEnd;
    int headersAt;

    internal long Offset { get; private set; }

    internal long Timestamp { get; private set; }

    internal int OffsetDelta { get; private set; }

    /// <summary>Where the key lies in the records; a length of -1 is null.</summary>
    internal (int Start, int Length) Key { get; private set; }

    internal (int Start, int Length) Value { get; private set; }

    internal int HeaderCount { get; private set; }

    internal bool IsDamaged { get; private set; }

    /// <summary>Moves to the next record; false at the end or at the first damage.</summary>
    internal bool MoveNext()
    {
        if (IsDamaged)
            return false;
        if (index == header.RecordCount)
        {
            IsDamaged = position != records.Length;
            return false;
        }

        IsDamaged = !ReadRecord();
        index++;
        return !IsDamaged;
    }

    /// <summary>Reads the next header of the current record; false when there is none left or it is damaged.</summary>
    internal bool ReadHeader(out (int Start, int Length) key, out (int Start, int Length) value)
    {
        key = value = default;
        var at = headersAt;
        var read = ReadBytes(ref at, out key) && key.Length >= 0 && ReadBytes(ref at, out value);
        headersAt = at;
        return read;
    }

    bool ReadRecord()
    {
        if (!ReadVarint(ref position, records.Length, out var length) || length < 0 || length > records.Length - position)
            return false;
        recordEnd = position + (int)length;
        position++;
        if (!ReadVarint(ref position, recordEnd, out var timestampDelta)
            || !ReadVarint(ref position, recordEnd, out var offsetDelta)
            || offsetDelta < 0
            || offsetDelta > header.LastOffsetDelta
            || !ReadBytes(ref position, out var key)
            || !ReadBytes(ref position, out var value)
            || !ReadVarint(ref position, recordEnd, out var headers)
            || headers < 0
            || headers > recordEnd - position)
            return false;

        (Key, Value, HeaderCount, OffsetDelta) = (key, value, (int)headers, (int)offsetDelta);
        Offset = header.BaseOffset + offsetDelta;
        Timestamp = header.IsLogAppendTime ? header.MaxTimestamp : header.BaseTimestamp + timestampDelta;
        headersAt = position;
        for (var i = 0; i < HeaderCount; i++)
        {
            if (!ReadHeader(out _, out _))
                return false;
        }

        if (headersAt != recordEnd)
            return false;
        headersAt = position;
        position = recordEnd;
        return true;
    }

    readonly bool ReadBytes(ref int at, out (int Start, int Length) bytes)
    {
        bytes = default;
        if (!ReadVarint(ref at, recordEnd, out var length) || length < -1 || length > recordEnd - at)
            return false;
        bytes = (at, (int)length);
        at += Math.Max(0, (int)length);
        return true;
    }

    readonly bool ReadVarint(ref int at, int end, out long value)
    {
        ulong raw = 0;
        for (var shift = 0; shift < 70 && at < end; shift += 7)
        {
            var b = records[at++];
            raw |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                value = (long)(raw >> 1) ^ -(long)(raw & 1);
                return true;
            }
        }

        value = 0;
        return false;
    }
}
