using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// DescribeCluster, every version, of brokers. Left out: controllers as endpoints (answered MISMATCHED_ENDPOINT_TYPE, as a broker
/// does), fenced brokers, authorized operations.
/// </summary>
sealed class DescribeClusterHandler : ApiHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    const sbyte Brokers = 1;
    const sbyte Controllers = 2;

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
        call.Answer(new DescribeClusterResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            ClusterId = call.Cluster.Settings.ClusterId,
            ControllerId = view.ControllerId,
            Brokers = [.. view.Brokers.Select(broker => new DescribeClusterResponse.DescribeClusterBroker
            {
                BrokerId = broker.NodeId, Host = broker.Host, Port = broker.Port, Rack = broker.Rack,
            })],
        });
    }
}
