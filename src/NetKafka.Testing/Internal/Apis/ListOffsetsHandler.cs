using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// ListOffsets, every version: earliest, latest, by timestamp, of the maximal timestamp; the tiered specials answer as for a
/// log that is wholly local. Left out: replicas as askers.
/// </summary>
sealed class ListOffsetsHandler : ApiHandler<ListOffsetsRequest, ListOffsetsResponse>
{
    const long Latest = -1;
    const long Earliest = -2;
    const long MaxTimestamp = -3;
    const long EarliestLocal = -4;
    const long LatestTiered = -5;
    const long EarliestPendingUpload = -6;

    internal override ListOffsetsResponse Fail(Call<ListOffsetsRequest, ListOffsetsResponse> call, ErrorCode error) =>
        Respond(call, (_, partition) => Failed(partition.PartitionIndex, error));

    protected override void Handle(Call<ListOffsetsRequest, ListOffsetsResponse> call, long nowMs) =>
        call.Answer(Respond(call, (topic, partition) => Find(call, topic, partition)));

    static ListOffsetsResponse Respond(
        Call<ListOffsetsRequest, ListOffsetsResponse> call,
        Func<string, ListOffsetsRequest.ListOffsetsPartition, ListOffsetsResponse.ListOffsetsPartitionResponse> answer) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Topics = [.. call.Request.Topics.Select(topic => new ListOffsetsResponse.ListOffsetsTopicResponse
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition => answer(topic.Name, partition))],
        })],
    };

    static ListOffsetsResponse.ListOffsetsPartitionResponse Find(
        Call<ListOffsetsRequest, ListOffsetsResponse> call, string topic, ListOffsetsRequest.ListOffsetsPartition asked)
    {
        if (call.Cluster.FindTopic(topic)?.Find(asked.PartitionIndex) is not { } partition)
            return Failed(asked.PartitionIndex, ErrorCode.UnknownTopicOrPartition);
        var error = Leadership.Check(partition, call.Broker, asked.CurrentLeaderEpoch);
        if (error != ErrorCode.None)
            return Failed(asked.PartitionIndex, error);
        if (!IsKnown(asked.Timestamp, call.Version))
            return Failed(asked.PartitionIndex, ErrorCode.UnsupportedVersion);
        var end = call.Request.IsolationLevel == 1 ? partition.LastStableOffset : partition.HighWatermark;
        var found = Find(partition, call.Cluster.Records, asked.Timestamp, end);
        if (call.Version < 4)
            found.LeaderEpoch = -1;
        return found;
    }

    static ListOffsetsResponse.ListOffsetsPartitionResponse Find(
        Partition partition, RecordBytes opener, long timestamp, long end)
    {
        var log = partition.Log;
        switch (timestamp)
        {
            case Latest:
                return Found(partition, -1, end, partition.LeaderEpoch);
            case Earliest or EarliestLocal or EarliestPendingUpload:
                return Found(partition, -1, log.StartOffset, log.Epochs.EarliestEpochAt(log.StartOffset));
            case LatestTiered:
                return Found(partition, -1, -1, -1);
        }

        var found = timestamp == MaxTimestamp
            ? LogSearch.FirstOfMaxTimestamp(log, opener, end)
            : LogSearch.FirstAtOrAfter(log, opener, timestamp);
        return found is { } record && record.Offset < end
            ? Found(partition, record.Timestamp, record.Offset, log.Epochs.EpochOf(record.Offset))
            : Found(partition, -1, -1, -1);
    }

    static bool IsKnown(long timestamp, short version) => timestamp switch
    {
        >= 0 or Latest or Earliest => true,
        MaxTimestamp => version >= 7,
        EarliestLocal => version >= 8,
        LatestTiered => version >= 9,
        EarliestPendingUpload => version >= 11,
        _ => false,
    };

    static ListOffsetsResponse.ListOffsetsPartitionResponse Found(Partition partition, long timestamp, long offset, int epoch) =>
        new() { PartitionIndex = partition.Index, Timestamp = timestamp, Offset = offset, LeaderEpoch = epoch };

    static ListOffsetsResponse.ListOffsetsPartitionResponse Failed(int index, ErrorCode error) =>
        new() { PartitionIndex = index, ErrorCode = error };
}
