using CsCheck;
using NetKafka.Protocol.Records;

namespace NetKafka.Protocol.Tests.Records;

public sealed class VarintTests
{
    [Fact]
    public void Every_32_bit_number_is_read_back_from_as_many_bytes_as_announced() =>
        Gen.OneOf(Gen.Int, Gen.Int[-70000, 70000], Gen.OneOf(0, -1, 63, 64, -64, -65, int.MaxValue, int.MinValue)).Sample(value =>
        {
            var bytes = new byte[Varint.MaxSize32];
            int written = Varint.Write(bytes, value);
            int at = 0;
            return Varint.TryRead(bytes.AsSpan(0, written), ref at, out int read)
                && read == value && at == written && Varint.Size(value) == written;
        });

    [Fact]
    public void Every_64_bit_number_is_read_back_from_as_many_bytes_as_announced() =>
        Gen.OneOf(Gen.Long, Gen.Int.Select(i => (long)i), Gen.OneOf(0L, -1, 63, 64, -64, -65, long.MaxValue, long.MinValue)).Sample(value =>
        {
            var bytes = new byte[Varint.MaxSize64];
            int written = Varint.Write(bytes, value);
            int at = 0;
            return Varint.TryRead(bytes.AsSpan(0, written), ref at, out long read)
                && read == value && at == written && Varint.Size(value) == written;
        });

    [Fact]
    public void Sizes_step_where_seven_bits_are_full()
    {
        for (int bits = 0; bits < 64; bits++)
        {
            ulong zigzag = 1UL << bits;
            long value = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            Assert.Equal((bits / 7) + 1, Varint.Size(value));
            if (bits < 32) Assert.Equal((bits / 7) + 1, Varint.Size((int)value));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFF")]
    [InlineData("8080808080")]
    [InlineData("808080808001")]
    [InlineData("FFFFFFFF10")]
    public void Number_of_32_bits_that_is_cut_off_or_too_long_is_refused(string hex)
    {
        int at = 0;
        Assert.False(Varint.TryRead(Convert.FromHexString(hex), ref at, out int _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFFFFFFFFFFFF")]
    [InlineData("80808080808080808080")]
    [InlineData("8080808080808080808001")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    public void Number_of_64_bits_that_is_cut_off_or_too_long_is_refused(string hex)
    {
        int at = 0;
        Assert.False(Varint.TryRead(Convert.FromHexString(hex), ref at, out long _));
    }
}
