using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace NetKafka.Protocol;

public sealed partial class KafkaWriter
{
    /// <summary>Writes the 32-bit count of an array.</summary>
    /// <param name="array">The array, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteArrayLength(Array? array, string field)
    {
        if (array is null)
        {
            FailNull(field);
        }
        WriteInt32(array.Length);
    }

    /// <summary>Writes the 32-bit count of an array, or null.</summary>
    /// <param name="array">The array.</param>
    public void WriteNullableArrayLength(Array? array) => WriteInt32(array?.Length ?? -1);

    /// <summary>Writes the varint count of an array.</summary>
    /// <param name="array">The array, not null.</param>
    /// <param name="field">Named in errors.</param>
    public void WriteCompactArrayLength(Array? array, string field)
    {
        if (array is null)
        {
            FailNull(field);
        }
        WriteUnsignedVarint((uint)array.Length + 1);
    }

    /// <summary>Writes the varint count of an array, or null.</summary>
    /// <param name="array">The array.</param>
    public void WriteNullableCompactArrayLength(Array? array) =>
        WriteUnsignedVarint(array is null ? 0 : (uint)array.Length + 1);

    /// <summary>Writes big-endian 32-bit integers, with no count before them.</summary>
    /// <param name="values">The values.</param>
    public void WriteInt32s(ReadOnlySpan<int> values)
    {
        long bytes = 4L * values.Length;
        if (bytes > Array.MaxLength)
        {
            Fail("length", $"the message is longer than {Array.MaxLength} bytes");
        }
        Span<int> target = MemoryMarshal.Cast<byte, int>(Reserve((int)bytes));
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(values, target);
        }
        else
        {
            values.CopyTo(target);
        }
    }

    /// <summary>Writes the byte before a structure that may be null.</summary>
    /// <param name="present">Whether the structure follows.</param>
    public void WritePresence(bool present) => WriteInt8(present ? (sbyte)1 : (sbyte)-1);
}
