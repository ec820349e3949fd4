namespace NetKafka.Protocol.Hashing;

/// <summary>
/// Arithmetic of polynomials over GF(2) modulo the CRC-32C polynomial. A polynomial is bit-reflected, as the checksum is:
/// the highest bit is the coefficient of x⁰.
/// </summary>
static class Crc32CPolynomial
{
    const uint Reflected = 0x82F63B78;
    const uint One = 0x80000000;
    const int NibblesOfLength = 16;

    /// <summary>At [16·n + v]: x to the power 8·v·16ⁿ, which moves a sum past v·16ⁿ bytes.</summary>
    static readonly uint[] s_shifts = BuildShifts();

    /// <summary>At [256·n + b]: the sum of byte b followed by n zero bytes.</summary>
    internal static ReadOnlySpan<uint> ByteTables => Tables.ByByte;

    /// <summary>The sum of the same bytes followed by <paramref name="length"/> zero bytes, without the inversions.</summary>
    internal static uint Shift(uint crc, long length)
    {
        for (int nibble = 0; length != 0; nibble++, length >>= 4)
        {
            int value = (int)(length & 15);
            if (value != 0) crc = Multiply(crc, s_shifts[(nibble << 4) | value]);
        }

        return crc;
    }

    /// <summary>x to the power <paramref name="exponent"/>.</summary>
    internal static uint PowerOfX(int exponent)
    {
        uint result = One;
        for (int i = 0; i < exponent; i++) result = TimesX(result);
        return result;
    }

    internal static uint Multiply(uint left, uint right)
    {
        uint product = 0;
        for (int bit = 31; bit >= 0; bit--)
        {
            product ^= (uint)-(int)((left >> bit) & 1) & right;
            right = TimesX(right);
        }

        return product;
    }

    static uint TimesX(uint value) => (value >> 1) ^ (Reflected & (uint)-(int)(value & 1));

    static uint[] BuildShifts()
    {
        var shifts = new uint[NibblesOfLength * 16];
        uint unit = PowerOfX(8);
        for (int nibble = 0; nibble < NibblesOfLength; nibble++)
        {
            uint power = One;
            for (int value = 0; value < 16; value++)
            {
                shifts[(nibble << 4) | value] = power;
                power = Multiply(power, unit);
            }

            unit = power;
        }

        return shifts;
    }

    /// <summary>A class of their own, so that a processor with a CRC instruction never builds them.</summary>
    static class Tables
    {
        internal static readonly uint[] ByByte = Build();

        static uint[] Build()
        {
            var tables = new uint[8 * 256];
            for (uint value = 0; value < 256; value++)
            {
                uint sum = value;
                for (int bit = 0; bit < 8; bit++) sum = TimesX(sum);
                tables[value] = sum;
            }

            for (int i = 256; i < tables.Length; i++)
                tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
            return tables;
        }
    }
}
