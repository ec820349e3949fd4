using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetKafka.Protocol.Records;

/// <summary>
/// The variable-length integers inside records: zigzag, seven bits a byte, lowest first. A 32-bit number takes at most 5
/// bytes, a 64-bit one at most 10.
/// </summary>
static class Varint
{
    internal const int MaxSize32 = 5;
    internal const int MaxSize64 = 10;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Size(int value) => SizeUnsigned((uint)((value << 1) ^ (value >> 31)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Size(long value) => SizeUnsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes at the start of <paramref name="destination"/> and returns the number of bytes.</summary>
    internal static int Write(Span<byte> destination, int value)
    {
        if (destination.Length < MaxSize32) destination = destination[..Size(value)];
        return Write(ref MemoryMarshal.GetReference(destination), value);
    }

    /// <summary>Writes at the start of <paramref name="destination"/> and returns the number of bytes.</summary>
    internal static int Write(Span<byte> destination, long value)
    {
        if (destination.Length < MaxSize64) destination = destination[..Size(value)];
        return Write(ref MemoryMarshal.GetReference(destination), value);
    }

    /// <summary>Writes where the caller has made sure of <see cref="Size(int)"/> bytes, and returns that number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Write(ref byte destination, int value) =>
        WriteUnsigned(ref destination, (uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes where the caller has made sure of <see cref="Size(long)"/> bytes, and returns that number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Write(ref byte destination, long value) =>
        WriteUnsigned(ref destination, (ulong)((value << 1) ^ (value >> 63)));

    /// <summary>
    /// Reads at <paramref name="position"/> and moves it; false if the number is cut off or longer than 5 bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryRead(ReadOnlySpan<byte> source, ref int position, out int value)
    {
        int at = position;
        if ((uint)(at + 1) < (uint)source.Length)
        {
            uint zigzag = source[at];
            if (zigzag < 0x80)
            {
                position = at + 1;
                value = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
                return true;
            }

            uint second = source[at + 1];
            if (second < 0x80)
            {
                position = at + 2;
                zigzag = (zigzag & 0x7F) | (second << 7);
                value = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
                return true;
            }
        }

        // Only copies are passed by reference, so that the caller's own variables can stay in registers.
        bool isRead = TryReadMany(source, ref at, out int many);
        position = at;
        value = many;
        return isRead;
    }

    /// <summary>
    /// Reads at <paramref name="position"/> and moves it; false if the number is cut off or longer than 10 bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryRead(ReadOnlySpan<byte> source, ref int position, out long value)
    {
        int at = position;
        if ((uint)(at + 1) < (uint)source.Length)
        {
            uint zigzag = source[at];
            if (zigzag < 0x80)
            {
                position = at + 1;
                value = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
                return true;
            }

            uint second = source[at + 1];
            if (second < 0x80)
            {
                position = at + 2;
                zigzag = (zigzag & 0x7F) | (second << 7);
                value = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
                return true;
            }
        }

        bool isRead = TryReadMany(source, ref at, out long many);
        position = at;
        value = many;
        return isRead;
    }

    // The bit length times 9/64 is the number of 7-bit groups, rounded up, for every length up to 64.
    static int SizeUnsigned(uint value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    static int SizeUnsigned(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int WriteUnsigned(ref byte destination, ulong zigzag)
    {
        if (zigzag < 0x80)
        {
            destination = (byte)zigzag;
            return 1;
        }

        if (zigzag < 0x4000)
        {
            destination = (byte)(zigzag | 0x80);
            Unsafe.Add(ref destination, 1) = (byte)(zigzag >> 7);
            return 2;
        }

        return WriteMany(ref destination, zigzag);
    }

    static int WriteMany(ref byte destination, ulong zigzag)
    {
        int count = 0;
        while (zigzag >= 0x80)
        {
            Unsafe.Add(ref destination, count++) = (byte)(zigzag | 0x80);
            zigzag >>= 7;
        }

        Unsafe.Add(ref destination, count++) = (byte)zigzag;
        return count;
    }

    static bool TryReadMany(ReadOnlySpan<byte> source, ref int position, out int value)
    {
        uint zigzag = 0;
        int at = position;
        for (int shift = 0; shift < 7 * MaxSize32; shift += 7)
        {
            if ((uint)at >= (uint)source.Length) break;
            uint next = source[at++];
            zigzag |= (next & 0x7F) << shift;
            if (next >= 0x80) continue;
            position = at;
            value = (int)(zigzag >> 1) ^ -(int)(zigzag & 1);

            // The fifth byte has room for four bits only.
            return shift < 28 || next < 0x10;
        }

        value = 0;
        return false;
    }

    static bool TryReadMany(ReadOnlySpan<byte> source, ref int position, out long value)
    {
        ulong zigzag = 0;
        int at = position;
        for (int shift = 0; shift < 7 * MaxSize64; shift += 7)
        {
            if ((uint)at >= (uint)source.Length) break;
            ulong next = source[at++];
            zigzag |= (next & 0x7F) << shift;
            if (next >= 0x80) continue;
            position = at;
            value = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);

            // The tenth byte has room for one bit only.
            return shift < 63 || next < 0x02;
        }

        value = 0;
        return false;
    }
}
