using System.Globalization;

namespace NetKafka.ProtocolGenerator.Schema;

/// <summary>A run of versions, both ends included; empty when the last lies below the first.</summary>
readonly record struct VersionRange(int First, int Last)
{
    public static readonly VersionRange None = new(0, -1);

    public bool IsEmpty => Last < First;

    public static VersionRange Parse(string? text)
    {
        if (text is null or "none")
        {
            return None;
        }
        if (text.EndsWith('+'))
        {
            return new VersionRange(Number(text[..^1]), short.MaxValue);
        }
        string[] ends = text.Split('-');
        return new VersionRange(Number(ends[0]), Number(ends[^1]));
    }

    public VersionRange Intersect(VersionRange other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));

    /// <summary>The shortest run that holds both.</summary>
    public VersionRange Hull(VersionRange other) =>
        IsEmpty ? other : other.IsEmpty ? this : new VersionRange(Math.Min(First, other.First), Math.Max(Last, other.Last));

    public bool Contains(VersionRange other) => other.IsEmpty || (First <= other.First && Last >= other.Last);

    public bool Contains(int version) => version >= First && version <= Last;

    public override string ToString() =>
        IsEmpty ? "none" : First == Last ? $"{First}" : Last == short.MaxValue ? $"{First}+" : $"{First}-{Last}";

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
