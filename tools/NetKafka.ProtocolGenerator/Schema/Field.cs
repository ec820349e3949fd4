using System.Text.Json;

namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>One field of a message or structure.</summary>
sealed record Field(
    string Name,
    FieldType Type,
    VersionRange Versions,
    VersionRange NullableVersions,
    int? Tag,
    JsonElement? Default,
    bool Ignorable)
{
    public bool DefaultsToNull => Type.Element == "records" || Default is { ValueKind: JsonValueKind.Null };

    public bool IsErrorCode => Type is { Element: "int16", IsArray: false } && Name.EndsWith("ErrorCode", StringComparison.Ordinal);

    /// <summary>Whether C# must allow null: some version has it, or it is the default.</summary>
    public bool IsNullable => DefaultsToNull || !NullableVersions.IsEmpty;

    /// <summary>A structure that is never null is made when first asked for: most are tagged and absent.</summary>
    public bool IsLazy => Type is { IsStruct: true, IsArray: false } && !IsNullable;
}
