using System.Text.Json;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Tests.Vectors;

namespace NetKafka.Protocol.Tests.Messages;

public sealed class FrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Request_frame_holds_length_header_and_request(short version)
    {
        var writer = new KafkaWriter();
        writer.WriteInt8(99);
        RequestFrame.Write(writer, new MetadataRequest { Topics = [] }, version, 77, "client");
        var reader = new KafkaReader(writer.WrittenMemory[1..], MetadataRequest.Name, version);
        Assert.Equal(reader.Remaining - 4, reader.ReadInt32());
        Assert.Equal((ApiKey.Metadata, version), RequestFrame.PeekApi(reader));
        RequestHeader header = RequestHeader.Read(ref reader, MetadataRequest.RequestHeaderVersion(version));
        Assert.Equal(
            ((short)3, version, 77, "client"),
            (header.RequestApiKey, header.RequestApiVersion, header.CorrelationId, header.ClientId));
        Assert.Empty(MetadataRequest.Read(ref reader, version).Topics!);
        reader.EnsureEnd();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Response_frame_holds_length_header_and_response(short version)
    {
        var writer = new KafkaWriter();
        short headerVersion = MetadataRequest.ResponseHeaderVersion(version);
        ResponseFrame.Write(writer, new MetadataResponse(), version, headerVersion, 77);
        var reader = new KafkaReader(writer.WrittenMemory, MetadataResponse.Name, version);
        Assert.Equal(reader.Remaining - 4, reader.ReadInt32());
        Assert.Equal(77, ResponseFrame.ReadHeader(ref reader, headerVersion));
        Assert.Empty(MetadataResponse.Read(ref reader, version).Brokers);
        reader.EnsureEnd();
    }

    [Fact]
    public void Response_header_of_ApiVersions_never_has_tags()
    {
        for (short version = ApiVersionsRequest.LowestVersion; version <= ApiVersionsRequest.HighestVersion; version++)
        {
            Assert.Equal(0, ApiVersionsRequest.ResponseHeaderVersion(version));
        }
    }

    [Fact]
    public void Unstable_last_version_is_not_negotiated()
    {
        Assert.Equal(InitProducerIdRequest.HighestVersion - 1, InitProducerIdRequest.HighestStableVersion);
        Assert.Equal(MetadataRequest.HighestVersion, MetadataRequest.HighestStableVersion);
    }

    [Fact]
    public void Every_request_has_the_key_and_header_versions_of_the_schema()
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(VectorFiles.SchemaPath)).RootElement;
        foreach (JsonElement api in root.GetProperty("apis").EnumerateArray())
        {
            string name = api.GetProperty("name").GetString()!;
            Assert.Equal(api.GetProperty("key").GetInt16(), (short)Enum.Parse<ApiKey>(name));
            if (!api.TryGetProperty("headerVersions", out JsonElement headers))
            {
                continue;
            }
            MessageCodec codec = MessageCodec.ByName[name + "Request"];
            for (short version = codec.LowestVersion; version <= codec.HighestVersion; version++)
            {
                Assert.Equal(HeaderOf(headers.GetProperty("request"), version), codec.RequestHeaderVersion(version));
                Assert.Equal(HeaderOf(headers.GetProperty("response"), version), codec.ResponseHeaderVersion(version));
            }
        }
    }

    static short HeaderOf(JsonElement headers, short version)
    {
        foreach (JsonProperty header in headers.EnumerateObject())
        {
            (int first, int last) = SchemaField.Range(headers, header.Name);
            if (version >= first && version <= last)
            {
                return short.Parse(header.Name, null);
            }
        }
        throw new InvalidOperationException($"No header goes with version {version}.");
    }
}
