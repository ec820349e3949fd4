using System.Collections.Frozen;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>What brokers, their loggers and subscriptions to client metrics were set to while the cluster ran, by kind and name.</summary>
sealed class DynamicConfigs
{
    internal const sbyte BrokerKind = 4;
    internal const sbyte LoggerKind = 8;
    internal const sbyte MetricsKind = 16;

    readonly Dictionary<sbyte, SortedDictionary<string, IReadOnlyDictionary<string, string>>> kinds = new()
    {
        [BrokerKind] = new(StringComparer.Ordinal), [LoggerKind] = new(StringComparer.Ordinal), [MetricsKind] = new(StringComparer.Ordinal),
    };

    /// <summary>The values of one resource; of one that was never set there are none.</summary>
    internal IReadOnlyDictionary<string, string> Of(sbyte kind, string name) =>
        kinds[kind].GetValueOrDefault(name) ?? FrozenDictionary<string, string>.Empty;

    /// <summary>Those of a kind that have values.</summary>
    internal IEnumerable<string> NamesOf(sbyte kind) => kinds[kind].Keys;

    internal void Replace(sbyte kind, string name, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0)
            kinds[kind].Remove(name);
        else
            kinds[kind][name] = values;
    }
}
