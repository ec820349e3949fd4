using System.Text.Json;
using NetKafka.Protocol.Tests.Vectors;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>A message as the schema says it, read here without any code of the generator.</summary>
sealed class SchemaMessage
{
    static readonly Lazy<IReadOnlyList<SchemaMessage>> Loaded = new(Load);

    readonly (int First, int Last) _flexible;

    SchemaMessage(string name, JsonElement schema)
    {
        Name = name;
        Versions = SchemaField.Range(schema, "validVersions");
        _flexible = SchemaField.Range(schema, "flexibleVersions");
        Fields = [.. schema.GetProperty("fields").EnumerateArray().Select(field => new SchemaField(field))];
    }

    public static IReadOnlyList<SchemaMessage> All => Loaded.Value;

    public string Name { get; }

    public (int First, int Last) Versions { get; }

    public IReadOnlyList<SchemaField> Fields { get; }

    public bool IsFlexible(int version) => version >= _flexible.First && version <= _flexible.Last;

    public static IEnumerable<(SchemaMessage Message, short Version)> EveryVersion() =>
        from message in All
        from version in Enumerable.Range(message.Versions.First, message.Versions.Last - message.Versions.First + 1)
        select (message, (short)version);

    static List<SchemaMessage> Load()
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(VectorFiles.SchemaPath)).RootElement;
        var messages = new List<SchemaMessage>();
        foreach (JsonElement api in root.GetProperty("apis").EnumerateArray())
        {
            string name = api.GetProperty("name").GetString()!;
            if (api.TryGetProperty("request", out JsonElement request))
            {
                messages.Add(new SchemaMessage(name + "Request", request));
                messages.Add(new SchemaMessage(name + "Response", api.GetProperty("response")));
            }
        }
        foreach (JsonElement data in root.GetProperty("data").EnumerateArray())
        {
            messages.Add(new SchemaMessage(data.GetProperty("name").GetString()!, data));
        }
        return messages;
    }
}
