using System.Text.Json;
using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Default values as C#: how a property begins, and how to ask whether it still holds its default.</summary>
static class Defaults
{
    /// <summary>The initializer of a property, or "" where C#'s own default is right.</summary>
    public static string Initializer(Field field)
    {
        if (field.DefaultsToNull || field.IsLazy)
        {
            return "";
        }
        if (field.Type.IsArray || field.Type.Element == "bytes")
        {
            return " = [];";
        }
        if (field.Type.Element == "string")
        {
            return " = \"\";";
        }
        string? literal = Literal(field);
        return literal is null or "false" or "0" ? "" : $" = {(field.IsErrorCode ? $"(ErrorCode)({literal})" : literal)};";
    }

    /// <summary>What is true when the property holds anything but its default.</summary>
    public static string IsNotDefault(Field field, Message message)
    {
        if (field.DefaultsToNull)
        {
            return $"{field.Name} is not null";
        }
        if (field.IsLazy)
        {
            return $"{MessageEmitter.BackingName(field)} is {{ IsDefault: false }}";
        }
        if (field.Type.IsArray || field.Type.Element == "bytes")
        {
            return $"{field.Name} is not {{ Length: 0 }}";
        }
        if (field.Type.IsStruct)
        {
            throw new InvalidDataException($"{message.Name}.{field.Name}: a nullable structure must default to null.");
        }
        return field.Type.Element switch
        {
            "string" => $"{field.Name} is not \"\"",
            "uuid" => $"{field.Name} != Guid.Empty",
            "bool" => Literal(field) == "true" ? $"!{field.Name}" : field.Name,
            _ when field.IsErrorCode => $"(short){field.Name} != {Literal(field) ?? "0"}",
            _ => $"{field.Name} != {Literal(field) ?? "0"}",
        };
    }

    /// <summary>The default as the documentation says it.</summary>
    public static string Words(Field field)
    {
        if (field.DefaultsToNull)
        {
            return "null";
        }
        if (field.Type.IsArray || field.Type.Element is "string" or "bytes")
        {
            return "empty";
        }
        if (field.Type.IsStruct)
        {
            return "all defaults";
        }
        return Literal(field) ?? (field.Type.Element == "bool" ? "false" : field.Type.Element == "uuid" ? "no id" : "0");
    }

    static string? Literal(Field field) => field.Default switch
    {
        { ValueKind: JsonValueKind.True } => "true",
        { ValueKind: JsonValueKind.False } => "false",
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };
}
