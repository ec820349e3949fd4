using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NetKafka.Protocol;

/// <summary>
/// Reads the primitive types of the protocol from one frame that nobody vouches for. Every length is checked against the
/// bytes left and charged to a memory budget before anything is allocated, so a hostile frame costs no more than the
/// budget. Any fault throws <see cref="MalformedMessageException"/>, after which the reader may not be used again.
/// </summary>
public ref partial struct KafkaReader
{
    /// <summary>Kept back from the default budget for the error itself, so that a refused frame stays within it too.</summary>
    const int ErrorReserveBytes = 16 * 1024;

    readonly ReadOnlyMemory<byte> _data;
    readonly ReadOnlySpan<byte> _span;
    readonly string _messageName;
    readonly short _version;
    long _budgetBytes;
    int _position;

    // Bytes from here on belong to somebody else: the end of the frame, or of the tagged field being read.
    int _limit;

    /// <summary>Begins to read a frame with the default budget, <see cref="DefaultBudgetBytes"/>.</summary>
    /// <param name="data">The frame without its length. Records read from it point into it.</param>
    /// <param name="messageName">Named in errors, such as <c>MetadataResponse</c>.</param>
    /// <param name="version">Named in errors: the version of the message.</param>
    public KafkaReader(ReadOnlyMemory<byte> data, string messageName, short version)
        : this(data, messageName, version, DefaultBudgetBytes(data.Length))
    {
    }

    /// <summary>Begins to read a frame.</summary>
    /// <param name="data">The frame without its length. Records read from it point into it.</param>
    /// <param name="messageName">Named in errors, such as <c>MetadataResponse</c>.</param>
    /// <param name="version">Named in errors: the version of the message.</param>
    /// <param name="budgetBytes">How many bytes the objects made from the frame may take.</param>
    public KafkaReader(ReadOnlyMemory<byte> data, string messageName, short version, long budgetBytes)
    {
        _data = data;
        _span = data.Span;
        _messageName = messageName;
        _version = version;
        _budgetBytes = budgetBytes;
        _limit = data.Length;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left: of the frame, or inside a tagged field, of that field.</summary>
    public readonly int Remaining => _limit - _position;

    /// <summary>What objects made from a frame may take by default: eight times the frame and 1 MiB, the error included.</summary>
    /// <param name="frameBytes">The length of the frame.</param>
    /// <returns>The budget in bytes.</returns>
    public static long DefaultBudgetBytes(int frameBytes) => (8L * frameBytes) + (1024 * 1024) - ErrorReserveBytes;

    /// <summary>Reads one byte; anything but 0 is true.</summary>
    /// <returns>The value.</returns>
    public bool ReadBoolean() => ReadInt8() != 0;

    /// <summary>Reads a signed byte.</summary>
    /// <returns>The value.</returns>
    public sbyte ReadInt8()
    {
        Need(1);
        return (sbyte)_span[_position++];
    }

    /// <summary>Reads a big-endian 16-bit integer.</summary>
    /// <returns>The value.</returns>
    public short ReadInt16()
    {
        Need(2);
        short value = BinaryPrimitives.ReadInt16BigEndian(_span[_position..]);
        _position += 2;
        return value;
    }

    /// <summary>Reads a big-endian unsigned 16-bit integer.</summary>
    /// <returns>The value.</returns>
    public ushort ReadUInt16() => (ushort)ReadInt16();

    /// <summary>Reads a big-endian 16-bit error code; one that is not in the table is kept as its number.</summary>
    /// <returns>The value.</returns>
    public ErrorCode ReadErrorCode() => (ErrorCode)ReadInt16();

    /// <summary>Reads a big-endian 32-bit integer.</summary>
    /// <returns>The value.</returns>
    public int ReadInt32()
    {
        Need(4);
        int value = BinaryPrimitives.ReadInt32BigEndian(_span[_position..]);
        _position += 4;
        return value;
    }

    /// <summary>Reads a big-endian unsigned 32-bit integer.</summary>
    /// <returns>The value.</returns>
    public uint ReadUInt32() => (uint)ReadInt32();

    /// <summary>Reads a big-endian 64-bit integer.</summary>
    /// <returns>The value.</returns>
    public long ReadInt64()
    {
        Need(8);
        long value = BinaryPrimitives.ReadInt64BigEndian(_span[_position..]);
        _position += 8;
        return value;
    }

    /// <summary>Reads a big-endian IEEE 754 double.</summary>
    /// <returns>The value.</returns>
    public double ReadFloat64() => BitConverter.Int64BitsToDouble(ReadInt64());

    /// <summary>Reads 16 bytes in big-endian order.</summary>
    /// <returns>The value; <see cref="Guid.Empty"/> stands for no id.</returns>
    public Guid ReadUuid()
    {
        Need(16);
        var value = new Guid(_span.Slice(_position, 16), bigEndian: true);
        _position += 16;
        return value;
    }

    /// <summary>Throws if any byte is left over.</summary>
    /// <exception cref="MalformedMessageException">The frame holds more than the message.</exception>
    public readonly void EnsureEnd()
    {
        if (_position != _limit)
        {
            Fail($"{Remaining} bytes are left over behind the message");
        }
    }

    /// <summary>Takes bytes from the budget for an object that is about to be made.</summary>
    /// <param name="bytes">What the object will take.</param>
    /// <exception cref="MalformedMessageException">The budget is used up.</exception>
    public void Charge(long bytes)
    {
        _budgetBytes -= bytes;
        if (_budgetBytes < 0)
        {
            Fail("it asks for more memory than a frame of its size may cost");
        }
    }

    /// <summary>Throws unless the version lies within the range that the message knows.</summary>
    /// <param name="version">The version the bytes are said to be in.</param>
    /// <param name="lowest">The lowest version known.</param>
    /// <param name="highest">The highest version known.</param>
    public readonly void EnsureVersion(short version, short lowest, short highest)
    {
        if (version < lowest || version > highest)
        {
            Fail($"version {version} is outside {lowest} to {highest}");
        }
    }

    /// <summary>Ends reading with the error that names message, version and position.</summary>
    /// <param name="problem">What is wrong here, as a sentence without its full stop.</param>
    /// <exception cref="MalformedMessageException">Always.</exception>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly void Fail(string problem) =>
        throw new MalformedMessageException(_messageName, _version, _position, problem);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void Need(int count)
    {
        if (_limit - _position < count)
        {
            FailShort(count);
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void FailShort(long count) => Fail($"{count} bytes are needed and {Remaining} are left");
}
