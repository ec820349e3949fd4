using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NetKafka.Protocol;

/// <summary>
/// Writes the primitive types of the protocol to a buffer of its own that grows as needed and is kept by
/// <see cref="Reset"/>, so that a writer in use allocates nothing more. For one thread at a time.
/// </summary>
public sealed partial class KafkaWriter
{
    const int MinCapacityBytes = 256;

    byte[] _buffer;
    int _length;
    string _messageName = "Message";
    short _version;

    /// <summary>Makes an empty writer.</summary>
    /// <param name="capacityBytes">How much to make room for at once.</param>
    public KafkaWriter(int capacityBytes = MinCapacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacityBytes);
        _buffer = new byte[Math.Max(capacityBytes, MinCapacityBytes)];
    }

    /// <summary>Bytes written since the last <see cref="Reset"/>.</summary>
    public int Length => _length;

    /// <summary>What was written; valid until the next write or <see cref="Reset"/>.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>What was written; valid until the next write or <see cref="Reset"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>The buffer itself, whose first <see cref="Length"/> bytes are written; another one once it has grown.</summary>
    /// <returns>The buffer, not a copy.</returns>
    public byte[] GetBuffer() => _buffer;

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Reset() => _length = 0;

    /// <summary>Takes back what was written from a place on.</summary>
    /// <param name="length">How many bytes stay; at most <see cref="Length"/>.</param>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    /// <summary>Names the message in later errors and checks its version. Generated messages call it first.</summary>
    /// <param name="messageName">The name of the message.</param>
    /// <param name="version">The version to be written.</param>
    /// <param name="lowest">The lowest version known.</param>
    /// <param name="highest">The highest version known.</param>
    /// <exception cref="InvalidMessageException">The version is not known.</exception>
    public void BeginMessage(string messageName, short version, short lowest, short highest)
    {
        _messageName = messageName;
        _version = version;
        if (version < lowest || version > highest)
        {
            Fail("version", $"it is outside {lowest} to {highest}");
        }
    }

    /// <summary>Writes one byte, 1 or 0.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => WriteInt8(value ? (sbyte)1 : (sbyte)0);

    /// <summary>Writes a signed byte.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt8(sbyte value)
    {
        Ensure(1);
        _buffer[_length++] = (byte)value;
    }

    /// <summary>Writes a big-endian 16-bit integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt16(short value)
    {
        Ensure(2);
        BinaryPrimitives.WriteInt16BigEndian(_buffer.AsSpan(_length), value);
        _length += 2;
    }

    /// <summary>Writes a big-endian unsigned 16-bit integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt16(ushort value) => WriteInt16((short)value);

    /// <summary>Writes an error code as a big-endian 16-bit integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteErrorCode(ErrorCode value) => WriteInt16((short)value);

    /// <summary>Writes a big-endian 32-bit integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt32(int value)
    {
        Ensure(4);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }

    /// <summary>Writes a big-endian unsigned 32-bit integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt32(uint value) => WriteInt32((int)value);

    /// <summary>Writes a big-endian 64-bit integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt64(long value)
    {
        Ensure(8);
        BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(_length), value);
        _length += 8;
    }

    /// <summary>Writes a big-endian IEEE 754 double.</summary>
    /// <param name="value">The value.</param>
    public void WriteFloat64(double value) => WriteInt64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes 16 bytes in big-endian order.</summary>
    /// <param name="value">The value.</param>
    public void WriteUuid(Guid value)
    {
        Ensure(16);
        value.TryWriteBytes(_buffer.AsSpan(_length, 16), bigEndian: true, out _);
        _length += 16;
    }

    /// <summary>Writes bytes as they are, with no length before them.</summary>
    /// <param name="bytes">The bytes.</param>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyInPieces(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Makes room for bytes that the caller fills in; what they hold until then is not said.</summary>
    /// <param name="count">How many bytes.</param>
    /// <returns>The bytes; valid until the next write.</returns>
    public Span<byte> Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Ensure(count);
        Span<byte> reserved = _buffer.AsSpan(_length, count);
        _length += count;
        return reserved;
    }

    /// <summary>Overwrites four bytes that were written before, such as a length known only now.</summary>
    /// <param name="position">Where they begin.</param>
    /// <param name="value">The value, written big-endian.</param>
    public void PatchInt32(int position, int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _length - 4);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(position), value);
    }

    /// <summary>Ends writing with the error that names message, version and field.</summary>
    /// <param name="field">The field at fault.</param>
    /// <param name="problem">What is wrong with it, as a sentence without its full stop.</param>
    /// <exception cref="InvalidMessageException">Always.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Fail(string field, string problem) =>
        throw new InvalidMessageException(_messageName, _version, field, problem);

    /// <summary>Ends writing because the version has no such field and its value may not be left out.</summary>
    /// <param name="field">The field at fault.</param>
    /// <exception cref="InvalidMessageException">Always.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void FailUnsupported(string field) =>
        Fail(field, "this version has no such field, and its value is not the default");

    /// <summary>Ends writing because a value is null where the version has no null.</summary>
    /// <param name="field">The field at fault.</param>
    /// <exception cref="InvalidMessageException">Always.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void FailNull(string field) => Fail(field, "it is null, and this version has no null there");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Ensure(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void Grow(int count)
    {
        long needed = (long)_length + count;
        if (needed > Array.MaxLength)
        {
            Fail("length", $"the message is longer than {Array.MaxLength} bytes");
        }
        Array.Resize(ref _buffer, (int)Math.Clamp(2L * _buffer.Length, needed, Array.MaxLength));
    }
}
