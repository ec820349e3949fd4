using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Internal.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Records and offsets of partitions.</content>
public sealed partial class Admin
{
    /// <summary>Deletes the records of partitions that lie before an offset (KIP-107).</summary>
    /// <param name="offsets">
    /// The first offset of each partition that stays; −1 means the high watermark, so that nothing stays. None succeeds without a request.
    /// </param>
    /// <param name="cancellation">Ends the wait; the records may be deleted all the same.</param>
    /// <returns>For each partition, in the order given, its first offset from now on, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<TopicPartition, long>>> DeleteRecordsAsync(
        IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellation = default)
    {
        var wanted = offsets.ToList();
        var before = new Dictionary<TopicPartition, long>();
        foreach (var offset in wanted)
            before[offset.TopicPartition] = offset.Offset;
        static string What(TopicPartition partition) => $"The records of {partition} could not be deleted";
        var items = Items<TopicPartition, long>(wanted.Select(static offset => offset.TopicPartition), What);
        return AskEach<TopicPartition, long, DeleteRecordsRequest, DeleteRecordsResponse>(
            items, ToLeader<TopicPartition>(static partition => partition, What),
            (_, partitions) => new DeleteRecordsRequest
            {
                Topics = [.. partitions.GroupBy(static partition => partition.Topic).Select(topic => new DeleteRecordsRequest.DeleteRecordsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => new DeleteRecordsRequest.DeleteRecordsPartition
                    {
                        PartitionIndex = partition.Partition, Offset = before[partition],
                    })],
                })],
                TimeoutMs = TimeoutMs,
            },
            (answer, _, _) =>
            {
                foreach (var topic in answer.Topics)
                {
                    foreach (var row in topic.Partitions)
                        items.Take(new TopicPartition(topic.Name, row.PartitionIndex), row.ErrorCode, null, () => row.LowWatermark);
                }
            },
            cancellation);
    }

    /// <summary>Lists offsets of partitions: their beginnings, ends, of times, and of tiers.</summary>
    /// <param name="offsets">Which offset of each partition is wanted; none succeeds without a request.</param>
    /// <param name="isolation">Whether an end is that of what is committed. Default: of everything.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each partition, in the order given, the offset, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<TopicPartition, ListedOffset>>> ListOffsetsAsync(
        IReadOnlyDictionary<TopicPartition, OffsetSpec> offsets, IsolationLevel isolation = IsolationLevel.ReadUncommitted, CancellationToken cancellation = default) =>
        ListOffsets(offsets, isolation, cancellation);

    ValueTask<IReadOnlyList<ItemResult<TopicPartition, ListedOffset>>> ListOffsets(
        IReadOnlyDictionary<TopicPartition, OffsetSpec> offsets, IsolationLevel isolation, CallScope scope)
    {
        static string What(TopicPartition partition) => $"The offset of {partition} could not be listed";
        var items = Items<TopicPartition, ListedOffset>(offsets.Keys, What);
        return AskEach<TopicPartition, ListedOffset, ListOffsetsRequest, ListOffsetsResponse>(
            items, ToLeader<TopicPartition>(static partition => partition, What),
            (_, partitions) => new ListOffsetsRequest
            {
                ReplicaId = -1,
                IsolationLevel = (sbyte)isolation,
                Topics = [.. partitions.GroupBy(static partition => partition.Topic).Select(topic => new ListOffsetsRequest.ListOffsetsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => new ListOffsetsRequest.ListOffsetsPartition
                    {
                        PartitionIndex = partition.Partition, Timestamp = offsets[partition].Timestamp,
                    })],
                })],
                TimeoutMs = TimeoutMs,
            },
            (answer, _, _) =>
            {
                foreach (var topic in answer.Topics)
                {
                    foreach (var row in topic.Partitions)
                    {
                        items.Take(new TopicPartition(topic.Name, row.PartitionIndex), row.ErrorCode, null, () => new ListedOffset(
                            row.Offset, row.Timestamp < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.Timestamp), row.LeaderEpoch));
                    }
                }
            },
            scope, minVersionOf: partition => offsets[partition].MinVersion);
    }
}
