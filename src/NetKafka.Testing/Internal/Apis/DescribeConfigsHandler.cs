using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using Response = NetKafka.Protocol.Messages.DescribeConfigsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// DescribeConfigs, every version: of topics all, of groups and brokers those that are known here. Left out: other kinds of resources,
/// synonyms, documentation.
/// </summary>
sealed class DescribeConfigsHandler : ApiHandler<DescribeConfigsRequest, Response>
{
    const sbyte TopicKind = 2;
    const sbyte BrokerKind = 4;
    internal const sbyte GroupKind = 32;
    const sbyte FromTopic = 1;
    const sbyte FromDefault = 5;
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
            case TopicKind:
                return call.Cluster.FindTopic(resource.ResourceName) is { } topic
                    ? Found(resource, TopicConfigNames.Defaults.Select(config => OfTopic(topic, config)))
                    : Failed(resource, ErrorCode.UnknownTopicOrPartition, null);
            case BrokerKind:
                return resource.ResourceName.Length == 0 || resource.ResourceName == Text(call.Broker.NodeId)
                    ? Found(resource, OfBroker(call.Cluster.Settings))
                    : Failed(
                        resource,
                        ErrorCode.InvalidRequest,
                        $"Unexpected broker id, expected {call.Broker.NodeId} or empty, but received {resource.ResourceName}");
            case GroupKind:
                return resource.ResourceName.Length == 0
                    ? Failed(resource, ErrorCode.InvalidRequest, "Group name must not be empty")
                    : Found(resource, GroupConfigNames.All.Select(config => OfGroup(call.Cluster, resource.ResourceName, config)));
            default:
                return Failed(
                    resource, ErrorCode.InvalidRequest, $"Resource type {resource.ResourceType} is not described here.");
        }
    }

    static Response.DescribeConfigsResourceResult OfTopic(Topic topic, (string Name, string Default, sbyte Type) config) => new()
    {
        Name = config.Name,
        Value = topic.Settings.Overrides.GetValueOrDefault(config.Name, config.Default),
        ConfigSource = topic.Settings.Overrides.ContainsKey(config.Name) ? FromTopic : FromDefault,
        ConfigType = config.Type,
    };

    static Response.DescribeConfigsResourceResult OfGroup(ClusterState cluster, string groupId, GroupConfig config) => new()
    {
        Name = config.Name,
        Value = cluster.GroupConfigs.Value(groupId, config.Name),
        ConfigSource = cluster.GroupConfigs.Override(groupId, config.Name) is null ? FromDefault : FromGroup,
        ConfigType = config.Type,
    };

    static IEnumerable<Response.DescribeConfigsResourceResult> OfBroker(ClusterSettings settings)
    {
        yield return Broker("auto.create.topics.enable", settings.AutoCreateTopics ? "true" : "false", 1);
        yield return Broker("default.replication.factor", Text(settings.DefaultReplicationFactor), 3);
        yield return Broker("group.initial.rebalance.delay.ms", Text(settings.InitialRebalanceDelayMs), 3);
        yield return Broker("group.max.session.timeout.ms", Text(settings.MaxSessionTimeoutMs), 3);
        yield return Broker("group.min.session.timeout.ms", Text(settings.MinSessionTimeoutMs), 3);
        yield return Broker("message.max.bytes", Text(settings.MaxMessageBytes), 3);
        yield return Broker("min.insync.replicas", Text(settings.MinInSyncReplicas), 3);
        yield return Broker("num.partitions", Text(settings.DefaultPartitions), 3);
    }

    static string Text(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static Response.DescribeConfigsResourceResult Broker(string name, string value, sbyte type) =>
        new() { Name = name, Value = value, ReadOnly = true, ConfigSource = FromDefault, ConfigType = type };

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
