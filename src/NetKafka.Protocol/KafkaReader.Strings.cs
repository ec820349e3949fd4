using System.Text;
using System.Text.Unicode;

namespace NetKafka.Protocol;

public ref partial struct KafkaReader
{
    // Object header, length and the final zero of a string; header and length of an array. Both rounded up.
    const int StringOverheadBytes = 32;
    const int ArrayOverheadBytes = 32;

    /// <summary>Reads a string behind a 16-bit length.</summary>
    /// <returns>The value.</returns>
    public string ReadString()
    {
        int length = LengthOrNull(ReadInt16());
        return length < 0 ? FailNull<string>() : ReadUtf8(length);
    }

    /// <summary>Reads a string behind a 16-bit length, or null.</summary>
    /// <returns>The value.</returns>
    public string? ReadNullableString()
    {
        int length = LengthOrNull(ReadInt16());
        return length < 0 ? null : ReadUtf8(length);
    }

    /// <summary>Reads a string behind a varint length.</summary>
    /// <returns>The value.</returns>
    public string ReadCompactString()
    {
        int length = ReadCompactLength();
        return length < 0 ? FailNull<string>() : ReadUtf8(length);
    }

    /// <summary>Reads a string behind a varint length, or null.</summary>
    /// <returns>The value.</returns>
    public string? ReadNullableCompactString()
    {
        int length = ReadCompactLength();
        return length < 0 ? null : ReadUtf8(length);
    }

    /// <summary>Reads bytes behind a 32-bit length.</summary>
    /// <returns>A copy that is the caller's own.</returns>
    public byte[] ReadBytes()
    {
        int length = LengthOrNull(ReadInt32());
        return length < 0 ? FailNull<byte[]>() : CopyBytes(length);
    }

    /// <summary>Reads bytes behind a 32-bit length, or null.</summary>
    /// <returns>A copy that is the caller's own.</returns>
    public byte[]? ReadNullableBytes()
    {
        int length = LengthOrNull(ReadInt32());
        return length < 0 ? null : CopyBytes(length);
    }

    /// <summary>Reads bytes behind a varint length.</summary>
    /// <returns>A copy that is the caller's own.</returns>
    public byte[] ReadCompactBytes()
    {
        int length = ReadCompactLength();
        return length < 0 ? FailNull<byte[]>() : CopyBytes(length);
    }

    /// <summary>Reads bytes behind a varint length, or null.</summary>
    /// <returns>A copy that is the caller's own.</returns>
    public byte[]? ReadNullableCompactBytes()
    {
        int length = ReadCompactLength();
        return length < 0 ? null : CopyBytes(length);
    }

    /// <summary>Reads records behind a 32-bit length.</summary>
    /// <returns>A slice of the frame, not a copy: it lives as long as the frame does.</returns>
    public ReadOnlyMemory<byte> ReadRecords() => ReadNullableRecords() ?? FailNull<ReadOnlyMemory<byte>>();

    /// <summary>Reads records behind a 32-bit length, or null.</summary>
    /// <returns>A slice of the frame, not a copy: it lives as long as the frame does.</returns>
    public ReadOnlyMemory<byte>? ReadNullableRecords()
    {
        int length = LengthOrNull(ReadInt32());
        return length < 0 ? default(ReadOnlyMemory<byte>?) : ReadSlice(length);
    }

    /// <summary>Reads records behind a varint length.</summary>
    /// <returns>A slice of the frame, not a copy: it lives as long as the frame does.</returns>
    public ReadOnlyMemory<byte> ReadCompactRecords() => ReadNullableCompactRecords() ?? FailNull<ReadOnlyMemory<byte>>();

    /// <summary>Reads records behind a varint length, or null.</summary>
    /// <returns>A slice of the frame, not a copy: it lives as long as the frame does.</returns>
    public ReadOnlyMemory<byte>? ReadNullableCompactRecords()
    {
        int length = ReadCompactLength();
        return length < 0 ? default(ReadOnlyMemory<byte>?) : ReadSlice(length);
    }

    /// <summary>Reads that many bytes as they are.</summary>
    /// <param name="length">How many, not negative.</param>
    /// <returns>A slice of the frame, not a copy: it lives as long as the frame does.</returns>
    public ReadOnlyMemory<byte> ReadSlice(int length)
    {
        if (length < 0)
        {
            Fail($"a length is {length}");
        }
        Need(length);
        ReadOnlyMemory<byte> slice = _data.Slice(_position, length);
        _position += length;
        return slice;
    }

    // Null is -1; no other negative length means anything.
    readonly int LengthOrNull(int length)
    {
        if (length < -1)
        {
            Fail($"a length is {length}");
        }
        return length;
    }

    // A varint length is one more than the bytes that follow; 0 is null. One past int.MaxValue cannot be in the frame.
    int ReadCompactLength()
    {
        uint raw = ReadUnsignedVarint();
        if (raw > int.MaxValue)
        {
            FailShort(raw - 1L);
        }
        return (int)raw - 1;
    }

    string ReadUtf8(int length)
    {
        if (length == 0)
        {
            return "";
        }
        Need(length);
        ReadOnlySpan<byte> bytes = _span.Slice(_position, length);
        if (!Utf8.IsValid(bytes))
        {
            Fail("a string is not UTF-8");
        }
        Charge(StringOverheadBytes + (2L * length));
        _position += length;
        return Encoding.UTF8.GetString(bytes);
    }

    byte[] CopyBytes(int length)
    {
        if (length == 0)
        {
            return [];
        }
        Need(length);
        Charge(ArrayOverheadBytes + length);
        byte[] copy = _span.Slice(_position, length).ToArray();
        _position += length;
        return copy;
    }

    readonly T FailNull<T>()
    {
        Fail("null stands where null may not be");
        return default!;
    }
}
