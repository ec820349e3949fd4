using System.Buffers.Binary;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;
using Sse42 = System.Runtime.Intrinsics.X86.Sse42;

namespace NetKafka.Protocol.Hashing;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of a record batch of format version 2. All members are pure functions and may be
/// called from any thread.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    /// <param name="data">The bytes to sum; of no bytes the sum is 0.</param>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(uint.MaxValue, data);

    /// <summary>Continues a checksum: the sum of everything summed before followed by <paramref name="data"/>.</summary>
    /// <param name="crc">The sum so far; 0 when nothing was summed yet.</param>
    /// <param name="data">The bytes that follow.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> data) => ~Update(~crc, data);

    /// <summary>
    /// The checksum of two pieces in a row, from the sums of each. Costs a few multiplications whatever the lengths are.
    /// </summary>
    /// <param name="crcA">The sum of the first piece.</param>
    /// <param name="crcB">The sum of the second piece.</param>
    /// <param name="lengthB">The length of the second piece in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lengthB"/> is negative.</exception>
    public static uint Combine(uint crcA, uint crcB, long lengthB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB);
        return Crc32CPolynomial.Shift(crcA, lengthB) ^ crcB;
    }

    /// <summary>Advances a raw state, without the inversions at start and end.</summary>
    static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        if (Crc32CFolding.IsSupported && data.Length >= Crc32CFolding.MinimumLength)
            return Crc32CFolding.Update(state, data);
        return UpdateTail(state, data);
    }

    /// <summary>The word-by-word loop: for short inputs, and for what folding leaves over.</summary>
    internal static uint UpdateTail(uint state, ReadOnlySpan<byte> data)
    {
        if (Sse42.X64.IsSupported) return UpdateSse42(state, data);
        if (ArmCrc32.Arm64.IsSupported) return UpdateArm(state, data);
        return UpdateSoftware(state, data);
    }

    static uint UpdateSse42(uint state, ReadOnlySpan<byte> data)
    {
        ulong wide = state;
        while (data.Length >= sizeof(ulong))
        {
            wide = Sse42.X64.Crc32(wide, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        state = (uint)wide;
        if (data.Length >= sizeof(uint))
        {
            state = Sse42.Crc32(state, BinaryPrimitives.ReadUInt32LittleEndian(data));
            data = data[sizeof(uint)..];
        }

        foreach (byte next in data) state = Sse42.Crc32(state, next);
        return state;
    }

    static uint UpdateArm(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            state = ArmCrc32.Arm64.ComputeCrc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte next in data) state = ArmCrc32.ComputeCrc32C(state, next);
        return state;
    }

    /// <summary>Eight bytes a step by eight tables, for processors without a CRC instruction.</summary>
    internal static uint UpdateSoftware(uint state, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<uint> tables = Crc32CPolynomial.ByteTables;
        while (data.Length >= sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ state;
            state = 0;
            for (int i = 0; i < sizeof(ulong); i++)
                state ^= tables[((sizeof(ulong) - 1 - i) << 8) | (byte)(word >> (8 * i))];
            data = data[sizeof(ulong)..];
        }

        foreach (byte next in data) state = tables[(byte)state ^ next] ^ (state >> 8);
        return state;
    }
}
