using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// DescribeTopicPartitions, every version, with cursor and limit. Everything is allowed. Left out: eligible leader replicas (empty).
/// </summary>
sealed class DescribeTopicPartitionsHandler : ApiHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    const int MaxPartitions = 2000;

    /// <summary>Everything is allowed; this API tells it unasked.</summary>
    internal const int AllTopicOperations = 3576;

    internal override DescribeTopicPartitionsResponse Fail(
        Call<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic => new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
        {
            Name = topic.Name, ErrorCode = error,
        })],
    };

    protected override void Handle(Call<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> call, long nowMs)
    {
        var view = call.Cluster.ViewOf(call.Broker);
        var cursor = call.Request.Cursor;
        var names = call.Request.Topics.Length == 0 ? [.. view.ByName.Keys] : call.Request.Topics.Select(topic => topic.Name);
        var left = Math.Clamp(call.Request.ResponsePartitionLimit, 1, MaxPartitions);
        var response = new DescribeTopicPartitionsResponse { ThrottleTimeMs = call.ThrottleMs };
        var topics = new List<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic>();
        foreach (var name in names.Distinct().Order(StringComparer.Ordinal))
        {
            if (cursor is not null && string.CompareOrdinal(name, cursor.TopicName) < 0)
                continue;
            var from = cursor?.TopicName == name ? Math.Max(0, cursor.PartitionIndex) : 0;
            if (left == 0)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = from };
                break;
            }

            var topic = Describe(view, name, from, left);
            topics.Add(topic);
            left -= topic.Partitions.Length;
            if (view.ByName.TryGetValue(name, out var whole) && from + topic.Partitions.Length < whole.Partitions.Length)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = from + topic.Partitions.Length };
                break;
            }
        }

        response.Topics = [.. topics];
        call.Answer(response);
    }

    static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Describe(
        MetadataView view, string name, int from, int count)
    {
        if (!view.ByName.TryGetValue(name, out var topic))
        {
            return new()
            {
                Name = name,
                ErrorCode = ClusterState.IsLegalName(name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopicException,
                TopicAuthorizedOperations = AllTopicOperations,
            };
        }

        return new()
        {
            Name = topic.Name,
            TopicId = topic.Id,
            TopicAuthorizedOperations = AllTopicOperations,
            Partitions = [.. topic.Partitions.Skip(from).Take(count).Select(partition =>
                new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition
                {
                    ErrorCode = partition.Leader < 0 ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
                    PartitionIndex = partition.Index,
                    LeaderId = partition.Leader,
                    LeaderEpoch = partition.LeaderEpoch,
                    ReplicaNodes = partition.Replicas,
                    IsrNodes = partition.InSync,
                    EligibleLeaderReplicas = [],
                    LastKnownElr = [],
                    OfflineReplicas = partition.Offline,
                })],
        };
    }
}
