using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.ListPartitionReassignmentsRequest;
using Response = NetKafka.Protocol.Messages.ListPartitionReassignmentsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ListPartitionReassignments, every version, asked of any broker. Left out: the timeout.</summary>
sealed class ListPartitionReassignmentsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(new Response
    {
        ThrottleTimeMs = call.ThrottleMs,
        ErrorMessage = null,
        Topics = [.. call.Cluster.Topics
            .Select(topic => new Response.OngoingTopicReassignment
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Where(partition => partition.IsReassigned && IsAsked(call.Request, partition)).Select(static partition =>
                    new Response.OngoingPartitionReassignment
                    {
                        PartitionIndex = partition.Index,
                        Replicas = partition.Replicas,
                        AddingReplicas = partition.Adding,
                        RemovingReplicas = partition.Removing,
                    })],
            })
            .Where(static topic => topic.Partitions.Length > 0)],
    });

    static bool IsAsked(Request request, Partition partition) => request.Topics is null
        || request.Topics.Any(topic => topic.Name == partition.Topic.Name && topic.PartitionIndexes.Contains(partition.Index));
}
