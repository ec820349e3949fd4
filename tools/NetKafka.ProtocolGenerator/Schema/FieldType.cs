namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>A field's type: a primitive or a structure's name, alone or in an array.</summary>
sealed record FieldType(string Element, bool IsArray)
{
    static readonly Dictionary<string, (string CSharp, int Width)> Fixed = new(StringComparer.Ordinal)
    {
        ["bool"] = ("bool", 1),
        ["int8"] = ("sbyte", 1),
        ["int16"] = ("short", 2),
        ["uint16"] = ("ushort", 2),
        ["int32"] = ("int", 4),
        ["uint32"] = ("uint", 4),
        ["int64"] = ("long", 8),
        ["float64"] = ("double", 8),
        ["uuid"] = ("Guid", 16),
    };

    public bool IsFixed => Fixed.ContainsKey(Element);

    public bool IsStruct => !IsFixed && Element is not ("string" or "bytes" or "records");

    public int Width => Fixed[Element].Width;

    public static FieldType Parse(string text) =>
        text.StartsWith("[]", StringComparison.Ordinal) ? new FieldType(text[2..], true) : new FieldType(text, false);

    /// <summary>The C# type of one element that is no structure.</summary>
    public string CSharpElement => Element switch
    {
        "string" => "string",
        "bytes" => "byte[]",
        "records" => "ReadOnlyMemory<byte>?",
        _ => Fixed[Element].CSharp,
    };

    /// <summary>How the methods of reader and writer call one element that is no structure.</summary>
    public string Method => Element switch
    {
        "bool" => "Boolean",
        "uint16" => "UInt16",
        "uint32" => "UInt32",
        _ => char.ToUpperInvariant(Element[0]) + Element[1..],
    };
}
