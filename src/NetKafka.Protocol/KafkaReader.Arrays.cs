using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace NetKafka.Protocol;

public ref partial struct KafkaReader
{
    /// <summary>Reads the 32-bit count of an array and charges the array to the budget.</summary>
    /// <param name="minElementBytes">The fewest bytes one element takes in the frame, at least 1.</param>
    /// <param name="elementCost">The bytes of memory one element takes, its slot in the array included.</param>
    /// <returns>A count for which the frame has enough bytes.</returns>
    public int ReadArrayLength(int minElementBytes, int elementCost) =>
        CheckedCount(NotNull(LengthOrNull(ReadInt32())), minElementBytes, elementCost);

    /// <summary>As <see cref="ReadArrayLength"/>, where the array may be null.</summary>
    /// <param name="minElementBytes">The fewest bytes one element takes in the frame, at least 1.</param>
    /// <param name="elementCost">The bytes of memory one element takes, its slot in the array included.</param>
    /// <returns>A count for which the frame has enough bytes, or -1 for null.</returns>
    public int ReadNullableArrayLength(int minElementBytes, int elementCost)
    {
        int count = LengthOrNull(ReadInt32());
        return count < 0 ? count : CheckedCount(count, minElementBytes, elementCost);
    }

    /// <summary>Reads the varint count of an array and charges the array to the budget.</summary>
    /// <param name="minElementBytes">The fewest bytes one element takes in the frame, at least 1.</param>
    /// <param name="elementCost">The bytes of memory one element takes, its slot in the array included.</param>
    /// <returns>A count for which the frame has enough bytes.</returns>
    public int ReadCompactArrayLength(int minElementBytes, int elementCost) =>
        CheckedCount(NotNull(ReadCompactLength()), minElementBytes, elementCost);

    /// <summary>As <see cref="ReadCompactArrayLength"/>, where the array may be null.</summary>
    /// <param name="minElementBytes">The fewest bytes one element takes in the frame, at least 1.</param>
    /// <param name="elementCost">The bytes of memory one element takes, its slot in the array included.</param>
    /// <returns>A count for which the frame has enough bytes, or -1 for null.</returns>
    public int ReadNullableCompactArrayLength(int minElementBytes, int elementCost)
    {
        int count = ReadCompactLength();
        return count < 0 ? count : CheckedCount(count, minElementBytes, elementCost);
    }

    /// <summary>Reads big-endian 32-bit integers, one for each slot.</summary>
    /// <param name="values">Takes the values.</param>
    public void ReadInt32s(Span<int> values)
    {
        long bytes = 4L * values.Length;
        if (bytes > Remaining)
        {
            FailShort(bytes);
        }
        ReadOnlySpan<int> source = MemoryMarshal.Cast<byte, int>(_span.Slice(_position, (int)bytes));
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(source, values);
        }
        else
        {
            source.CopyTo(values);
        }
        _position += (int)bytes;
    }

    /// <summary>Reads the byte before a structure that may be null.</summary>
    /// <returns>Whether a structure follows; it is not charged yet.</returns>
    public bool ReadPresence() => ReadInt8() >= 0;

    readonly int NotNull(int count) => count < 0 ? FailNull<int>() : count;

    int CheckedCount(int count, int minElementBytes, int elementCost)
    {
        if (count == 0)
        {
            return 0;
        }
        if (count > Remaining / minElementBytes)
        {
            Fail($"an array of {count} elements of at least {minElementBytes} bytes does not fit the {Remaining} bytes left");
        }
        Charge(ArrayOverheadBytes + ((long)count * elementCost));
        return count;
    }
}
