using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>What has configurations.</content>
public sealed partial class Admin
{
    // Before it the request was ListClientMetricsResources (KIP-714) and knew nothing else.
    const short FirstListingOfAnyResources = 1;
    const string ResourcesNotListed = "The resources with configurations could not be listed";

    /// <summary>
    /// Lists what has configurations (KIP-1142, ListConfigResources 1; client metrics alone from Kafka 3.7 on, KIP-1000): topics and brokers, those that
    /// have none of their own too; groups and subscriptions to client metrics that have some.
    /// </summary>
    /// <param name="types">Of which kinds; null for all that the broker knows. None succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The resources, by kind and name.</returns>
    /// <exception cref="KafkaException">No broker could be asked, or it is too old to list resources of such a kind (<see cref="ErrorCode.UnsupportedVersion"/>).</exception>
    public ValueTask<IReadOnlyList<ConfigResource>> ListConfigResourcesAsync(IEnumerable<ConfigResourceType>? types = null, CancellationToken cancellation = default)
    {
        var wanted = types?.Distinct().ToArray();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (wanted is { Length: 0 })
            return ValueTask.FromResult<IReadOnlyList<ConfigResource>>([]);
        var isMetricsAlone = wanted is [ConfigResourceType.ClientMetrics];
        return Start<ListConfigResourcesRequest, ListConfigResourcesResponse, IReadOnlyList<ConfigResource>>(cancellation, call => new(call, _machine, _settings)
        {
            What = ResourcesNotListed,
            Target = RequestTarget.AnyBroker,
            MinVersion = isMetricsAlone ? ListConfigResourcesRequest.LowestVersion : FirstListingOfAnyResources,
            Request = version => new ListConfigResourcesRequest
            {
                ResourceTypes = version < FirstListingOfAnyResources || wanted is null ? [] : [.. wanted.Select(static type => (sbyte)type)],
            },
            Take = answer => Step<IReadOnlyList<ConfigResource>>.From(answer.ErrorCode, null, ResourcesNotListed, () =>
            [
                .. answer.ConfigResources.Select(static row => KeyOf(row.ResourceType, row.ResourceName))
                    .OrderBy(static resource => resource.Type).ThenBy(static resource => resource.Name, StringComparer.Ordinal),
            ]),
        });
    }
}
