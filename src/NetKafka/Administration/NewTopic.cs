using System.Globalization;

namespace NetKafka.Administration;

/// <summary>A topic to be created.</summary>
/// <param name="Name">The name: 1 to 249 letters, digits, dots, underscores and dashes.</param>
/// <param name="Partitions">How many partitions; −1 (the default) leaves it to the broker's <c>num.partitions</c> (KIP-464), and to <see cref="Assignments"/>.</param>
/// <param name="ReplicationFactor">How many copies; −1 (the default) leaves it to the broker's <c>default.replication.factor</c> (KIP-464), and to <see cref="Assignments"/>.</param>
public sealed record NewTopic(string Name, int Partitions = -1, short ReplicationFactor = -1)
{
    /// <summary>
    /// On which brokers the copies of each partition are to be, by node ids, the preferred leader first; the partitions must be numbered from 0 without
    /// a gap. Partitions and ReplicationFactor must be −1 beside it. Default: none, the cluster chooses.
    /// </summary>
    public IReadOnlyDictionary<int, IReadOnlyList<int>> Assignments { get; init; } = new Dictionary<int, IReadOnlyList<int>>();

    /// <summary>How long records are kept (<c>retention.ms</c>); <see cref="Timeout.InfiniteTimeSpan"/> for ever. Default: none, the broker's.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How many bytes of records each partition keeps (<c>retention.bytes</c>); −1 for all. Default: none, the broker's.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>How old records go (<c>cleanup.policy</c>). Default: none, the broker's.</summary>
    public CleanupPolicy? CleanupPolicy { get; init; }

    /// <summary>For how long a record is not compacted away (<c>min.compaction.lag.ms</c>). Default: none, the broker's.</summary>
    public TimeSpan? MinCompactionLag { get; init; }

    /// <summary>After how long a record is compacted at the latest (<c>max.compaction.lag.ms</c>). Default: none, the broker's.</summary>
    public TimeSpan? MaxCompactionLag { get; init; }

    /// <summary>For how long a deletion of a key can be read in a compacted topic (<c>delete.retention.ms</c>). Default: none, the broker's.</summary>
    public TimeSpan? DeleteRetention { get; init; }

    /// <summary>How many copies must have a record before a producer that waits for all is told so (<c>min.insync.replicas</c>). Default: none, the broker's.</summary>
    public int? MinInSyncReplicas { get; init; }

    /// <summary>Settings of the topic by Kafka's names, such as <c>segment.bytes</c>. One that stands in a property too is a mistake. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();

    /// <summary>All settings by Kafka's names, and what stands there twice.</summary>
    internal (SortedDictionary<string, string> Configs, string? Twice) AllConfigs()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string? twice = null;
        foreach (var (name, value) in Typed().Concat(Configs.Select(static config => (config.Key, config.Value))))
        {
            if (!all.TryAdd(name, value))
                twice ??= name;
        }
        return (all, twice);
    }

    IEnumerable<(string Name, string Value)> Typed()
    {
        if (Retention is { } retention)
            yield return ("retention.ms", retention == Timeout.InfiniteTimeSpan ? "-1" : Milliseconds(retention));
        if (RetentionBytes is { } bytes)
            yield return ("retention.bytes", bytes.ToString(CultureInfo.InvariantCulture));
        if (CleanupPolicy is { } policy)
        {
            yield return ("cleanup.policy", policy switch
            {
                Administration.CleanupPolicy.Compact => "compact",
                Administration.CleanupPolicy.CompactAndDelete => "compact,delete",
                _ => "delete",
            });
        }
        if (MinCompactionLag is { } least)
            yield return ("min.compaction.lag.ms", Milliseconds(least));
        if (MaxCompactionLag is { } most)
            yield return ("max.compaction.lag.ms", Milliseconds(most));
        if (DeleteRetention is { } deletions)
            yield return ("delete.retention.ms", Milliseconds(deletions));
        if (MinInSyncReplicas is { } replicas)
            yield return ("min.insync.replicas", replicas.ToString(CultureInfo.InvariantCulture));
    }

    static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
