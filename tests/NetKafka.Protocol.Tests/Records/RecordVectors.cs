using System.Text.Json.Nodes;
using NetKafka.Protocol.Tests.Vectors;

namespace NetKafka.Protocol.Tests.Records;

/// <summary>Record batches and hashes made by the Java client.</summary>
static class RecordVectors
{
    static readonly Lazy<JsonObject[]> s_lines = new(ReadLines);

    internal static IEnumerable<JsonObject> Batches => s_lines.Value.Where(line => line["name"] is not null);

    internal static IEnumerable<JsonObject> Hashes => s_lines.Value.Where(line => line["murmur2"] is not null);

    internal static TheoryData<string> Names => new(Batches.Select(line => line["name"]!.GetValue<string>()));

    internal static JsonObject Named(string name) => Batches.Single(line => line["name"]!.GetValue<string>() == name);

    internal static byte[] Bytes(this JsonNode? hex) => Convert.FromHexString(hex!.GetValue<string>());

    internal static T Get<T>(this JsonNode node, string field) => node[field]!.GetValue<T>();

    static JsonObject[] ReadLines() =>
        [.. VectorFiles.Lines("record-batches.jsonl.gz").Select(line => JsonNode.Parse(line)!.AsObject())];
}
