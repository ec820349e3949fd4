namespace NetKafka.Protocol.Tests.Messages;

public sealed class JavaMessageTests
{
    public static TheoryData<string> MessageNames() =>
        [.. MessageVector.All.Select(vector => vector.Name).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Message_of_Java_decodes_to_its_values(string name)
    {
        foreach (MessageVector vector in MessageVector.All.Where(vector => vector.Name == name))
        {
            object message = MessageCodec.ByName[name].Read(vector.Frame, vector.Version);
            JsonComparer.AssertEqual(vector.Values, message, $"{name} v{vector.Version}");
        }
    }

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Message_of_Java_encodes_back_to_the_same_bytes(string name)
    {
        MessageCodec codec = MessageCodec.ByName[name];
        foreach (MessageVector vector in MessageVector.All.Where(vector => vector.Name == name))
        {
            byte[] again = codec.Write(codec.Read(vector.Frame, vector.Version), vector.Version);
            Assert.Equal(Convert.ToHexString(vector.Frame), Convert.ToHexString(again));
        }
    }

    [Fact]
    public void Vectors_hold_every_version_of_every_request_and_response()
    {
        var covered = MessageVector.Copy.Select(vector => (vector.Name, vector.Version)).ToHashSet();
        var missing = MessageCodec.EveryVersion()
            .Where(each => each.Codec.Name.EndsWith("Request", StringComparison.Ordinal)
                || each.Codec.Name.EndsWith("Response", StringComparison.Ordinal))
            .Select(each => (each.Codec.Name, each.Version))
            .Where(each => !covered.Contains(each))
            .ToList();
        Assert.Empty(missing);
    }
}
