using NetKafka.Protocol.Messages;

namespace NetKafka.Protocol.Tests.Primitives;

public sealed class KafkaWriterTests
{
    [Fact]
    public void Numbers_are_big_endian()
    {
        var writer = new KafkaWriter();
        writer.WriteBoolean(true);
        writer.WriteInt8(-2);
        writer.WriteInt16(0x0102);
        writer.WriteUInt16(0xfffe);
        writer.WriteInt32(0x01020304);
        writer.WriteUInt32(0xfffffffe);
        writer.WriteInt64(0x0102030405060708);
        writer.WriteFloat64(1.5);
        writer.WriteUuid(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        Assert.Equal(
            "01fe0102fffe01020304fffffffe01020304050607083ff800000000000000112233445566778899aabbccddeeff",
            Convert.ToHexStringLower(writer.WrittenSpan));
    }

    [Fact]
    public void Writer_in_use_allocates_nothing()
    {
        var writer = new KafkaWriter();
        var request = new MetadataRequest { Topics = [new() { Name = "payments-émoji-😀" }], AllowAutoTopicCreation = false };
        RequestFrame.Write(writer, request, 12, 1, "client");
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                writer.Reset();
                RequestFrame.Write(writer, request, 12, i, "client");
            }
        }));
    }

    [Fact]
    public void Buffer_grows_and_keeps_what_was_written()
    {
        var writer = new KafkaWriter(0);
        for (int i = 0; i < 10_000; i++)
        {
            writer.WriteInt32(i);
        }
        var reader = new KafkaReader(writer.WrittenMemory, "Data", 0);
        var values = new int[10_000];
        reader.ReadInt32s(values);
        Assert.Equal(Enumerable.Range(0, 10_000), values);
        Assert.Same(writer.GetBuffer(), writer.GetBuffer());
        Assert.Equal(40_000, writer.Length);
    }

    [Fact]
    public void Length_is_patched_where_it_was_reserved()
    {
        var writer = new KafkaWriter();
        writer.WriteInt8(1);
        writer.Reserve(4).Clear();
        writer.WriteInt8(2);
        writer.PatchInt32(1, 0x0a0b0c0d);
        Assert.Equal("010a0b0c0d02", Convert.ToHexStringLower(writer.WrittenSpan));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.PatchInt32(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.PatchInt32(-1, 0));
    }

    [Theory]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(2_097_152)]
    public void Length_of_a_tagged_field_stands_before_its_content(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        var writer = new KafkaWriter();
        int mark = writer.BeginTag(200);
        writer.WriteRaw(content);
        writer.EndTag(mark);
        writer.WriteInt8(7);
        var reader = new KafkaReader(writer.WrittenMemory, "Data", 0);
        Assert.Equal((200u, (uint)size), (reader.ReadUnsignedVarint(), reader.ReadUnsignedVarint()));
        Assert.True(reader.ReadSlice(size).Span.SequenceEqual(content));
        Assert.Equal(7, reader.ReadInt8());
        reader.EnsureEnd();
    }

    [Fact]
    public void Tagged_fields_inside_tagged_fields_keep_their_lengths()
    {
        var writer = new KafkaWriter();
        int outer = writer.BeginTag(1);
        int inner = writer.BeginTag(2);
        writer.WriteRaw(new byte[200]);
        writer.EndTag(inner);
        writer.EndTag(outer);
        Assert.Equal("01cb0102c801", Convert.ToHexStringLower(writer.WrittenSpan[..6]));
        Assert.Equal(206, writer.Length);
    }

    [Fact]
    public void String_longer_than_its_length_can_say_is_refused()
    {
        var longest = new FindCoordinatorRequest { Key = new string('k', short.MaxValue) };
        longest.Write(new KafkaWriter(), 0);
        var tooLong = new FindCoordinatorRequest { Key = new string('é', (short.MaxValue / 2) + 1) };
        foreach (short version in (short[])[0, 3])
        {
            var refused = Assert.Throws<InvalidMessageException>(() => tooLong.Write(new KafkaWriter(), version));
            Assert.Equal(("FindCoordinatorRequest", version, "Key"), (refused.MessageName, refused.Version, refused.Field));
            Assert.Contains("32768", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_refused() => Assert.Throws<InvalidMessageException>(() =>
        new FindCoordinatorRequest { Key = "\ud83d" }.Write(new KafkaWriter(), 0));

    [Fact]
    public void Null_element_of_an_array_is_refused()
    {
        var refused = Assert.Throws<InvalidMessageException>(() =>
            new MetadataRequest { Topics = [null!] }.Write(new KafkaWriter(), 12));
        Assert.Equal("Topics", refused.Field);
        Assert.Throws<InvalidMessageException>(() =>
            new ListGroupsRequest { StatesFilter = [null!] }.Write(new KafkaWriter(), 4));
    }
}
