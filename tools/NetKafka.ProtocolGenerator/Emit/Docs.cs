using NetKafka.ProtocolGenerator.Schema;

namespace NetKafka.ProtocolGenerator.Emit;

/// <summary>The XML documentation that a schema can give.</summary>
static class Docs
{
    public static string Summary(string text) => $"/// <summary>{text}</summary>";

    public static string Property(Field field, Struct owner)
    {
        VersionRange used = field.Versions.Intersect(owner.Versions);
        var parts = new List<string> { $"Versions {Text(used)}{(field.Tag is { } tag ? $", tag {tag}" : "")}" };
        VersionRange nullable = field.NullableVersions.Intersect(used);
        if (!nullable.IsEmpty)
        {
            parts.Add(nullable == used ? "nullable" : $"nullable in {Text(nullable)}");
        }
        parts.Add($"default {Defaults.Words(field)}");
        if (used != owner.Versions)
        {
            parts.Add(field.Ignorable ? "left out of other versions" : "no other value may be sent in other versions");
        }
        if (field.Type is { Element: "records" })
        {
            parts.Add("once read, a slice of the frame");
        }
        return Summary(string.Join("; ", parts) + ".");
    }

    public static string Text(VersionRange versions) =>
        versions.First == versions.Last ? $"{versions.First}" : $"{versions.First} to {versions.Last}";
}
