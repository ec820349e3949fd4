using NetKafka.Protocol.Messages;

namespace NetKafka.Protocol.Tests.Messages;

public sealed class TaggedFieldTests
{
    public static TheoryData<string> MessageNames() => [.. SchemaMessage.All.Select(message => message.Name)];

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Unknown_tagged_fields_of_every_structure_are_left_out(string name)
    {
        foreach ((SchemaMessage message, short version, object value) in Flexible(name))
        {
            byte[] frame = new SchemaEncoder(message, version, (100, [1, 2, 3]), (101, []), (70_000, new byte[300])).Encode(value);
            Assert.True(Deep.Equal(value, MessageCodec.ByName[name].Read(frame, version)), $"{name} v{version}");
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Tags_that_do_not_ascend_are_malformed(string name)
    {
        foreach ((SchemaMessage message, short version, object value) in Flexible(name))
        {
            byte[] descending = new SchemaEncoder(message, version, (101, []), (100, [1])).Encode(value);
            HostileFrame.AssertMalformed(MessageCodec.ByName[name], version, descending);
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Tag_that_comes_twice_is_malformed(string name)
    {
        foreach ((SchemaMessage message, short version, object value) in Flexible(name))
        {
            byte[] twice = new SchemaEncoder(message, version, (100, []), (100, [])).Encode(value);
            HostileFrame.AssertMalformed(MessageCodec.ByName[name], version, twice);
        }
    }

    [Fact]
    public void Tagged_field_larger_than_the_bytes_left_is_malformed()
    {
        foreach (byte[] section in (byte[][])[[1, 100, 5, 1, 2, 3, 4], [1, 100, 0xff, 0xff, 0xff, 0xff, 0x0f], [2, 100, 1, 1, 101, 1]])
        {
            HostileFrame.AssertMalformed(MessageCodec.ByName["ListGroupsRequest"], 3, section);
        }
    }

    [Fact]
    public void Known_tagged_field_that_does_not_fill_its_size_is_malformed()
    {
        // ErrorCode, no ApiKeys, no throttle, then tag 1, an int64, in 9 bytes and in 7.
        byte[] head = [0, 0, 1, 0, 0, 0, 0];
        MessageCodec codec = MessageCodec.ByName["ApiVersionsResponse"];
        Assert.Null(HostileFrame.Judge(codec, 3, [.. head, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 5]));
        HostileFrame.AssertMalformed(codec, 3, [.. head, 1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0]);
        HostileFrame.AssertMalformed(codec, 3, [.. head, 2, 1, 7, 0, 0, 0, 0, 0, 0, 0, 5, 0]);
    }

    [Fact]
    public void Millions_of_unknown_tagged_fields_cost_no_memory()
    {
        const int Count = 2_000_000;
        var writer = new KafkaWriter();
        writer.WriteUnsignedVarint(Count);
        for (uint tag = 0; tag < Count; tag++)
        {
            writer.WriteUnsignedVarint(tag);
            writer.WriteUnsignedVarint(1);
            writer.WriteInt8(1);
        }
        ReadOnlyMemory<byte> section = writer.WrittenMemory;
        Assert.Equal(0, Allocations.Of(() =>
        {
            var reader = new KafkaReader(section, "Section", 0);
            reader.SkipTags();
            reader.EnsureEnd();
        }));
    }

    [Fact]
    public void Count_of_tagged_fields_beyond_the_bytes_left_is_malformed() =>
        HostileFrame.AssertMalformed(MessageCodec.ByName["ListGroupsRequest"], 3, [0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0]);

    /// <summary>A length of one, two and three bytes: the content was written before its length was known.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(120)]
    [InlineData(130)]
    [InlineData(17_000)]
    public void Tagged_field_of_any_length_round_trips(int hostLength)
    {
        var response = new FetchResponse
        {
            NodeEndpoints = [new FetchResponse.NodeEndpoint { NodeId = 7, Host = new string('h', hostLength), Port = 9092 }],
        };
        var writer = new KafkaWriter();
        response.Write(writer, 16);
        FetchResponse again = ResponseFrame.ReadBody<FetchResponse>(writer.WrittenMemory, 16);
        Assert.True(Deep.Equal(response, again));
    }

    static IEnumerable<(SchemaMessage Message, short Version, object Value)> Flexible(string name) =>
        from each in SchemaMessage.EveryVersion()
        where each.Message.Name == name && each.Message.IsFlexible(each.Version)
        select (each.Message, each.Version, new MessageFiller(6, each.Version).Fill(each.Message));
}
