using System.Collections.Frozen;
using System.Globalization;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>The topic configurations of Kafka 4, with the broker's defaults, as DescribeConfigs shows them.</summary>
static class TopicConfigNames
{
    /// <summary>
    /// Name, default, and the type code of DescribeConfigs (1 boolean, 2 string, 3 int, 5 long, 6 double, 7 list).
    /// </summary>
    internal static readonly (string Name, string Default, sbyte Type)[] Defaults =
    [
        ("cleanup.policy", "delete", 7),
        ("compression.gzip.level", "-1", 3),
        ("compression.lz4.level", "9", 3),
        ("compression.type", "producer", 2),
        ("compression.zstd.level", "3", 3),
        ("delete.retention.ms", "86400000", 5),
        ("file.delete.delay.ms", "60000", 5),
        ("flush.messages", "9223372036854775807", 5),
        ("flush.ms", "9223372036854775807", 5),
        ("follower.replication.throttled.replicas", "", 7),
        ("index.interval.bytes", "4096", 3),
        ("leader.replication.throttled.replicas", "", 7),
        ("local.retention.bytes", "-2", 5),
        ("local.retention.ms", "-2", 5),
        ("max.compaction.lag.ms", "9223372036854775807", 5),
        ("max.message.bytes", "1048588", 3),
        ("message.timestamp.after.max.ms", "3600000", 5),
        ("message.timestamp.before.max.ms", "9223372036854775807", 5),
        ("message.timestamp.type", "CreateTime", 2),
        ("min.cleanable.dirty.ratio", "0.5", 6),
        ("min.compaction.lag.ms", "0", 5),
        ("min.insync.replicas", "1", 3),
        ("preallocate", "false", 1),
        ("remote.log.copy.disable", "false", 1),
        ("remote.log.delete.on.disable", "false", 1),
        ("remote.storage.enable", "false", 1),
        ("retention.bytes", "-1", 5),
        ("retention.ms", "604800000", 5),
        ("segment.bytes", "1073741824", 3),
        ("segment.index.bytes", "10485760", 3),
        ("segment.jitter.ms", "0", 5),
        ("segment.ms", "604800000", 5),
        ("unclean.leader.election.enable", "false", 1),
    ];

    static readonly FrozenDictionary<string, sbyte> Types =
        Defaults.ToFrozenDictionary(config => config.Name, config => config.Type, StringComparer.Ordinal);

    internal static string DefaultOf(string name) => Array.Find(Defaults, config => config.Name == name).Default ?? "";

    /// <summary>The brokers' configuration that topics go by which set nothing; null where that is told of none here.</summary>
    internal static string? OfBrokers(string name) => name switch
    {
        "max.message.bytes" => "message.max.bytes",
        "min.insync.replicas" => "min.insync.replicas",
        _ => null,
    };

    /// <summary>Whether its values are lists, to which one can be added.</summary>
    internal static bool IsList(string name) => Types.GetValueOrDefault(name) == ConfigList.Type;

    internal static bool IsKnown(string name) => Types.ContainsKey(name);

    /// <summary>Whether there is such a configuration and the value is of its type.</summary>
    internal static bool Takes(string name, string value) => Types.TryGetValue(name, out var type) && type switch
    {
        1 => value.Trim() is "true" or "false",
        3 => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        5 => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        6 => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        _ => true,
    };
}
