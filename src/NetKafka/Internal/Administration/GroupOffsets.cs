using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads committed offsets from answers of both forms.</summary>
static class GroupOffsets
{
    public static (TopicPartition Partition, GroupOffset Offset, ErrorCode Error)[] From(OffsetFetchResponse answer) =>
    [
        .. answer.Topics.SelectMany(static topic => topic.Partitions, static (topic, row) => (
            new TopicPartition(topic.Name, row.PartitionIndex), new GroupOffset(row.CommittedOffset, row.CommittedLeaderEpoch, row.Metadata ?? ""), row.ErrorCode)),
    ];

    public static (TopicPartition Partition, GroupOffset Offset, ErrorCode Error)[] From(OffsetFetchResponse.OffsetFetchResponseGroup group) =>
    [
        .. group.Topics.SelectMany(static topic => topic.Partitions, static (topic, row) => (
            new TopicPartition(topic.Name, row.PartitionIndex), new GroupOffset(row.CommittedOffset, row.CommittedLeaderEpoch, row.Metadata ?? ""), row.ErrorCode)),
    ];
}
