using System.Text.Json;
using NetKafka.Protocol.Tests.Vectors;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>One message as Java encoded it.</summary>
sealed record MessageVector(string Name, short Version, byte[] Frame, JsonElement Values)
{
    static readonly Lazy<IReadOnlyList<MessageVector>> InUse = new(() => Load(VectorFiles.Folder));
    static readonly Lazy<IReadOnlyList<MessageVector>> OfProject = new(() => Load(VectorFiles.CopyFolder));

    /// <summary>Of the folder in use, whatever it holds.</summary>
    public static IReadOnlyList<MessageVector> All => InUse.Value;

    /// <summary>Of the project's own copy: every version of every request and response.</summary>
    public static IReadOnlyList<MessageVector> Copy => OfProject.Value;

    public override string ToString() => $"{Name} v{Version} {Convert.ToHexString(Frame)}";

    static List<MessageVector> Load(string folder) =>
        [.. VectorFiles.Lines(folder, "messages.jsonl.gz").Select(line => Parse(JsonDocument.Parse(line).RootElement))];

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
