using NetKafka.Administration;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>The cluster.</content>
public sealed partial class Admin
{
    const short FirstDescriptionWithFencedBrokers = 2;
    const string ClusterNotDescribed = "The cluster could not be described";

    /// <summary>Describes the cluster: its id, its controller and its brokers.</summary>
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
        Start<DescribeClusterRequest, DescribeClusterResponse, ClusterDescription>(cancellation, call => new(call, _machine, _settings)
        {
            What = ClusterNotDescribed,
            Target = RequestTarget.AnyBroker,
            MinVersion = includeFencedBrokers ? FirstDescriptionWithFencedBrokers : DescribeClusterRequest.LowestVersion,
            Request = _ => new DescribeClusterRequest
            {
                IncludeFencedBrokers = includeFencedBrokers, IncludeClusterAuthorizedOperations = includeAuthorizedOperations,
            },
            Take = answer => Step<ClusterDescription>.From(
                answer.ErrorCode, answer.ErrorMessage, ClusterNotDescribed, () => TopicDescriptions.ClusterFrom(answer, includeAuthorizedOperations)),
        });

    ValueTask<ClusterDescription> DescribeCluster(CallScope scope) =>
        Start<MetadataRequest, MetadataResponse, ClusterDescription>(scope, call => new(call, _machine, _settings)
        {
            What = ClusterNotDescribed,
            Target = RequestTarget.AnyBroker,
            MinVersion = MinMetadataVersion,
            Request = _ => new MetadataRequest { Topics = [], AllowAutoTopicCreation = false },
            Take = answer => Step<ClusterDescription>.Done(TopicDescriptions.ClusterFrom(answer)),
        });
}
