using System.Text.Json;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Tests.Vectors;

namespace NetKafka.Protocol.Tests.Messages;

public sealed class ErrorCodeTests
{
    [Fact]
    public void Every_error_of_the_schema_has_its_name_and_traits()
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(VectorFiles.SchemaPath)).RootElement;
        foreach (JsonElement error in root.GetProperty("errors").EnumerateArray())
        {
            var code = (ErrorCode)error.GetProperty("code").GetInt16();
            string name = error.GetProperty("name").GetString()!;
            Assert.Equal(name, code.KafkaName());
            Assert.Equal(name.Replace("_", "", StringComparison.Ordinal), code.ToString(), ignoreCase: true);
            Assert.Equal(Flag(error, "retriable"), code.IsRetriable());
            Assert.Equal(Flag(error, "refreshMetadata"), code.NeedsMetadataRefresh());
            Assert.Equal(Flag(error, "authorization"), code.IsAuthorization());
        }
    }

    [Theory]
    [InlineData(9999)]
    [InlineData(-7)]
    public void Unknown_error_code_keeps_its_number_and_is_not_retriable(short number)
    {
        var writer = new KafkaWriter();
        new HeartbeatResponse { ErrorCode = (ErrorCode)number }.Write(writer, 4);
        ErrorCode code = ResponseFrame.ReadBody<HeartbeatResponse>(writer.WrittenMemory, 4).ErrorCode;
        Assert.Equal(number, (short)code);
        Assert.Equal($"{number}", code.KafkaName());
        Assert.False(code.IsRetriable() || code.NeedsMetadataRefresh() || code.IsAuthorization());
    }

    static bool Flag(JsonElement error, string name) =>
        error.TryGetProperty(name, out JsonElement value) && value.GetBoolean();
}
