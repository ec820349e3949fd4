namespace NetKafka.Testing.Internal.Cluster;

/// <summary>A feature of the cluster whose level is agreed on by all nodes (KIP-584).</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Highest">The highest level that the nodes can do; the lowest is 0.</param>
/// <param name="Get">Its level.</param>
/// <param name="Set">Changes its level.</param>
sealed record FinalizedFeature(string Name, short Highest, Func<ClusterSettings, short> Get, Action<ClusterSettings, short> Set)
{
    internal const string KRaftVersion = "kraft.version";

    internal static readonly FinalizedFeature[] All =
    [
        new("group.version", 1, static settings => settings.GroupVersion, static (settings, level) => settings.GroupVersion = level),
        new(KRaftVersion, 1, static settings => settings.KRaftVersion, static (settings, level) => settings.KRaftVersion = level),
        new("share.version", 1, static settings => settings.ShareVersion, static (settings, level) => settings.ShareVersion = level),
        new("streams.version", 1, static settings => settings.StreamsVersion, static (settings, level) => settings.StreamsVersion = level),
        new("transaction.version", 2, static settings => settings.TransactionVersion, static (settings, level) => settings.TransactionVersion = level),
    ];

    internal static FinalizedFeature? Find(string name) => Array.Find(All, feature => feature.Name == name);
}
