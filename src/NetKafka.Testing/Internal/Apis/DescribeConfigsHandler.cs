using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using Response = NetKafka.Protocol.Messages.DescribeConfigsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// DescribeConfigs, every version: of topics all, of others those that are known here, and what they were set to. Left out: synonyms,
/// documentation.
/// </summary>
sealed class DescribeConfigsHandler : ApiHandler<DescribeConfigsRequest, Response>
{
    const sbyte FromTopic = 1;
    const sbyte FromBroker = 2;
    const sbyte FromAllBrokers = 3;
    const sbyte FromDefault = 5;
    const sbyte FromLogger = 6;
    const sbyte FromMetrics = 7;
    const sbyte FromGroup = 8;

    internal override Response Fail(Call<DescribeConfigsRequest, Response> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs, Results = [.. call.Request.Resources.Select(resource => Failed(resource, error, null))],
    };

    protected override void Handle(Call<DescribeConfigsRequest, Response> call, long nowMs) => call.Answer(new Response
    {
        ThrottleTimeMs = call.ThrottleMs, Results = [.. call.Request.Resources.Select(resource => Describe(call, resource))],
    });

    static Response.DescribeConfigsResult Describe(
        Call<DescribeConfigsRequest, Response> call, DescribeConfigsRequest.DescribeConfigsResource resource)
    {
        switch (resource.ResourceType)
        {
            case ConfigChanges.TopicKind:
                return call.Cluster.FindTopic(resource.ResourceName) is { } topic
                    ? Found(resource, TopicConfigNames.Defaults.Select(config => OfTopic(call.Cluster, topic, config)))
                    : Failed(resource, ErrorCode.UnknownTopicOrPartition, null);
            case DynamicConfigs.BrokerKind:
                if (resource.ResourceName.Length == 0)
                    return Found(resource, OfAllBrokers(call.Cluster));
                return NotThisBroker(call, resource) ?? Found(resource, OfBroker(call.Cluster, resource.ResourceName));
            case DynamicConfigs.LoggerKind:
                return NotThisBroker(call, resource) ?? Found(resource, LoggerLevels.Names.Select(logger => OfLogger(call.Cluster, resource.ResourceName, logger)));
            case DynamicConfigs.MetricsKind:
                return resource.ResourceName.Length == 0
                    ? Failed(resource, ErrorCode.InvalidRequest, "Client metrics subscription name must not be empty")
                    : Found(resource, MetricsConfigNames.All.Select(config => OfMetrics(call.Cluster, resource.ResourceName, config)));
            case ConfigChanges.GroupKind:
                return resource.ResourceName.Length == 0
                    ? Failed(resource, ErrorCode.InvalidRequest, "Group name must not be empty")
                    : Found(resource, GroupConfigNames.All.Select(config => OfGroup(call.Cluster, resource.ResourceName, config)));
            default:
                return Failed(
                    resource, ErrorCode.InvalidRequest, $"Resource type {resource.ResourceType} is not described here.");
        }
    }

    static Response.DescribeConfigsResult? NotThisBroker(
        Call<DescribeConfigsRequest, Response> call, DescribeConfigsRequest.DescribeConfigsResource resource) =>
        resource.ResourceName == Text(call.Broker.NodeId)
            ? null
            : Failed(resource, ErrorCode.InvalidRequest, $"Unexpected broker id, expected {call.Broker.NodeId} or empty, but received {resource.ResourceName}");

    static Response.DescribeConfigsResourceResult OfTopic(ClusterState cluster, Topic topic, (string Name, string Default, sbyte Type) config)
    {
        var own = topic.Settings.Overrides.GetValueOrDefault(config.Name);
        var ofBrokers = own is null && TopicConfigNames.OfBrokers(config.Name) is { } name ? cluster.Configs.Of(DynamicConfigs.BrokerKind, "").GetValueOrDefault(name) : null;
        return new()
        {
            Name = config.Name,
            Value = own ?? ofBrokers ?? config.Default,
            ConfigSource = own is not null ? FromTopic : ofBrokers is not null ? FromAllBrokers : FromDefault,
            ConfigType = config.Type,
        };
    }

