using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using Asked = NetKafka.Protocol.Messages.OffsetForLeaderEpochRequest.OffsetForLeaderPartition;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>OffsetForLeaderEpoch, every version, for consumers. Left out: replicas as askers.</summary>
sealed class OffsetForLeaderEpochHandler : ApiHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    internal override OffsetForLeaderEpochResponse Fail(
        Call<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> call, ErrorCode error) =>
        Respond(call, (_, partition) => Failed(partition, error));

    protected override void Handle(Call<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> call, long nowMs) =>
        call.Answer(Respond(call, (topic, partition) => Find(call, topic, partition)));

    static OffsetForLeaderEpochResponse.EpochEndOffset Find(
        Call<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> call,
        string topic,
        Asked asked)
    {
        if (call.Cluster.FindTopic(topic)?.Find(asked.Partition) is not { } partition)
            return Failed(asked, ErrorCode.UnknownTopicOrPartition);
        var error = Leadership.Check(partition, call.Broker, asked.CurrentLeaderEpoch);
        if (error != ErrorCode.None)
            return Failed(asked, error);
        var end = partition.Log.Epochs.EndOffsetFor(asked.LeaderEpoch, partition.Log.EndOffset);
        return new OffsetForLeaderEpochResponse.EpochEndOffset
        {
            Partition = asked.Partition, LeaderEpoch = end.Epoch, EndOffset = end.EndOffset,
        };
    }

    static OffsetForLeaderEpochResponse Respond(
        Call<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> call,
        Func<string, Asked, OffsetForLeaderEpochResponse.EpochEndOffset> find) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
        {
            Topic = topic.Topic, Partitions = [.. topic.Partitions.Select(partition => find(topic.Topic, partition))],
        })],
    };

    static OffsetForLeaderEpochResponse.EpochEndOffset Failed(
        Asked asked, ErrorCode error) =>
        new() { Partition = asked.Partition, ErrorCode = error };
}
