using NetKafka.Protocol;
using Change = NetKafka.Protocol.Messages.IncrementalAlterConfigsRequest.AlterableConfig;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>Changes configurations one by one, those of a resource together or not at all, with the errors that Kafka 4.3 gives.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="broker">The broker that was asked: it changes its own configurations and no other's.</param>
/// <param name="validateOnly">Whether nothing is changed.</param>
sealed class ConfigChanges(ClusterState cluster, Broker broker, bool validateOnly)
{
    internal const sbyte TopicKind = 2;
    internal const sbyte GroupKind = 32;

    const sbyte Set = 0;
    const sbyte Delete = 1;
    const sbyte Append = 2;
    const sbyte Subtract = 3;

    internal (ErrorCode Error, string? Message) Make(sbyte kind, string name, Change[] changes)
    {
        if (changes.Select(static change => change.Name).Distinct(StringComparer.Ordinal).Count() < changes.Length)
            return (ErrorCode.InvalidRequest, "Error due to duplicate config keys");
        if (Array.Find(changes, static change => change.ConfigOperation != Delete && change.Value is null) is { } empty)
            return (ErrorCode.InvalidRequest, $"Null value not supported for : {empty.Name}");
        if (Array.Find(changes, static change => change.ConfigOperation is < Set or > Subtract) is { } strange)
            return (ErrorCode.InvalidRequest, $"Unknown operation type {strange.ConfigOperation}");
        return kind switch
        {
            TopicKind => OfTopic(name, changes),
            DynamicConfigs.BrokerKind => OfBroker(name, changes),
            DynamicConfigs.LoggerKind => OfLoggers(name, changes),
            DynamicConfigs.MetricsKind => OfMetrics(name, changes),
            GroupKind => OfGroup(name, changes),
            _ => (ErrorCode.InvalidRequest, $"Unknown resource type {kind}"),
        };
    }

    (ErrorCode Error, string? Message) OfTopic(string name, Change[] changes)
    {
        if (cluster.FindTopic(name) is not { } topic)
            return (ErrorCode.UnknownTopicOrPartition, $"The topic '{name}' does not exist.");
        if (!TryApply(topic.Settings.Overrides, changes, TopicConfigNames.IsList, TopicConfigNames.DefaultOf, out var values, out var problem)
            || TopicSettings.From(values, out problem) is not { } settings)
            return (ErrorCode.InvalidConfig, problem);
        if (!validateOnly)
            topic.Settings = settings;
        return (ErrorCode.None, null);
    }

    (ErrorCode Error, string? Message) OfBroker(string name, Change[] changes)
    {
        if (name.Length > 0 && NotThisBroker(name) is { } other)
            return other;
        var fixedOnes = changes.Select(static change => change.Name).Where(static change => BrokerConfig.Find(change) is { IsReadOnly: true })
            .Order(StringComparer.Ordinal).ToArray();
        if (fixedOnes.Length > 0)
            return (ErrorCode.InvalidRequest, $"Cannot update these configs dynamically: [{string.Join(", ", fixedOnes)}]");
        // Lists are not among those that are known here, and a name that is not known is somebody's own.
        if (!TryApply(cluster.Configs.Of(DynamicConfigs.BrokerKind, name), changes, static _ => false, static _ => "", out var values, out var problem))
            return (ErrorCode.InvalidConfig, problem);
        foreach (var change in changes)
        {
            if (values.TryGetValue(change.Name, out var value) && BrokerConfig.Find(change.Name) is { } known && !known.Takes(value))
                return (ErrorCode.InvalidRequest, $"Invalid value {value} for configuration {change.Name}");
        }

        if (!validateOnly)
            cluster.SetBrokerConfigs(name, values);
        return (ErrorCode.None, null);
    }

    (ErrorCode Error, string? Message) OfLoggers(string name, Change[] changes)
    {
        if (NotThisBroker(name) is { } other)
            return other;
        foreach (var change in changes)
        {
            if (MistakeOfLogger(change) is { } mistake)
                return mistake;
        }

        TryApply(cluster.Configs.Of(DynamicConfigs.LoggerKind, name), changes, static _ => false, static _ => "", out var levels, out _);
        if (!validateOnly)
            cluster.Configs.Replace(DynamicConfigs.LoggerKind, name, levels);
        return (ErrorCode.None, null);
    }

