using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>The cluster.</content>
public sealed partial class Admin
{
    const short FirstDescriptionWithFencedBrokers = 2;
    const sbyte EndpointOfBrokers = 1;
    const string ClusterNotDescribed = "The cluster could not be described";

    short OldestDescription => _runtime.Options.IsOfControllers ? ControllerMetadata.MinVersion : DescribeClusterRequest.LowestVersion;

    /// <summary>
    /// Describes the cluster: its id, its controller and its brokers. Of a client that talks to controllers
    /// (<see cref="KafkaClientOptions.BootstrapControllers"/>) these are the controllers, and the one that is active.
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The cluster as the broker that answered sees it.</returns>
    /// <exception cref="KafkaException">No broker could be asked.</exception>
    public ValueTask<ClusterDescription> DescribeClusterAsync(CancellationToken cancellation = default) => DescribeCluster(cancellation);

    /// <summary>Describes the cluster, with brokers that are away too, or with what this client may do to it (Kafka 2.8 and later).</summary>
    /// <param name="includeFencedBrokers">
    /// Whether brokers are told of that are registered and serve nobody at present (KIP-1073; Kafka 4.0 and later).
    /// </param>
    /// <param name="includeAuthorizedOperations">Whether it is told what this client may do to the cluster. Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The cluster as the broker that answered sees it.</returns>
    /// <exception cref="KafkaException">No broker could be asked, or it is too old to tell.</exception>
    public ValueTask<ClusterDescription> DescribeClusterAsync(
        bool includeFencedBrokers, bool includeAuthorizedOperations = false, CancellationToken cancellation = default) =>
        DescribeCluster(includeFencedBrokers, includeAuthorizedOperations, cancellation);

    ValueTask<ClusterDescription> DescribeCluster(CallScope scope) => _runtime.Options.IsOfControllers
        ? DescribeCluster(includeFencedBrokers: false, includeAuthorizedOperations: false, scope)
        : Start<MetadataRequest, MetadataResponse, ClusterDescription>(scope, call => new(call, _machine, _settings)
        {
            What = ClusterNotDescribed,
            Target = RequestTarget.AnyBroker,
            MinVersion = MinMetadataVersion,
            Request = _ => new MetadataRequest { Topics = [], AllowAutoTopicCreation = false },
            Take = answer => Step<ClusterDescription>.Done(TopicDescriptions.ClusterFrom(answer)),
        });

    ValueTask<ClusterDescription> DescribeCluster(bool includeFencedBrokers, bool includeAuthorizedOperations, CallScope scope) =>
        Start<DescribeClusterRequest, DescribeClusterResponse, ClusterDescription>(scope, call => new(call, _machine, _settings)
        {
            What = ClusterNotDescribed,
            Target = RequestTarget.AnyBroker,
            MinVersion = includeFencedBrokers ? FirstDescriptionWithFencedBrokers : OldestDescription,
            Request = _ => new DescribeClusterRequest
            {
                IncludeFencedBrokers = includeFencedBrokers,
                IncludeClusterAuthorizedOperations = includeAuthorizedOperations,
                EndpointType = _runtime.Options.IsOfControllers ? ControllerMetadata.EndpointType : EndpointOfBrokers,
            },
            Take = answer => Step<ClusterDescription>.From(
                answer.ErrorCode, answer.ErrorMessage, ClusterNotDescribed, () => TopicDescriptions.ClusterFrom(answer, includeAuthorizedOperations)),
        });
}
