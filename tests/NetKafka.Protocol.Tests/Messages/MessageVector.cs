using System.Text.Json;
using NetKafka.Protocol.Tests.Vectors;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>One message as Java encoded it.</summary>
sealed record MessageVector(string Name, short Version, byte[] Frame, JsonElement Values)
{
    static readonly Lazy<IReadOnlyList<MessageVector>> Loaded = new(() =>
        [.. VectorFiles.Lines("messages.jsonl.gz").Select(line => Parse(JsonDocument.Parse(line).RootElement))]);

    public static IReadOnlyList<MessageVector> All => Loaded.Value;

    public override string ToString() => $"{Name} v{Version} {Convert.ToHexString(Frame)}";

    static MessageVector Parse(JsonElement line)
    {
        string name = line.GetProperty("message").GetString()!;
        string kind = line.GetProperty("kind").GetString()!;
        return new MessageVector(
            kind switch { "request" => name + "Request", "response" => name + "Response", _ => name },
            line.GetProperty("version").GetInt16(),
            Convert.FromHexString(line.GetProperty("hex").GetString()!),
            line.GetProperty("values"));
    }
}
