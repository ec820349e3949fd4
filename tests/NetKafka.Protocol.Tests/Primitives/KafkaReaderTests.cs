using CsCheck;

namespace NetKafka.Protocol.Tests.Primitives;

public sealed class KafkaReaderTests
{
    [Fact]
    public void Error_names_message_version_position_and_problem()
    {
        var malformed = Assert.Throws<MalformedMessageException>(() =>
        {
            var reader = new KafkaReader(new byte[6], "MetadataResponse", 12);
            reader.ReadInt32();
            reader.ReadInt32();
        });
        Assert.Equal(("MetadataResponse", (short)12, 4L), (malformed.MessageName, malformed.Version, malformed.Position));
        Assert.Equal(
            "MetadataResponse v12 is malformed at byte 4: 4 bytes are needed and 2 are left.", malformed.Message);
    }

    [Theory]
    [InlineData("8080808000", 0u)]
    [InlineData("ffffffff0f", uint.MaxValue)]
    [InlineData("ac02", 300u)]
    [InlineData("00", 0u)]
    public void Unsigned_varint_has_at_most_5_bytes(string hex, uint expected) =>
        Assert.Equal(expected, Over(hex).ReadUnsignedVarint());

    [Theory]
    [InlineData("808080808000")]
    [InlineData("ffffffff10")]
    [InlineData("ffffffffff")]
    [InlineData("8080")]
    [InlineData("")]
    public void Unsigned_varint_too_long_or_too_large_is_malformed(string hex)
    {
        Assert.Throws<MalformedMessageException>(() => Over(hex).ReadUnsignedVarint());
        Assert.Throws<MalformedMessageException>(() => Over(hex).ReadVarint());
        Assert.Throws<MalformedMessageException>(() => Over(hex).ReadCompactString());
    }

    [Theory]
    [InlineData("ffffffffffffffffff02")]
    [InlineData("8080808080808080808000")]
    [InlineData("ffffffffffffffffff")]
    [InlineData("")]
    public void Varlong_too_long_or_too_large_is_malformed(string hex) =>
        Assert.Throws<MalformedMessageException>(() => Over(hex).ReadVarlong());

    [Fact]
    public void Varints_read_what_was_written() => Gen.Select(Gen.Int, Gen.Long, Gen.UInt).Sample((small, large, unsigned) =>
    {
        var writer = new KafkaWriter();
        writer.WriteVarint(small);
        writer.WriteVarlong(large);
        writer.WriteUnsignedVarint(unsigned);
        var reader = new KafkaReader(writer.WrittenMemory, "Data", 0);
        Assert.Equal((small, large, unsigned), (reader.ReadVarint(), reader.ReadVarlong(), reader.ReadUnsignedVarint()));
        reader.EnsureEnd();
    });

    [Theory]
    [InlineData("0002c328")]
    [InlineData("0001ff")]
    [InlineData("0003eda080")]
    [InlineData("0002c080")]
    [InlineData("0004f5808080")]
    public void String_that_is_not_UTF8_is_malformed(string hex)
    {
        MalformedMessageException malformed = Assert.Throws<MalformedMessageException>(() => Over(hex).ReadString());
        Assert.Contains("UTF-8", malformed.Message, StringComparison.Ordinal);
        Assert.Throws<MalformedMessageException>(() => Over(hex).ReadNullableString());
    }

    [Fact]
    public void Null_where_null_may_not_be_is_malformed()
    {
        Assert.Throws<MalformedMessageException>(() => Over("ffff").ReadString());
        Assert.Throws<MalformedMessageException>(() => Over("00").ReadCompactString());
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff").ReadBytes());
        Assert.Throws<MalformedMessageException>(() => Over("00").ReadCompactBytes());
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff").ReadRecords());
        Assert.Throws<MalformedMessageException>(() => Over("00").ReadCompactRecords());
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff").ReadArrayLength(1, 1));
        Assert.Throws<MalformedMessageException>(() => Over("00").ReadCompactArrayLength(1, 1));
    }

    [Fact]
    public void Null_is_read_where_it_may_be()
    {
        Assert.Null(Over("ffff").ReadNullableString());
        Assert.Null(Over("00").ReadNullableCompactString());
        Assert.Null(Over("ffffffff").ReadNullableBytes());
        Assert.Null(Over("00").ReadNullableCompactBytes());
        Assert.Null(Over("ffffffff").ReadNullableRecords());
        Assert.Null(Over("00").ReadNullableCompactRecords());
        Assert.Equal(-1, Over("ffffffff").ReadNullableArrayLength(1, 1));
        Assert.Equal(-1, Over("00").ReadNullableCompactArrayLength(1, 1));
    }

    [Fact]
    public void Empty_is_not_null()
    {
        Assert.Equal("", Over("0000").ReadNullableString());
        Assert.Empty(Over("01").ReadNullableCompactBytes()!);
        Assert.Equal(0, Over("01").ReadNullableCompactRecords()!.Value.Length);
        Assert.Equal(0, Over("01").ReadNullableCompactArrayLength(1, 1));
    }

    [Fact]
    public void Negative_length_other_than_null_is_malformed()
    {
        Assert.Throws<MalformedMessageException>(() => Over("fffe").ReadNullableString());
        Assert.Throws<MalformedMessageException>(() => Over("80000000").ReadNullableBytes());
        Assert.Throws<MalformedMessageException>(() => Over("fffffffe").ReadNullableRecords());
        Assert.Throws<MalformedMessageException>(() => Over("80000000").ReadNullableArrayLength(1, 1));
        Assert.Throws<MalformedMessageException>(() => Over("00000000").ReadSlice(-1));
    }

    [Fact]
    public void Length_beyond_the_bytes_left_is_malformed()
    {
        Assert.Throws<MalformedMessageException>(() => Over("7fff61").ReadString());
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff0f61").ReadCompactString());
        Assert.Throws<MalformedMessageException>(() => Over("7fffffff61").ReadBytes());
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff0f61").ReadCompactBytes());
        Assert.Throws<MalformedMessageException>(() => Over("7fffffff61").ReadRecords());
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff0f61").ReadCompactRecords());
        Assert.Throws<MalformedMessageException>(() => Over("000000036162").ReadArrayLength(1, 1));
        Assert.Throws<MalformedMessageException>(() => Over("ffffffff0f61").ReadCompactArrayLength(1, 1));
        Assert.Throws<MalformedMessageException>(() => Over("00000001").ReadInt32s(new int[2]));
    }

    [Fact]
    public void Array_must_fit_by_its_smallest_elements()
    {
        Assert.Equal(2, Over("0000000200000000").ReadArrayLength(2, 2));
        Assert.Throws<MalformedMessageException>(() => Over("0000000300000000").ReadArrayLength(2, 2));
    }

    static KafkaReader Over(string hex) => new(Convert.FromHexString(hex), "Data", 0);
}
