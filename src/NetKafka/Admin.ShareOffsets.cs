using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>Where share groups are.</content>
public sealed partial class Admin
{
    /// <summary>Lists where share groups are (KIP-932; Kafka 4.1 and later).</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each group, in the order given, where it is by partition, or an error of its own.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, IReadOnlyDictionary<TopicPartition, ShareGroupOffset>>>> ListShareGroupOffsetsAsync(
        IEnumerable<string> groupIds, CancellationToken cancellation = default)
    {
        var items = Items<string, IReadOnlyDictionary<TopicPartition, ShareGroupOffset>>(
            groupIds, static id => $"The offsets of share group '{id}' could not be listed", StringComparer.Ordinal);
        return AskEach<string, IReadOnlyDictionary<TopicPartition, ShareGroupOffset>, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(
            items, ToCoordinator(),
            static (_, ids) => new DescribeShareGroupOffsetsRequest
            {
                Groups = [.. ids.Select(static id => new DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup { GroupId = id, Topics = null })],
            },
            (answer, _, _) =>
            {
                foreach (var group in answer.Groups)
                {
                    var rows = group.Topics.SelectMany(static topic => topic.Partitions, static (topic, row) => (topic.TopicName, Row: row)).ToArray();
                    var bad = Array.Find(rows, static row => row.Row.ErrorCode != ErrorCode.None).Row;
                    var (error, words) = group.ErrorCode != ErrorCode.None || bad is null ? (group.ErrorCode, group.ErrorMessage) : (bad.ErrorCode, bad.ErrorMessage);
                    items.Take(group.GroupId, error, words, () => rows.ToDictionary(
                        static row => new TopicPartition(row.TopicName, row.Row.PartitionIndex),
                        static row => new ShareGroupOffset(row.Row.StartOffset, row.Row.LeaderEpoch, row.Row.Lag)));
                }
            },
            cancellation);
    }

    /// <summary>Has a share group go on elsewhere (KIP-932; Kafka 4.1 and later). The group must have no members.</summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="offsets">The offsets, from 0 on; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the offsets may be set all the same.</param>
    /// <returns>The outcome for each partition, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> AlterShareGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var wanted = offsets.ToList();
        var byPartition = new Dictionary<TopicPartition, long>();
        foreach (var offset in wanted)
            byPartition[offset.TopicPartition] = offset.Offset;
        var items = Items<TopicPartition, bool>(
            wanted.Select(static offset => offset.TopicPartition), partition => $"The offset of share group '{groupId}' for {partition} could not be set");
        return Outcomes(AskEach<TopicPartition, bool, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>(
            items, ToCoordinatorOf(groupId),
            (_, partitions) => new AlterShareGroupOffsetsRequest
            {
                GroupId = groupId,
                Topics = [.. partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(topic => new AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic
                {
                    TopicName = topic.Key,
                    Partitions = [.. topic.Select(partition => new AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition
                    {
                        PartitionIndex = partition.Partition, StartOffset = byPartition[partition],
                    })],
                })],
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, answer.ErrorMessage);
                foreach (var topic in answer.Responses)
                {
                    foreach (var row in topic.Partitions)
                        items.Take(new TopicPartition(topic.TopicName, row.PartitionIndex), row.ErrorCode, row.ErrorMessage, static () => true);
                }
            },
            cancellation));
    }

    /// <summary>Deletes where a share group is in topics, all of their partitions (KIP-932; Kafka 4.1 and later). The group must have no members.</summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="topics">The topics; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the offsets may be deleted all the same.</param>
    /// <returns>The outcome for each topic, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<string>>> DeleteShareGroupOffsetsAsync(
        string groupId, IEnumerable<string> topics, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var items = Items<string, bool>(topics, topic => $"The offsets of share group '{groupId}' for topic '{topic}' could not be deleted", StringComparer.Ordinal);
        var coordinator = Internal.Cluster.CoordinatorKey.Group(groupId);
        return Outcomes(AskEach<string, bool, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(
            items, new Internal.Administration.Routes.CoordinatorRoute<string>(_ => coordinator),
            (_, open) => new DeleteShareGroupOffsetsRequest
            {
                GroupId = groupId,
                Topics = [.. open.Select(static topic => new DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic { TopicName = topic })],
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, answer.ErrorMessage);
                foreach (var row in answer.Responses)
                    items.Take(row.TopicName, row.ErrorCode, row.ErrorMessage, static () => true);
            },
            cancellation));
    }
}
