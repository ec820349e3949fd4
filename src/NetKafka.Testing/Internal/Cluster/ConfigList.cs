namespace NetKafka.Testing.Internal.Cluster;

/// <summary>Values that are lists, written with commas between.</summary>
static class ConfigList
{
    /// <summary>The type code of DescribeConfigs.</summary>
    internal const sbyte Type = 7;

    internal static string Append(string list, string value) => string.Join(',', Items(list).Union(Items(value), StringComparer.Ordinal));

    internal static string Subtract(string list, string value) => string.Join(',', Items(list).Except(Items(value), StringComparer.Ordinal));

    static string[] Items(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
