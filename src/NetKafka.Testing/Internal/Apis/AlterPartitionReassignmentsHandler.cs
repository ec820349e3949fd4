using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.AlterPartitionReassignmentsRequest;
using Response = NetKafka.Protocol.Messages.AlterPartitionReassignmentsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// AlterPartitionReassignments, every version, asked of any broker. A move is over at once where the brokers that get replicas are up, and else when
/// they come back. Left out: the timeout.
/// </summary>
sealed class AlterPartitionReassignmentsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, AllowReplicationFactorChange = call.Request.AllowReplicationFactorChange };

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(new Response
    {
        ThrottleTimeMs = call.ThrottleMs,
        AllowReplicationFactorChange = call.Request.AllowReplicationFactorChange,
        Responses = [.. call.Request.Topics.Select(topic => new Response.ReassignableTopicResponse
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(row =>
            {
                var (error, message) = Alter(call.Cluster, topic.Name, row, call.Request.AllowReplicationFactorChange, nowMs);
                return new Response.ReassignablePartitionResponse { PartitionIndex = row.PartitionIndex, ErrorCode = error, ErrorMessage = message };
            })],
        })],
    });

    static (ErrorCode Error, string? Message) Alter(ClusterState cluster, string name, Request.ReassignablePartition row, bool allowsFactorChange, long nowMs)
    {
        if (cluster.FindTopic(name) is not { } topic)
            return (ErrorCode.UnknownTopicOrPartition, $"Unable to find a topic named {name}.");
        if (topic.Find(row.PartitionIndex) is not { } partition)
            return (ErrorCode.UnknownTopicOrPartition, $"Unable to find partition {name}:{row.PartitionIndex}.");
        return row.Replicas is null
            ? cluster.CancelReassignment(partition, nowMs)
            : cluster.Reassign(partition, row.Replicas, allowsFactorChange, nowMs);
    }
}
