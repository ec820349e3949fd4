using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using Asked = NetKafka.Protocol.Messages.DeleteRecordsRequest.DeleteRecordsPartition;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DeleteRecords, every version: the start of the log moves at once. Left out: the timeout.</summary>
sealed class DeleteRecordsHandler : ApiHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    const long HighWatermark = -1;

    internal override DeleteRecordsResponse Fail(Call<DeleteRecordsRequest, DeleteRecordsResponse> call, ErrorCode error) =>
        Respond(call, (_, partition) => Failed(partition, error));

    protected override void Handle(Call<DeleteRecordsRequest, DeleteRecordsResponse> call, long nowMs) =>
        call.Answer(Respond(call, (topic, partition) => Delete(call, topic, partition, nowMs)));

    static DeleteRecordsResponse.DeleteRecordsPartitionResult Delete(
        Call<DeleteRecordsRequest, DeleteRecordsResponse> call,
        string topic,
        Asked asked,
        long nowMs)
    {
        if (call.Cluster.FindTopic(topic)?.Find(asked.PartitionIndex) is not { } partition)
            return Failed(asked, ErrorCode.UnknownTopicOrPartition);
        var error = Leadership.Check(partition, call.Broker, -1);
        if (error != ErrorCode.None)
            return Failed(asked, error);
        var offset = asked.Offset == HighWatermark ? partition.HighWatermark : asked.Offset;
        if (offset < 0 || offset > partition.HighWatermark)
            return Failed(asked, ErrorCode.OffsetOutOfRange);
        ClusterState.DeleteRecords(partition, offset, nowMs);
        return new() { PartitionIndex = asked.PartitionIndex, LowWatermark = partition.Log.StartOffset };
    }

    static DeleteRecordsResponse Respond(
        Call<DeleteRecordsRequest, DeleteRecordsResponse> call,
        Func<string, Asked, DeleteRecordsResponse.DeleteRecordsPartitionResult> delete) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
        {
            Name = topic.Name, Partitions = [.. topic.Partitions.Select(partition => delete(topic.Name, partition))],
        })],
    };

    static DeleteRecordsResponse.DeleteRecordsPartitionResult Failed(
        Asked asked, ErrorCode error) =>
        new() { PartitionIndex = asked.PartitionIndex, LowWatermark = -1, ErrorCode = error };
}
