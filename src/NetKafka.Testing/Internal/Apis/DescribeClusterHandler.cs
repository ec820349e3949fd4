using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// DescribeCluster, every version, of brokers. Left out: controllers as endpoints (answered MISMATCHED_ENDPOINT_TYPE, as a broker
/// does). A broker that is down is fenced, and everything is allowed.
/// </summary>
sealed class DescribeClusterHandler : ApiHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    const sbyte Brokers = 1;
    const sbyte Controllers = 2;
    const int AllClusterOperations = 8096;

    internal override DescribeClusterResponse Fail(Call<DescribeClusterRequest, DescribeClusterResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<DescribeClusterRequest, DescribeClusterResponse> call, long nowMs)
    {
        if (call.Request.EndpointType != Brokers)
        {
            var isController = call.Request.EndpointType == Controllers;
            var refused = Fail(call, isController ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType);
            refused.ErrorMessage = $"The request was sent to an endpoint of type BROKER, not {call.Request.EndpointType}.";
            call.Answer(refused);
            return;
        }

        var view = call.Cluster.ViewOf(call.Broker);
        var up = view.Brokers.Select(broker => broker.NodeId).ToHashSet();
        var fenced = call.Cluster.Brokers.Where(broker => call.Request.IncludeFencedBrokers && broker.IsRegistered && !up.Contains(broker.NodeId));
        call.Answer(new DescribeClusterResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            ClusterId = call.Cluster.Settings.ClusterId,
            ControllerId = view.ControllerId,
            ClusterAuthorizedOperations = call.Request.IncludeClusterAuthorizedOperations ? AllClusterOperations : int.MinValue,
            Brokers =
            [
                .. view.Brokers.Select(broker => new DescribeClusterResponse.DescribeClusterBroker
                {
                    BrokerId = broker.NodeId, Host = broker.Host, Port = broker.Port, Rack = broker.Rack,
                }),
                .. fenced.Select(broker => new DescribeClusterResponse.DescribeClusterBroker
                {
                    BrokerId = broker.NodeId, Host = broker.Host, Port = broker.Port, Rack = broker.Rack, IsFenced = true,
                }),
            ],
        });
    }
}
