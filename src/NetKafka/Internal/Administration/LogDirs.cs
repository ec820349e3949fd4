using NetKafka.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads log directories from an answer.</summary>
static class LogDirs
{
    public static LogDir From(DescribeLogDirsResponse.DescribeLogDirsResult row) => new(
        row.LogDir,
        [
            .. row.Topics.SelectMany(static topic => topic.Partitions, static (topic, replica) => new LogDirReplica(
                new TopicPartition(topic.Name, replica.PartitionIndex), replica.PartitionSize, replica.OffsetLag, replica.IsFutureKey))
                .OrderBy(static replica => replica.Partition),
        ],
        row.ErrorCode == ErrorCode.None ? null : KafkaErrors.From(row.ErrorCode, null, $"Log directory '{row.LogDir}' cannot be used"))
    {
        TotalBytes = row.TotalBytes < 0 ? null : row.TotalBytes,
        UsableBytes = row.UsableBytes < 0 ? null : row.UsableBytes,
        IsCordoned = row.IsCordoned,
    };
}
