using CsCheck;
using NetKafka.Protocol.Hashing;

namespace NetKafka.Protocol.Tests.Hashing;

public sealed class Crc32CTests
{
    [Fact]
    public void Sum_of_the_check_string_is_the_published_one()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    [Fact]
    public void Every_way_of_summing_gives_the_same_at_every_length_and_alignment()
    {
        var bytes = new byte[4096 + 300];
        new Random(7).NextBytes(bytes);
        for (int length = 0; length < 1100; length++) AssertSame(bytes.AsSpan(length % 61, length));
        for (int length = 1100; length <= 4096; length += 97) AssertSame(bytes.AsSpan(length % 300, length));
    }

    [Fact]
    public void Sums_of_two_pieces_combine_to_the_sum_of_both() =>
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Byte.Array[0, 3000]).Sample((left, right) =>
        {
            byte[] both = [.. left, .. right];
            uint whole = Crc32C.Compute(both);
            return whole == Crc32C.Combine(Crc32C.Compute(left), Crc32C.Compute(right), right.Length)
                && whole == Crc32C.Append(Crc32C.Compute(left), right);
        });

    [Fact]
    public void Combining_over_very_many_bytes_equals_combining_in_steps()
    {
        const long Half = 1L << 33;
        uint stepwise = Crc32C.Combine(Crc32C.Combine(0x12345678, 0, Half + 5), 0, Half);
        Assert.Equal(stepwise, Crc32C.Combine(0x12345678, 0, Half + Half + 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Crc32C.Combine(1, 1, -1));
    }

    static void AssertSame(ReadOnlySpan<byte> data)
    {
        uint expected = ~Crc32C.UpdateSoftware(uint.MaxValue, data);
        Assert.Equal(expected, Crc32C.Compute(data));
        Assert.Equal(expected, ~Crc32C.UpdateTail(uint.MaxValue, data));
        if (Crc32CFolding.IsSupported && data.Length >= Crc32CFolding.MinimumLength)
            Assert.Equal(expected, ~Crc32CFolding.UpdateNarrow(uint.MaxValue, data));
    }
}
