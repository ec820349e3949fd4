using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>OffsetDelete, every version: not of topics that a member of the group subscribes to.</summary>
sealed class OffsetDeleteHandler : ApiHandler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    internal override OffsetDeleteResponse Fail(Call<OffsetDeleteRequest, OffsetDeleteResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<OffsetDeleteRequest, OffsetDeleteResponse> call, long nowMs)
    {
        var groups = call.Cluster.Groups;
        var error = groups.Check(call.Request.GroupId, call.Broker);
        var group = groups.Find(call.Request.GroupId);
        if (error == ErrorCode.None)
            error = group?.CheckOffsetDelete() ?? ErrorCode.GroupIdNotFound;
        if (error != ErrorCode.None)
        {
            call.Answer(Fail(call, error));
            return;
        }

        call.Answer(new OffsetDeleteResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Topics = [.. call.Request.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex, ErrorCode = Delete(topic.Name, partition.PartitionIndex),
                })],
            })],
        });

        ErrorCode Delete(string topic, int partition)
        {
            if (call.Cluster.FindTopic(topic)?.Find(partition) is null)
                return ErrorCode.UnknownTopicOrPartition;
            if (group!.IsSubscribedTo(topic))
                return ErrorCode.GroupSubscribedToTopic;
            group.Offsets.Delete(topic, partition);
            return ErrorCode.None;
        }
    }
}
