using System.Numerics;

namespace NetKafka.Protocol;

public sealed partial class KafkaWriter
{
    /// <summary>Writes an unsigned varint of 1 to 5 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteUnsignedVarint(uint value)
    {
        Ensure(5);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _buffer[_length++] = (byte)value;
    }

    /// <summary>Writes a zigzag varint of 1 to 5 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteVarint(int value) => WriteUnsignedVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes a zigzag varint of 1 to 10 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteVarlong(long value)
    {
        Ensure(10);
        ulong raw = (ulong)((value << 1) ^ (value >> 63));
        while (raw >= 0x80)
        {
            _buffer[_length++] = (byte)(raw | 0x80);
            raw >>= 7;
        }
        _buffer[_length++] = (byte)raw;
    }

    /// <summary>Begins a tagged field whose length is not known yet.</summary>
    /// <param name="tag">The tag, above the one before it in the same structure.</param>
    /// <returns>A mark for <see cref="EndTag"/>.</returns>
    public int BeginTag(uint tag)
    {
        WriteUnsignedVarint(tag);
        WriteInt8(0);
        return _length;
    }

    /// <summary>Ends a tagged field: its length is put before what was written since.</summary>
    /// <param name="mark">What <see cref="BeginTag"/> returned.</param>
    public void EndTag(int mark)
    {
        uint size = (uint)(_length - mark);
        // One byte was kept for the size; a longer size pushes the content back.
        int extra = ((31 - BitOperations.LeadingZeroCount(size | 1)) / 7);
        if (extra > 0)
        {
            Ensure(extra);
            _buffer.AsSpan(mark, (int)size).CopyTo(_buffer.AsSpan(mark + extra));
        }
        int end = _length + extra;
        _length = mark - 1;
        WriteUnsignedVarint(size);
        _length = end;
    }
}
