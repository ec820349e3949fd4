using System.Globalization;
using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.ListConfigResourcesRequest;
using Response = NetKafka.Protocol.Messages.ListConfigResourcesResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ListConfigResources, every version. Version 0 lists subscriptions to client metrics alone.</summary>
sealed class ListConfigResourcesHandler : ApiHandler<Request, Response>
{
    static readonly sbyte[] Kinds =
    [
        ConfigChanges.TopicKind, DynamicConfigs.BrokerKind, DynamicConfigs.LoggerKind, DynamicConfigs.MetricsKind, ConfigChanges.GroupKind,
    ];

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var asked = call.Request.ResourceTypes;
        if (asked.Except(Kinds).Any())
        {
            call.Answer(Fail(call, ErrorCode.UnsupportedVersion));
            return;
        }

        sbyte[] kinds = call.Version == 0 ? [DynamicConfigs.MetricsKind] : asked.Length == 0 ? Kinds : asked;
        call.Answer(new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            ConfigResources = [.. kinds.Distinct().SelectMany(kind => Names(call.Cluster, kind), static (kind, name) => new Response.ConfigResource
            {
                ResourceType = kind, ResourceName = name,
            })],
        });
    }

    static IEnumerable<string> Names(ClusterState cluster, sbyte kind) => kind switch
    {
        ConfigChanges.TopicKind => cluster.Topics.Select(static topic => topic.Name),
        DynamicConfigs.MetricsKind => cluster.Configs.NamesOf(kind),
        ConfigChanges.GroupKind => cluster.GroupConfigs.Groups,
        _ => cluster.Brokers.Where(static broker => broker.IsUp).Select(static broker => broker.NodeId.ToString(CultureInfo.InvariantCulture)),
    };
}
