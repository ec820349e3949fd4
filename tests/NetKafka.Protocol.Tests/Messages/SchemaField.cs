using System.Reflection;
using System.Text.Json;

namespace NetKafka.Protocol.Tests.Messages;

/// <summary>A field as the schema says it, read here without any code of the generator.</summary>
sealed class SchemaField
{
    readonly (int First, int Last) _versions;
    readonly (int First, int Last) _nullableVersions;

    public SchemaField(JsonElement schema)
    {
        Name = schema.GetProperty("name").GetString()!;
        string type = schema.GetProperty("type").GetString()!;
        IsArray = type.StartsWith("[]", StringComparison.Ordinal);
        Element = IsArray ? type[2..] : type;
        _versions = Range(schema, "versions");
        _nullableVersions = Range(schema, "nullableVersions");
        Tag = schema.TryGetProperty("tag", out JsonElement tag) ? tag.GetUInt32() : null;
        Ignorable = schema.TryGetProperty("ignorable", out JsonElement ignorable) && ignorable.GetBoolean();
        Fields = schema.TryGetProperty("fields", out JsonElement fields)
            ? [.. fields.EnumerateArray().Select(field => new SchemaField(field))] : [];
    }

    public string Name { get; }

    public string Element { get; }

    public bool IsArray { get; }

    public uint? Tag { get; }

    public bool Ignorable { get; }

    public IReadOnlyList<SchemaField> Fields { get; }

    public bool IsStruct => Fields.Count > 0;

    public bool IsPresent(int version) => version >= _versions.First && version <= _versions.Last;

    public bool IsNullable(int version) => version >= _nullableVersions.First && version <= _nullableVersions.Last;

    public PropertyInfo PropertyOf(object owner) =>
        owner.GetType().GetProperty(Name, BindingFlags.Instance | BindingFlags.Public)
        ?? throw new InvalidOperationException($"{owner.GetType()} has no property {Name}");

    public object? ValueIn(object owner) => PropertyOf(owner).GetValue(owner);

    public bool IsDefaultIn(object owner) =>
        Deep.Equal(ValueIn(owner), ValueIn(Activator.CreateInstance(owner.GetType())!));

    public static (int First, int Last) Range(JsonElement schema, string name)
    {
        if (!schema.TryGetProperty(name, out JsonElement text) || text.GetString() is not { } range || range == "none")
        {
            return (0, -1);
        }
        if (range.EndsWith('+'))
        {
            return (int.Parse(range[..^1], null), short.MaxValue);
        }
        string[] ends = range.Split('-');
        return (int.Parse(ends[0], null), int.Parse(ends[^1], null));
    }
}
