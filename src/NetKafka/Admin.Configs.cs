using System.Globalization;
using NetKafka.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Configurations.</content>
public sealed partial class Admin
{
    /// <summary>Describes the configurations of topics, brokers, groups, loggers and subscriptions to client metrics.</summary>
    /// <param name="resources">What they belong to; none succeeds without a request. A broker and its loggers are asked of that broker.</param>
    /// <param name="includeSynonyms">Whether all values are told that each would have. Default: false.</param>
    /// <param name="includeDocumentation">Whether Kafka's words on each are told (Kafka 2.6 and later). Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each resource, in the order given, its configurations by name, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<ConfigResource, IReadOnlyList<ConfigEntry>>>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources, bool includeSynonyms = false, bool includeDocumentation = false, CancellationToken cancellation = default)
    {
        var items = Items<ConfigResource, IReadOnlyList<ConfigEntry>>(resources, static resource => $"The configurations of {resource} could not be described");
        FailNodesThatAreNone(items);
        return AskEach<ConfigResource, IReadOnlyList<ConfigEntry>, DescribeConfigsRequest, DescribeConfigsResponse>(
            items, ToOwner(),
            (_, keys) => new DescribeConfigsRequest
            {
                Resources = [.. keys.Select(static key => new DescribeConfigsRequest.DescribeConfigsResource
                {
                    ResourceType = (sbyte)key.Type, ResourceName = key.Name, ConfigurationKeys = null,
                })],
                IncludeSynonyms = includeSynonyms,
                IncludeDocumentation = includeDocumentation,
            },
            (answer, _, _) =>
            {
                foreach (var row in answer.Results)
                    items.Take(KeyOf(row.ResourceType, row.ResourceName), row.ErrorCode, row.ErrorMessage, () => Entries(row));
            },
            cancellation);
    }

    /// <summary>Changes configurations one by one and leaves all others as they are (KIP-339; Kafka 2.3 and later).</summary>
    /// <param name="changes">
    /// What is changed of which resource; none succeeds without a request. A broker and its loggers are changed by that broker, all others by the
    /// controller. Changes of one resource are made together or not at all.
    /// </param>
    /// <param name="validateOnly">Only asks whether they could be made. Default: false.</param>
    /// <param name="cancellation">Ends the wait; the changes may be made all the same.</param>
    /// <returns>The outcome for each resource, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<ConfigResource>>> AlterConfigsAsync(
        IReadOnlyDictionary<ConfigResource, IReadOnlyList<ConfigChange>> changes, bool validateOnly = false, CancellationToken cancellation = default)
    {
        var items = Items<ConfigResource, bool>(changes.Keys, static resource => $"The configurations of {resource} could not be changed");
        FailNodesThatAreNone(items);
        return Outcomes(AskEach<ConfigResource, bool, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
            items, ToChanger(),
            (_, keys) => new IncrementalAlterConfigsRequest
            {
                Resources = [.. keys.Select(key => new IncrementalAlterConfigsRequest.AlterConfigsResource
                {
                    ResourceType = (sbyte)key.Type,
                    ResourceName = key.Name,
                    Configs = [.. changes[key].Select(static change => new IncrementalAlterConfigsRequest.AlterableConfig
                    {
                        Name = change.Name, ConfigOperation = (sbyte)change.Operation, Value = change.Value,
                    })],
                })],
                ValidateOnly = validateOnly,
            },
            (answer, _, _) =>
            {
                foreach (var row in answer.Responses)
                    items.Take(KeyOf(row.ResourceType, row.ResourceName), row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation));
    }

    static ConfigResource KeyOf(sbyte type, string name) => new((ConfigResourceType)type, name);

    static AdminRoute<ConfigResource> ToOwner() => new NodeRoute<ConfigResource>(static resource => NodeOf(resource) ?? -1);

    /// <summary>Controllers describe themselves, and the active one changes all but the loggers of the others.</summary>
    AdminRoute<ConfigResource> ToChanger() => _runtime.Options.IsOfControllers
        ? new NodeRoute<ConfigResource>(static resource => resource.Type == ConfigResourceType.BrokerLogger ? NodeOf(resource) ?? -1 : -1, RequestTarget.Controller)
        : ToOwner();

    /// <summary>The broker whose own configurations these are; null for what any broker knows.</summary>
    static int? NodeOf(ConfigResource resource) =>
        resource.Type is ConfigResourceType.Broker or ConfigResourceType.BrokerLogger
        && int.TryParse(resource.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var node) ? node : null;

    static void FailNodesThatAreNone<TValue>(Internal.Administration.AdminItems<ConfigResource, TValue> items) => FailMistakes(items, static resource =>
        (resource.Type == ConfigResourceType.BrokerLogger || (resource.Type == ConfigResourceType.Broker && resource.Name.Length > 0)) && NodeOf(resource) is null
            ? $"'{resource.Name}' is no node id"
            : null);

    static ConfigEntry[] Entries(DescribeConfigsResponse.DescribeConfigsResult row) =>
    [
        .. row.Configs.OrderBy(static config => config.Name, StringComparer.Ordinal).Select(static config => new ConfigEntry(
            config.Name, config.Value, (ConfigSource)config.ConfigSource, (ConfigValueType)config.ConfigType)
        {
            IsReadOnly = config.ReadOnly,
            IsSensitive = config.IsSensitive,
            Documentation = string.IsNullOrEmpty(config.Documentation) ? null : config.Documentation,
            Synonyms = [.. config.Synonyms.Select(static synonym => new ConfigSynonym(synonym.Name, synonym.Value, (ConfigSource)synonym.Source))],
        }),
    ];
}