    static Response.DescribeConfigsResourceResult OfGroup(ClusterState cluster, string groupId, GroupConfig config) => new()
    {
        Name = config.Name,
        Value = cluster.GroupConfigs.Value(groupId, config.Name),
        ConfigSource = cluster.GroupConfigs.Override(groupId, config.Name) is null ? FromDefault : FromGroup,
        ConfigType = config.Type,
    };

    static IEnumerable<Response.DescribeConfigsResourceResult> OfBroker(ClusterState cluster, string name)
    {
        var (own, ofAll) = (cluster.Configs.Of(DynamicConfigs.BrokerKind, name), cluster.Configs.Of(DynamicConfigs.BrokerKind, ""));
        return BrokerConfig.All
            .Select(config => Row(
                config, own.GetValueOrDefault(config.Name) ?? ofAll.GetValueOrDefault(config.Name) ?? cluster.StaticValue(config),
                own.ContainsKey(config.Name) ? FromBroker : ofAll.ContainsKey(config.Name) ? FromAllBrokers : FromDefault))
            .Concat(own.Keys.Union(ofAll.Keys).Where(static key => BrokerConfig.Find(key) is null).Select(key => Unknown(key, own.ContainsKey(key) ? FromBroker : FromAllBrokers)));
    }

    static IEnumerable<Response.DescribeConfigsResourceResult> OfAllBrokers(ClusterState cluster) =>
        cluster.Configs.Of(DynamicConfigs.BrokerKind, "").Select(static entry =>
            BrokerConfig.Find(entry.Key) is { } config ? Row(config, entry.Value, FromAllBrokers) : Unknown(entry.Key, FromAllBrokers));

    static Response.DescribeConfigsResourceResult OfLogger(ClusterState cluster, string broker, string logger)
    {
        var levels = cluster.Configs.Of(DynamicConfigs.LoggerKind, broker);
        return new()
        {
            Name = logger,
            Value = levels.GetValueOrDefault(logger) ?? levels.GetValueOrDefault(LoggerLevels.Root) ?? LoggerLevels.Default,
            ConfigSource = FromLogger,
        };
    }

    static Response.DescribeConfigsResourceResult OfMetrics(ClusterState cluster, string name, (string Name, string Default, sbyte Type) config)
    {
        var own = cluster.Configs.Of(DynamicConfigs.MetricsKind, name).GetValueOrDefault(config.Name);
        return new() { Name = config.Name, Value = own ?? config.Default, ConfigSource = own is null ? FromDefault : FromMetrics, ConfigType = config.Type };
    }

    static Response.DescribeConfigsResourceResult Row(BrokerConfig config, string value, sbyte source) =>
        new() { Name = config.Name, Value = value, ReadOnly = config.IsReadOnly, ConfigSource = source, ConfigType = config.Type };

    /// <summary>What brokers do not know may be a secret.</summary>
    static Response.DescribeConfigsResourceResult Unknown(string name, sbyte source) =>
        new() { Name = name, Value = null, ReadOnly = true, IsSensitive = true, ConfigSource = source };

    static string Text(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static Response.DescribeConfigsResult Found(
        DescribeConfigsRequest.DescribeConfigsResource resource,
        IEnumerable<Response.DescribeConfigsResourceResult> configs) => new()
    {
        ResourceType = resource.ResourceType,
        ResourceName = resource.ResourceName,
        Configs = [.. configs.Where(config => resource.ConfigurationKeys is not { } keys || keys.Contains(config.Name))],
    };

    static Response.DescribeConfigsResult Failed(
        DescribeConfigsRequest.DescribeConfigsResource resource, ErrorCode error, string? message) => new()
    {
        ErrorCode = error, ErrorMessage = message, ResourceType = resource.ResourceType, ResourceName = resource.ResourceName,
    };
}
