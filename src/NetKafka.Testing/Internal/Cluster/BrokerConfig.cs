using System.Globalization;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>One configuration of brokers.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Type">The type code of DescribeConfigs: 1 boolean, 2 string, 3 int, 5 long.</param>
/// <param name="Default">The value of who sets nothing.</param>
/// <param name="Least">The least value of a number.</param>
/// <param name="IsReadOnly">Whether it is read from the properties file alone.</param>
/// <param name="Apply">What a value that all brokers are set to changes; null where it is kept and shown, without effect.</param>
sealed record BrokerConfig(
    string Name, sbyte Type, Func<ClusterSettings, string> Default, long Least = 0, bool IsReadOnly = false, Action<ClusterSettings, int>? Apply = null)
{
    /// <summary>Those of Kafka 4.3 that are known here.</summary>
    internal static readonly BrokerConfig[] All =
    [
        Fixed("auto.create.topics.enable", 1, static settings => settings.AutoCreateTopics ? "true" : "false"),
        new("background.threads", 3, static _ => "10", Least: 1),
        new("compression.type", 2, static _ => "producer"),
        Fixed("default.replication.factor", 3, static settings => Text(settings.DefaultReplicationFactor)),
        Fixed("group.initial.rebalance.delay.ms", 3, static settings => Text(settings.InitialRebalanceDelayMs)),
        Fixed("group.max.session.timeout.ms", 3, static settings => Text(settings.MaxSessionTimeoutMs)),
        Fixed("group.min.session.timeout.ms", 3, static settings => Text(settings.MinSessionTimeoutMs)),
        new("log.cleaner.threads", 3, static _ => "1"),
        new("log.retention.ms", 5, static _ => "604800000", Least: -1),
        new("max.connections", 3, static _ => "2147483647"),
        new("message.max.bytes", 3, static settings => Text(settings.MaxMessageBytes), Apply: static (settings, value) => settings.MaxMessageBytes = value),
        new("min.insync.replicas", 3, static settings => Text(settings.MinInSyncReplicas), Least: 1, Apply: static (settings, value) => settings.MinInSyncReplicas = value),
        new("num.io.threads", 3, static _ => "8", Least: 1),
        Fixed("num.partitions", 3, static settings => Text(settings.DefaultPartitions)),
    ];

    /// <summary>Whether a value is one that it takes.</summary>
    internal bool Takes(string value) => Type switch
    {
        1 => value is "true" or "false",
        3 => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Least,
        5 => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Least,
        _ => true,
    };

    internal static BrokerConfig? Find(string name) => Array.Find(All, config => config.Name == name);

    static BrokerConfig Fixed(string name, sbyte type, Func<ClusterSettings, string> value) => new(name, type, value, IsReadOnly: true);

    static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
