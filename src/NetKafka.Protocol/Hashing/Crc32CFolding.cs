using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NetKafka.Protocol.Hashing;

/// <summary>
/// CRC-32C by carry-less multiplication. Blocks far apart are folded onto each other, which keeps the remainder modulo
/// the polynomial, until 16 bytes are left that have the remainder of all of them; those go through the CRC instruction.
/// </summary>
static class Crc32CFolding
{
    const int BlockSize = 16;

    /// <summary>Below this the CRC instruction alone is as fast.</summary>
    internal const int MinimumLength = 256;

    static readonly Vector128<ulong> s_fold16 = FoldBy(1);
    static readonly Vector128<ulong> s_fold32 = FoldBy(2);
    static readonly Vector128<ulong> s_fold64 = FoldBy(4);
    static readonly Vector128<ulong> s_fold128 = FoldBy(8);

    internal static bool IsSupported => Pclmulqdq.IsSupported && Sse42.X64.IsSupported;

    internal static bool IsWideSupported => IsSupported && Pclmulqdq.V256.IsSupported;

    /// <summary>Advances a raw state over at least <see cref="MinimumLength"/> bytes.</summary>
    internal static uint Update(uint state, ReadOnlySpan<byte> data) =>
        IsWideSupported ? UpdateWide(state, data) : UpdateNarrow(state, data);

    /// <summary>Four accumulators of 16 bytes.</summary>
    internal static uint UpdateNarrow(uint state, ReadOnlySpan<byte> data)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector128<ulong> a = Load128(ref start, 0) ^ Vector128.CreateScalar((ulong)state);
        Vector128<ulong> b = Load128(ref start, 16);
        Vector128<ulong> c = Load128(ref start, 32);
        Vector128<ulong> d = Load128(ref start, 48);
        int position = 64;
        for (; position <= data.Length - 64; position += 64)
        {
            a = Fold(a, s_fold64) ^ Load128(ref start, position);
            b = Fold(b, s_fold64) ^ Load128(ref start, position + 16);
            c = Fold(c, s_fold64) ^ Load128(ref start, position + 32);
            d = Fold(d, s_fold64) ^ Load128(ref start, position + 48);
        }

        b ^= Fold(a, s_fold16);
        c ^= Fold(b, s_fold16);
        d ^= Fold(c, s_fold16);
        return Finish(d, data, position);
    }

    /// <summary>Four accumulators of 32 bytes.</summary>
    static uint UpdateWide(uint state, ReadOnlySpan<byte> data)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector256<ulong> fold128 = Vector256.Create(s_fold128, s_fold128);
        Vector256<ulong> a = Load256(ref start, 0) ^ Vector256.CreateScalar((ulong)state);
        Vector256<ulong> b = Load256(ref start, 32);
        Vector256<ulong> c = Load256(ref start, 64);
        Vector256<ulong> d = Load256(ref start, 96);
        int position = 128;
        for (; position <= data.Length - 128; position += 128)
        {
            a = Fold(a, fold128) ^ Load256(ref start, position);
            b = Fold(b, fold128) ^ Load256(ref start, position + 32);
            c = Fold(c, fold128) ^ Load256(ref start, position + 64);
            d = Fold(d, fold128) ^ Load256(ref start, position + 96);
        }

        Vector256<ulong> fold32 = Vector256.Create(s_fold32, s_fold32);
        b ^= Fold(a, fold32);
        c ^= Fold(b, fold32);
        d ^= Fold(c, fold32);
        return Finish(d.GetUpper() ^ Fold(d.GetLower(), s_fold16), data, position);
    }

    static uint Finish(Vector128<ulong> remainder, ReadOnlySpan<byte> data, int position)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        for (; position <= data.Length - BlockSize; position += BlockSize)
            remainder = Fold(remainder, s_fold16) ^ Load128(ref start, position);

        ulong state = Sse42.X64.Crc32(0, remainder.ToScalar());
        state = Sse42.X64.Crc32(state, remainder.GetElement(1));
        return Crc32C.UpdateTail((uint)state, data[position..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> factors) =>
        Pclmulqdq.CarrylessMultiply(value, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, factors, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> Fold(Vector256<ulong> value, Vector256<ulong> factors) =>
        Pclmulqdq.V256.CarrylessMultiply(value, factors, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(value, factors, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<ulong> Load128(ref byte start, int position) =>
        Vector128.LoadUnsafe(ref start, (nuint)position).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<ulong> Load256(ref byte start, int position) =>
        Vector256.LoadUnsafe(ref start, (nuint)position).AsUInt64();

    /// <summary>
    /// The factors that move 16 bytes forward by whole blocks: x to the power distance + 32 for the first eight bytes and
    /// distance − 32 for the last eight. The product of two reflected numbers is short of one bit, so each is doubled.
    /// </summary>
    static Vector128<ulong> FoldBy(int blocks)
    {
        int distanceBits = blocks * BlockSize * 8;
        return Vector128.Create(
            (ulong)Crc32CPolynomial.PowerOfX(distanceBits + 32) << 1,
            (ulong)Crc32CPolynomial.PowerOfX(distanceBits - 32) << 1);
    }
}
