using System.Text.Json;

namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>All of protocol.json.</summary>
sealed record ProtocolSchema(IReadOnlyList<Api> Apis, IReadOnlyList<Message> Data, IReadOnlyList<Error> Errors)
{
    public static ProtocolSchema Load(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement.Clone();
        return new ProtocolSchema(
            [.. root.GetProperty("apis").EnumerateArray().Select(ReadApi).OrderBy(api => api.Key)],
            [.. root.GetProperty("data").EnumerateArray().Select(data => MessageParser.Parse(Text(data, "name")!, data))],
            [.. root.GetProperty("errors").EnumerateArray().Select(ReadError).OrderBy(error => error.Code)]);
    }

    static Api ReadApi(JsonElement api)
    {
        string name = Text(api, "name")!;
        return new Api(
            api.GetProperty("key").GetInt32(),
            name,
            Flag(api, "latestVersionUnstable"),
            ReadHeaders(api, "request"),
            ReadHeaders(api, "response"),
            api.TryGetProperty("request", out JsonElement request) ? MessageParser.Parse(name + "Request", request) : null,
            api.TryGetProperty("response", out JsonElement response) ? MessageParser.Parse(name + "Response", response) : null);
    }

    static List<(int, VersionRange)> ReadHeaders(JsonElement api, string side) =>
        api.TryGetProperty("headerVersions", out JsonElement headers)
            ? [.. headers.GetProperty(side).EnumerateObject()
                .Select(header => (int.Parse(header.Name), VersionRange.Parse(header.Value.GetString())))
                .OrderBy(header => header.Item1)]
            : [];

    static Error ReadError(JsonElement error) => new(
        error.GetProperty("code").GetInt32(),
        Text(error, "name")!,
        Flag(error, "retriable"),
        Flag(error, "refreshMetadata"),
        Flag(error, "authorization"));

    static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.GetBoolean();
}
