using System.Globalization;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>What single groups are set to. A group need not exist to have configurations, and keeps them when it is deleted.</summary>
sealed class GroupConfigs(ClusterSettings settings)
{
    readonly SortedDictionary<string, SortedDictionary<string, string>> overrides = new(StringComparer.Ordinal);

    /// <summary>The value that a group goes by: its own or the brokers'.</summary>
    internal string Value(string groupId, string name) => Override(groupId, name) ?? GroupConfigNames.Find(name)!.Default(settings);

    internal int Number(string groupId, string name) => int.Parse(Value(groupId, name), CultureInfo.InvariantCulture);

    /// <summary>The group's own value; null where it has none.</summary>
    internal string? Override(string groupId, string name) =>
        overrides.TryGetValue(groupId, out var own) ? own.GetValueOrDefault(name) : null;

    /// <summary>The groups that have values of their own.</summary>
    internal IEnumerable<string> Groups => overrides.Keys;

    internal bool HasAny(string groupId) => overrides.ContainsKey(groupId);

    internal void Set(string groupId, string name, string value)
    {
        if (!overrides.TryGetValue(groupId, out var own))
            overrides.Add(groupId, own = new(StringComparer.Ordinal));
        own[name] = value;
    }

    /// <summary>Goes back to the brokers' value.</summary>
    internal void Reset(string groupId, string name)
    {
        if (overrides.TryGetValue(groupId, out var own) && own.Remove(name) && own.Count == 0)
            overrides.Remove(groupId);
    }
}
