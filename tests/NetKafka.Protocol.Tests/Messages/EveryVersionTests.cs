namespace NetKafka.Protocol.Tests.Messages;

public sealed class EveryVersionTests
{
    const int FillsPerVersion = 5;

    public static TheoryData<string> MessageNames() => [.. SchemaMessage.All.Select(message => message.Name)];

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Message_of_defaults_round_trips(string name)
    {
        foreach ((SchemaMessage message, short version) in VersionsOf(name))
        {
            object value = MessageFiller.Default(message, version);
            AssertRoundTrip(message, version, value);
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Filled_message_has_the_bytes_the_schema_asks_for_and_round_trips(string name)
    {
        foreach ((SchemaMessage message, short version) in VersionsOf(name))
        {
            for (int seed = 0; seed < FillsPerVersion; seed++)
            {
                AssertRoundTrip(message, version, new MessageFiller(seed, version).Fill(message));
            }
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Ignorable_value_that_the_version_lacks_is_left_out(string name)
    {
        foreach ((SchemaMessage message, short version) in VersionsOf(name))
        {
            object value = new MessageFiller(1, version).Fill(message, withIgnorable: true);
            Assert.Equal(new SchemaEncoder(message, version).Encode(value), MessageCodec.ByName[name].Write(value, version));
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Value_that_the_version_lacks_and_that_may_not_be_left_out_is_refused(string name)
    {
        foreach ((SchemaMessage message, short version) in VersionsOf(name))
        {
            object value = new MessageFiller(2, version).Fill(message);
            foreach ((object owner, IReadOnlyList<SchemaField> fields) in SchemaVisitor.Structs(value, message.Fields, version))
            {
                foreach (SchemaField field in fields.Where(field => !field.IsPresent(version) && !field.Ignorable))
                {
                    object? before = field.ValueIn(owner);
                    field.PropertyOf(owner).SetValue(owner, OtherThanDefault.Of(field.PropertyOf(owner).PropertyType, before));
                    AssertRefused(message, version, value, field.Name);
                    field.PropertyOf(owner).SetValue(owner, before);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Null_where_the_version_has_no_null_is_refused(string name)
    {
        foreach ((SchemaMessage message, short version) in VersionsOf(name))
        {
            object value = new MessageFiller(4, version).Fill(message);
            foreach ((object owner, IReadOnlyList<SchemaField> fields) in SchemaVisitor.Structs(value, message.Fields, version))
            {
                foreach (SchemaField field in fields.Where(field => HasNoNull(field, version)))
                {
                    object? before = field.ValueIn(owner);
                    field.PropertyOf(owner).SetValue(owner, null);
                    AssertRefused(message, version, value, field.Name);
                    field.PropertyOf(owner).SetValue(owner, before);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Version_outside_the_range_is_refused(string name)
    {
        MessageCodec codec = MessageCodec.ByName[name];
        object value = Activator.CreateInstance(codec.Type)!;
        foreach (short version in (short[])[(short)(codec.LowestVersion - 1), (short)(codec.HighestVersion + 1)])
        {
            Assert.Throws<InvalidMessageException>(() => codec.Write(value, version));
            Assert.Throws<MalformedMessageException>(() => codec.Read(new byte[100], version));
        }
    }

    [Fact]
    public void Every_message_of_the_schema_is_there_in_its_versions() => Assert.Equal(
        SchemaMessage.All.Select(message => (message.Name, message.Versions.First, message.Versions.Last))
            .OrderBy(message => message.Name, StringComparer.Ordinal),
        MessageCodec.ByName.Values.Select(codec => (codec.Name, (int)codec.LowestVersion, (int)codec.HighestVersion))
            .OrderBy(message => message.Name, StringComparer.Ordinal));

    // A structure that is never null is made anew when it is asked for, so its property cannot hold null.
    static bool HasNoNull(SchemaField field, short version) =>
        field.IsPresent(version) && !field.IsNullable(version)
        && (field.IsArray || field.Element is "string" or "bytes" or "records");

    static void AssertRoundTrip(SchemaMessage message, short version, object value)
    {
        MessageCodec codec = MessageCodec.ByName[message.Name];
        byte[] frame = codec.Write(value, version);
        Assert.Equal(new SchemaEncoder(message, version).Encode(value), frame);
        Assert.True(Deep.Equal(value, codec.Read(frame, version)), $"{message.Name} v{version}");
    }

    static void AssertRefused(SchemaMessage message, short version, object value, string field)
    {
        var refused = Assert.Throws<InvalidMessageException>(() => MessageCodec.ByName[message.Name].Write(value, version));
        Assert.Equal((message.Name, version, field), (refused.MessageName, refused.Version, refused.Field));
    }

    static IEnumerable<(SchemaMessage Message, short Version)> VersionsOf(string name) =>
        SchemaMessage.EveryVersion().Where(each => each.Message.Name == name);
}
