using System.Globalization;
using System.Text.RegularExpressions;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>The configurations of subscriptions to client metrics (KIP-714).</summary>
static class MetricsConfigNames
{
    const string IntervalMs = "interval.ms";
    const string Match = "match";
    const int LeastMs = 100;
    const int MostMs = 3_600_000;

    static readonly string[] Selectors = ["client_id", "client_instance_id", "client_software_name", "client_software_version", "client_source_address", "client_source_port"];

    /// <summary>Name, default, and the type code of DescribeConfigs.</summary>
    internal static readonly (string Name, string Default, sbyte Type)[] All = [(IntervalMs, "300000", 3), (Match, "", ConfigList.Type), ("metrics", "", ConfigList.Type)];

    internal static bool IsKnown(string name) => Array.Exists(All, config => config.Name == name);

    /// <summary>Whether a value is of the configuration's type.</summary>
    internal static bool IsReadable(string name, string value) => name switch
    {
        IntervalMs => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        Match => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(IsPattern),
        _ => true,
    };

    internal static bool IsWithinBounds(string name, string value) =>
        name != IntervalMs || int.Parse(value, CultureInfo.InvariantCulture) is >= LeastMs and <= MostMs;

    /// <summary>What a client is, and a regular expression that it must match.</summary>
    static bool IsPattern(string text)
    {
        var parts = text.Split('=', 2);
        if (parts.Length != 2 || !Selectors.Contains(parts[0].Trim()))
            return false;
        try
        {
            _ = new Regex(parts[1], RegexOptions.None, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
