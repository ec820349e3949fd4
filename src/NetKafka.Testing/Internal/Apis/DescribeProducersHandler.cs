using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeProducers, every version: by any replica, which here knows what the leader does.</summary>
sealed class DescribeProducersHandler : ApiHandler<DescribeProducersRequest, DescribeProducersResponse>
{
    internal override DescribeProducersResponse Fail(Call<DescribeProducersRequest, DescribeProducersResponse> call, ErrorCode error) =>
        Respond(call, (_, partition) => new() { PartitionIndex = partition, ErrorCode = error });

    protected override void Handle(Call<DescribeProducersRequest, DescribeProducersResponse> call, long nowMs) =>
        call.Answer(Respond(call, (topic, partition) => Describe(call, topic, partition)));

    static DescribeProducersResponse.PartitionResponse Describe(Call<DescribeProducersRequest, DescribeProducersResponse> call, string topic, int index)
    {
        if (call.Cluster.FindTopic(topic)?.Find(index) is not { } partition)
            return new() { PartitionIndex = index, ErrorCode = ErrorCode.UnknownTopicOrPartition };
        if (!partition.Replicas.Contains(call.Broker.NodeId))
            return new() { PartitionIndex = index, ErrorCode = ErrorCode.NotLeaderOrFollower };
        return new()
        {
            PartitionIndex = index,
            ActiveProducers = [.. partition.Log.Producers.All.Select(static producer => new DescribeProducersResponse.ProducerState
            {
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.Epoch,
                LastSequence = producer.HasBatches ? producer.LastSequence : -1,
                LastTimestamp = producer.LastTimestampMs,
                CoordinatorEpoch = producer.CoordinatorEpoch,
                CurrentTxnStartOffset = producer.TransactionFirstOffset,
            })],
        };
    }

    static DescribeProducersResponse Respond(
        Call<DescribeProducersRequest, DescribeProducersResponse> call, Func<string, int, DescribeProducersResponse.PartitionResponse> describe) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic => new DescribeProducersResponse.TopicResponse
        {
            Name = topic.Name, Partitions = [.. topic.PartitionIndexes.Select(partition => describe(topic.Name, partition))],
        })],
    };
}
