using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>Version checks as C# conditions on <c>version</c>; null is "always" and "false" is "never".</summary>
static class Conditions
{
    public const string Never = "false";

    /// <summary>When a run of versions holds, given that only the versions of <paramref name="within"/> can occur.</summary>
    public static string? Of(VersionRange versions, VersionRange within)
    {
        VersionRange both = versions.Intersect(within);
        if (both.IsEmpty)
        {
            return Never;
        }
        bool fromFirst = both.First == within.First;
        bool toLast = both.Last == within.Last;
        if (fromFirst)
        {
            return toLast ? null : $"version <= {both.Last}";
        }
        return toLast ? $"version >= {both.First}" : $"version is >= {both.First} and <= {both.Last}";
    }

    /// <summary>
    /// When a field is in the compact form: the structure's own condition, unless the field exists only at versions where
    /// it is always or never so.
    /// </summary>
    public static string? Flexible(Field field, Struct owner, Message message, string? ofStruct) =>
        Of(message.FlexibleVersionsOf(field), field.Versions.Intersect(owner.Versions)) switch
        {
            null => null,
            Never => Never,
            _ => ofStruct,
        };

    /// <summary>Whether some field of the structure is compact at some of its versions and not at others.</summary>
    public static bool DependsOnFlexible(Struct each, Message message) => each.PlainFields.Any(field =>
        (field.Type.IsArray || field.Type.Element is "string" or "bytes" or "records")
        && Of(message.FlexibleVersionsOf(field), field.Versions.Intersect(each.Versions)) is not (null or Never));

    /// <summary>Writes the body for "holds" and for "does not", with only as many branches as can occur.</summary>
    public static void Branch(CodeWriter code, string? condition, Action<bool> body)
    {
        switch (condition)
        {
            case null:
                body(true);
                break;
            case Never:
                body(false);
                break;
            default:
                code.Block($"if ({condition})", () => body(true));
                code.Block("else", () => body(false));
                break;
        }
    }
}
