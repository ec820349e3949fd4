namespace NetKafka.Testing.Internal.Cluster;

/// <summary>The topic configurations that change what the fake does; any other is kept and shown, without effect.</summary>
sealed class TopicSettings
{
    readonly SortedDictionary<string, string> overrides = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, string> Overrides => overrides;

    /// <summary>max.message.bytes, or null for the cluster's.</summary>
    internal int? MaxMessageBytes { get; private set; }

    /// <summary>min.insync.replicas, or null for the cluster's.</summary>
    internal int? MinInSyncReplicas { get; private set; }

    /// <summary>message.timestamp.type is LogAppendTime.</summary>
    internal bool LogAppendTime { get; private set; }

    /// <summary>cleanup.policy names compact: records need a key. Nothing is compacted.</summary>
    internal bool Compacted { get; private set; }

    /// <summary>message.timestamp.before.max.ms.</summary>
    internal long TimestampBeforeMaxMs { get; private set; } = long.MaxValue;

    /// <summary>message.timestamp.after.max.ms.</summary>
    internal long TimestampAfterMaxMs { get; private set; } = 3_600_000;

    /// <summary>Sets one configuration; false with a reason if the value cannot be used.</summary>
    internal bool TrySet(string name, string? value, out string problem)
    {
        problem = "";
        if (value is null)
        {
            problem = $"Null value not supported for topic configs: {name}";
            return false;
        }

        var valid = name switch
        {
            "max.message.bytes" => TryInt32(value, 0, v => MaxMessageBytes = v),
            "min.insync.replicas" => TryInt32(value, 1, v => MinInSyncReplicas = v),
            "message.timestamp.type" => TryTimestampType(value),
            "cleanup.policy" => TryCleanupPolicy(value),
            "message.timestamp.before.max.ms" => TryInt64(value, v => TimestampBeforeMaxMs = v),
            "message.timestamp.after.max.ms" => TryInt64(value, v => TimestampAfterMaxMs = v),
            _ => TopicConfigNames.Takes(name, value),
        };
        if (!valid)
        {
            problem = TopicConfigNames.IsKnown(name)
                ? $"Invalid value {value} for configuration {name}"
                : $"Unknown topic config name: {name}";
            return false;
        }

        overrides[name] = value;
        return true;
    }

    /// <summary>The settings of the same topic with other values; null with a reason where one of them cannot be used.</summary>
    internal static TopicSettings? From(IReadOnlyDictionary<string, string> overrides, out string problem)
    {
        var settings = new TopicSettings();
        problem = "";
        foreach (var (name, value) in overrides)
        {
            if (!settings.TrySet(name, value, out problem))
                return null;
        }

        return settings;
    }

    bool TryCleanupPolicy(string value)
    {
        var parts = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (!parts.All(part => part is "compact" or "delete"))
            return false;
        Compacted = parts.Contains("compact");
        return true;
    }

    bool TryTimestampType(string value)
    {
        LogAppendTime = value == "LogAppendTime";
        return LogAppendTime || value == "CreateTime";
    }

    static bool TryInt32(string value, int atLeast, Action<int> set)
    {
        if (!int.TryParse(value, out var parsed) || parsed < atLeast)
            return false;
        set(parsed);
        return true;
    }

    static bool TryInt64(string value, Action<long> set)
    {
        if (!long.TryParse(value, out var parsed) || parsed < 0)
            return false;
        set(parsed);
        return true;
    }
}