    static (ErrorCode Error, string? Message)? MistakeOfLogger(Change change)
    {
        if (change.ConfigOperation is Append or Subtract)
            return (ErrorCode.InvalidRequest, $"{(change.ConfigOperation == Append ? "APPEND" : "SUBTRACT")} operation is not allowed for the BROKER_LOGGER resource");
        if (!LoggerLevels.Names.Contains(change.Name))
            return (ErrorCode.InvalidConfig, $"Logger {change.Name} does not exist!");
        if (change.ConfigOperation == Set && !LoggerLevels.IsLevel(change.Value!))
        {
            return (
                ErrorCode.InvalidConfig,
                $"Cannot set the log level of {change.Name} to {change.Value} as it is not a supported log level. Valid log levels are {LoggerLevels.All}.");
        }

        return change.ConfigOperation == Delete && change.Name == LoggerLevels.Root
            ? (ErrorCode.InvalidRequest, "Removing the log level of the root logger is not allowed")
            : null;
    }

    (ErrorCode Error, string? Message) OfMetrics(string name, Change[] changes)
    {
        // The controller does not take the lists of subscriptions for lists.
        if (!TryApply(cluster.Configs.Of(DynamicConfigs.MetricsKind, name), changes, static _ => false, static _ => "", out var values, out var problem))
            return (ErrorCode.InvalidConfig, problem);
        if (name.Length == 0)
            return (ErrorCode.InvalidRequest, "Subscription name can't be empty");
        foreach (var (key, value) in values)
        {
            if (!MetricsConfigNames.IsKnown(key))
                return (ErrorCode.InvalidRequest, $"Unknown client metrics configuration: {key}");
            if (!MetricsConfigNames.IsReadable(key, value))
                return (ErrorCode.InvalidConfig, $"Invalid value {value} for configuration {key}");
            if (!MetricsConfigNames.IsWithinBounds(key, value))
                return (ErrorCode.InvalidRequest, $"Invalid value {value} for {key}, interval must be between 100 and 3600000 (1 hour)");
        }

        if (!validateOnly)
            cluster.Configs.Replace(DynamicConfigs.MetricsKind, name, values);
        return (ErrorCode.None, null);
    }

    (ErrorCode Error, string? Message) OfGroup(string name, Change[] changes)
    {
        if (name.Length == 0)
            return (ErrorCode.InvalidRequest, "Default group resources are not allowed.");
        foreach (var change in changes)
        {
            if (MistakeOfGroup(change) is { } mistake)
                return mistake;
        }

        foreach (var change in changes.Where(_ => !validateOnly))
        {
            if (change.ConfigOperation == Set)
                cluster.GroupConfigs.Set(name, change.Name, change.Value!);
            else
                cluster.GroupConfigs.Reset(name, change.Name);
        }

        return (ErrorCode.None, null);
    }

    static (ErrorCode Error, string? Message)? MistakeOfGroup(Change change)
    {
        if (change.ConfigOperation is not (Set or Delete))
            return (ErrorCode.InvalidConfig, NoList(change));
        if (GroupConfigNames.Find(change.Name) is not { } known)
            return (ErrorCode.InvalidConfig, $"Unknown group config name: {change.Name}");
        return change.ConfigOperation == Delete || (known.IsReadable(change.Value!) && known.IsWithinBounds(change.Value!))
            ? null
            : (ErrorCode.InvalidConfig, $"Invalid value {change.Value} for configuration {change.Name}");
    }

    /// <summary>The broker whose own these are must be asked itself.</summary>
    (ErrorCode Error, string? Message)? NotThisBroker(string name)
    {
        if (!int.TryParse(name, out var node))
            return (ErrorCode.InvalidRequest, $"Node id must be an integer, but it is: {name}");
        return node == broker.NodeId ? null : (ErrorCode.InvalidRequest, $"Unexpected broker id, expected {broker.NodeId}, but received {name}");
    }

    static bool TryApply(
        IReadOnlyDictionary<string, string> before, Change[] changes, Func<string, bool> isList, Func<string, string> defaultOf,
        out SortedDictionary<string, string> after, out string problem)
    {
        after = new SortedDictionary<string, string>(StringComparer.Ordinal);
        problem = "";
        foreach (var (name, value) in before)
            after[name] = value;
        foreach (var change in changes)
        {
            if (change.ConfigOperation is Append or Subtract && !isList(change.Name))
            {
                problem = NoList(change);
                return false;
            }

            if (change.ConfigOperation == Delete)
                after.Remove(change.Name);
            else
                after[change.Name] = Value(change, after.GetValueOrDefault(change.Name) ?? defaultOf(change.Name));
        }

        return true;
    }

    static string Value(Change change, string before) => change.ConfigOperation switch
    {
        Append => ConfigList.Append(before, change.Value!),
        Subtract => ConfigList.Subtract(before, change.Value!),
        _ => change.Value!,
    };

    static string NoList(Change change) => $"Can't {(change.ConfigOperation == Append ? "APPEND to" : "SUBTRACT from")} key {change.Name} because its type is not LIST.";
}
