using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.ShareGroups;
using Request = NetKafka.Protocol.Messages.AlterShareGroupOffsetsRequest;
using Response = NetKafka.Protocol.Messages.AlterShareGroupOffsetsResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// AlterShareGroupOffsets, every version: sets where share partitions begin, while nobody is in the group. As on a broker a group that
/// there is not is created by it.
/// </summary>
sealed class AlterShareGroupOffsetsHandler : ApiHandler<Request, Response>
{
    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var error = ShareGroupChecks.Check(call, call.Request.GroupId);
        var group = error == ErrorCode.None ? call.Cluster.Groups.GetOrAddShare(call.Request.GroupId) : null;
        if (error == ErrorCode.None)
            error = ShareGroupChecks.CheckEmpty(group);
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        call.Answer(new Response { ThrottleTimeMs = call.ThrottleMs, Responses = [.. call.Request.Topics.Select(topic => Alter(call.Cluster, group!, topic))] });
    }

    static Response.AlterShareGroupOffsetsResponseTopic Alter(
        ClusterState cluster, ShareGroup group, Request.AlterShareGroupOffsetsRequestTopic asked)
    {
        var topic = cluster.FindTopic(asked.TopicName);
        return new Response.AlterShareGroupOffsetsResponseTopic
        {
            TopicName = asked.TopicName,
            TopicId = topic?.Id ?? Guid.Empty,
            Partitions = [.. asked.Partitions.Select(partition =>
            {
                var row = new Response.AlterShareGroupOffsetsResponsePartition { PartitionIndex = partition.PartitionIndex };
                if (topic?.Find(partition.PartitionIndex) is null)
                {
                    row.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    return row;
                }

                var key = new TopicIdPartition(topic.Id, partition.PartitionIndex);
                group.SetUp(key);
                cluster.Shares.Reset(group.GroupId, key, partition.StartOffset);
                return row;
            })],
        };
    }
}
