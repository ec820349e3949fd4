using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// WriteTxnMarkers, every version, as an administrator sends it (KIP-664): markers of partitions that this broker leads, at once. Left out: offsets
/// of groups, and the wait for the replicas in sync.
/// </summary>
sealed class WriteTxnMarkersHandler : ApiHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>
{
    internal override WriteTxnMarkersResponse Fail(Call<WriteTxnMarkersRequest, WriteTxnMarkersResponse> call, ErrorCode error) =>
        Respond(call, (_, _, _) => error);

    protected override void Handle(Call<WriteTxnMarkersRequest, WriteTxnMarkersResponse> call, long nowMs) =>
        call.Answer(Respond(call, (marker, topic, index) => Write(call, marker, topic, index, nowMs)));

    static ErrorCode Write(
        Call<WriteTxnMarkersRequest, WriteTxnMarkersResponse> call, WriteTxnMarkersRequest.WritableTxnMarker marker, string topic, int index, long nowMs)
    {
        // A broker that holds no replica says the same of a partition that there is elsewhere.
        if (call.Cluster.FindTopic(topic)?.Find(index) is not { } partition || !partition.Replicas.Contains(call.Broker.NodeId))
            return ErrorCode.UnknownTopicOrPartition;
        var error = Leadership.Check(partition, call.Broker, -1);
        if (error != ErrorCode.None)
            return error;
        var producer = partition.Log.Producers.Find(marker.ProducerId);
        if (producer is not null && marker.ProducerEpoch < producer.Epoch)
            return ErrorCode.InvalidProducerEpoch;
        if (producer is not null && marker.CoordinatorEpoch < producer.CoordinatorEpoch)
            return ErrorCode.TransactionCoordinatorFenced;
        call.Cluster.WriteMarker(partition, new(marker.ProducerId, marker.ProducerEpoch), marker.TransactionResult, marker.CoordinatorEpoch, nowMs);
        return ErrorCode.None;
    }

    static WriteTxnMarkersResponse Respond(
        Call<WriteTxnMarkersRequest, WriteTxnMarkersResponse> call, Func<WriteTxnMarkersRequest.WritableTxnMarker, string, int, ErrorCode> write) => new()
    {
        Markers = [.. call.Request.Markers.Select(marker => new WriteTxnMarkersResponse.WritableTxnMarkerResult
        {
            ProducerId = marker.ProducerId,
            Topics = [.. marker.Topics.Select(topic => new WriteTxnMarkersResponse.WritableTxnMarkerTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.PartitionIndexes.Select(index => new WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult
                {
                    PartitionIndex = index, ErrorCode = write(marker, topic.Name, index),
                })],
            })],
        })],
    };
}
