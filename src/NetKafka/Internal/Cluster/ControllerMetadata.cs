using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Cluster;

/// <summary>
/// What the controllers of a cluster tell of themselves, as brokers tell of the cluster (KIP-919): the nodes are the controllers, and the controller
/// is the active one. They tell of no topics.
/// </summary>
static class ControllerMetadata
{
    /// <summary>What DescribeCluster means by controllers.</summary>
    public const sbyte EndpointType = 2;

    /// <summary>The first DescribeCluster that tells of controllers.</summary>
    public const short MinVersion = 1;

    public static BrokerRequest Ask(TimeSpan timeout, Action<Outcome<MetadataResponse>> onOutcome) => new Exchange<DescribeClusterRequest, DescribeClusterResponse>(
        new DescribeClusterRequest { EndpointType = EndpointType }, outcome => onOutcome(From(outcome))) { MinVersion = MinVersion, Timeout = timeout };

    static Outcome<MetadataResponse> From(Outcome<DescribeClusterResponse> outcome)
    {
        if (outcome is not { HasResponse: true, Response: { } answer })
            return new(null, outcome.Failure, outcome.NodeId, outcome.Version, outcome.Now);
        if (answer.ErrorCode != ErrorCode.None)
        {
            var advice = answer.ErrorCode == ErrorCode.MismatchedEndpointType ? "; BootstrapControllers names a broker's listener, and not a controller's" : "";
            var failure = new RequestFailure(
                RequestFailureReason.Refused, "", $"the controllers were not told: {answer.ErrorCode.KafkaName()} ({answer.ErrorMessage}){advice}", Error: answer.ErrorCode);
            return new(null, failure, outcome.NodeId, outcome.Version, outcome.Now);
        }
        return new(
            new MetadataResponse
            {
                ClusterId = answer.ClusterId,
                ControllerId = answer.ControllerId,
                Brokers = [.. answer.Brokers.Select(static row => new MetadataResponse.MetadataResponseBroker
                {
                    NodeId = row.BrokerId, Host = row.Host, Port = row.Port, Rack = row.Rack,
                })],
            },
            null, outcome.NodeId, outcome.Version, outcome.Now);
    }
}
