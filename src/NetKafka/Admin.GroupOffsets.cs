using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Internal.Administration;
using NetKafka.Internal.Administration.Routes;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka;

/// <content>What groups of consumers have committed, and of Kafka Streams applications, whose offsets are kept alike.</content>
public sealed partial class Admin
{
    // From version 10 on topics are told by ids, which somebody who asks for all of a group's does not know.
    const short LastVersionWithNames = 9;
    const short FirstFetchOfSeveralGroups = 8;
    const short FirstFetchOfAllPartitions = 2;

    const string HasMembers = "the group has members, which commit for themselves: end them first";

    /// <summary>Lists what groups of consumers have committed, or streams groups (KIP-1071).</summary>
    /// <param name="groupIds">The ids of the groups; none succeeds without a request.</param>
    /// <param name="requireStable">Whether offsets are waited for that an open transaction may still change (KIP-447). Default: false.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>For each group, in the order given, the offsets by partition, or an error of its own. A group that does not exist has none.</returns>
    public ValueTask<IReadOnlyList<ItemResult<string, IReadOnlyDictionary<TopicPartition, GroupOffset>>>> ListConsumerGroupOffsetsAsync(
        IEnumerable<string> groupIds, bool requireStable = false, CancellationToken cancellation = default) =>
        ListGroupOffsets(groupIds, requireStable, cancellation);

    ValueTask<IReadOnlyList<ItemResult<string, IReadOnlyDictionary<TopicPartition, GroupOffset>>>> ListGroupOffsets(
        IEnumerable<string> groupIds, bool requireStable, CallScope scope)
    {
        var items = Items<string, IReadOnlyDictionary<TopicPartition, GroupOffset>>(
            groupIds, static id => $"The offsets of group '{id}' could not be listed", StringComparer.Ordinal);
        return AskEach<string, IReadOnlyDictionary<TopicPartition, GroupOffset>, OffsetFetchRequest, OffsetFetchResponse>(
            items, ToCoordinator(),
            (version, ids) => version >= FirstFetchOfSeveralGroups
                ? new OffsetFetchRequest { Groups = [new() { GroupId = ids[0], Topics = null }], RequireStable = requireStable }
                : new OffsetFetchRequest { GroupId = ids[0], Topics = null, RequireStable = requireStable },
            (answer, ids, _) =>
            {
                var group = answer.Groups.FirstOrDefault(group => group.GroupId == ids[0]);
                var rows = group is null ? GroupOffsets.From(answer) : GroupOffsets.From(group);
                var error = group?.ErrorCode ?? answer.ErrorCode;
                // One that a transaction may still change keeps the whole list waiting.
                if (error == ErrorCode.None && rows.FirstOrDefault(static row => row.Error != ErrorCode.None) is { Error: not ErrorCode.None } bad)
                    error = bad.Error;
                items.Take(ids[0], error, null, () => rows.Where(static row => row.Offset.Offset >= 0).ToDictionary(static row => row.Partition, static row => row.Offset));
            },
            scope, FirstFetchOfAllPartitions, mostPerRequest: 1, maxVersion: LastVersionWithNames);
    }

    /// <summary>Sets what a group of consumers, or a streams group (KIP-1071), has committed. The group must have no members; one that does not exist is made.</summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="offsets">The offsets, from 0 on, with their epochs and metadata; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the offsets may be set all the same.</param>
    /// <returns>The outcome for each partition, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> AlterConsumerGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellation = default) => AlterGroupOffsets(groupId, offsets, cancellation);

    ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> AlterGroupOffsets(string groupId, IEnumerable<TopicPartitionOffset> offsets, CallScope scope)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var wanted = offsets.ToList();
        var byPartition = new Dictionary<TopicPartition, TopicPartitionOffset>();
        var items = Items<TopicPartition, bool>(
            wanted.Select(static offset => offset.TopicPartition), partition => $"The offset of group '{groupId}' for {partition} could not be set");
        foreach (var offset in wanted)
            byPartition[offset.TopicPartition] = offset;
        FailMistakes(items, partition => byPartition[partition].Offset is < 0 and var offset ? $"{offset} is no offset" : null);
        return Outcomes(AskEach<TopicPartition, bool, OffsetCommitRequest, OffsetCommitResponse>(
            items, ToCoordinatorOf(groupId),
            (_, partitions) => new OffsetCommitRequest
            {
                GroupId = groupId,
                Topics = [.. partitions.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => byPartition[partition]).Select(static offset => new OffsetCommitRequest.OffsetCommitRequestPartition
                    {
                        PartitionIndex = offset.Partition, CommittedOffset = offset.Offset, CommittedLeaderEpoch = offset.LeaderEpoch, CommittedMetadata = offset.Metadata ?? "",
                    })],
                })],
            },
            (answer, _, _) =>
            {
                foreach (var topic in answer.Topics)
                {
                    foreach (var row in topic.Partitions)
                        items.Take(new TopicPartition(topic.Name, row.PartitionIndex), row.ErrorCode, row.ErrorCode == ErrorCode.UnknownMemberId ? HasMembers : null, static () => true);
                }
            },
            scope, maxVersion: LastVersionWithNames));
    }

    /// <summary>Deletes what a group of consumers, or a streams group (KIP-1071), has committed (KIP-496; Kafka 2.4 and later). Nobody of the group may subscribe to the topic.</summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="partitions">The partitions; none succeeds without a request.</param>
    /// <param name="cancellation">Ends the wait; the offsets may be deleted all the same.</param>
    /// <returns>The outcome for each partition, in the order given.</returns>
    public ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> DeleteConsumerGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var items = Items<TopicPartition, bool>(partitions, partition => $"The offset of group '{groupId}' for {partition} could not be deleted");
        return Outcomes(AskEach<TopicPartition, bool, OffsetDeleteRequest, OffsetDeleteResponse>(
            items, ToCoordinatorOf(groupId),
            (_, open) => new OffsetDeleteRequest
            {
                GroupId = groupId,
                Topics = [.. open.GroupBy(static partition => partition.Topic, StringComparer.Ordinal).Select(static topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(static partition => new OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = partition.Partition })],
                })],
            },
            (answer, asked, _) =>
            {
                items.TakeForAll(asked, answer.ErrorCode, null);
                foreach (var topic in answer.Topics)
                {
                    foreach (var row in topic.Partitions)
                        items.Take(new TopicPartition(topic.Name, row.PartitionIndex), row.ErrorCode, null, static () => true);
                }
            },
            cancellation));
    }

    /// <summary>Has a group of consumers, or a streams group (KIP-1071), go on elsewhere. The group must have no members.</summary>
    /// <param name="groupId">The group's id.</param>
    /// <param name="partitions">The partitions; none succeeds without a request.</param>
    /// <param name="reset">Where it is to go on.</param>
    /// <param name="validateOnly">Only works out where that would be. Default: false.</param>
    /// <param name="cancellation">Ends the wait; the offsets may be set all the same.</param>
    /// <returns>For each partition, in the order given, the offset where the group goes on, or an error of its own.</returns>
    public async ValueTask<IReadOnlyList<ItemResult<TopicPartition, long>>> ResetConsumerGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition> partitions, OffsetReset reset, bool validateOnly = false, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        await _runtime.Enter();
        var scope = Scope(cancellation);
        var items = Items<TopicPartition, long>(partitions, partition => $"The offset of group '{groupId}' for {partition} could not be reset");
        var plan = new OffsetResetPlan(items, reset, _runtime.UnixMilliseconds);
        if (plan.NeedsCommitted && !items.IsOver)
            plan.TakeCommitted((await ListGroupOffsets([groupId], requireStable: false, scope))[0]);
        foreach (var question in plan.Questions())
            plan.Take(question.Spec, await ListOffsets(question.Partitions.ToDictionary(static partition => partition, _ => question.Spec), IsolationLevel.ReadUncommitted, scope));
        var places = plan.Places();
        if (!validateOnly)
        {
            foreach (var outcome in await AlterGroupOffsets(groupId, places, scope))
            {
                if (outcome.Error is { } error)
                    items.Fail(outcome.Item, error);
            }
        }
        foreach (var place in places)
            items.Succeed(place.TopicPartition, place.Offset);
        return items.Results();
    }

    static CoordinatorRoute<TopicPartition> ToCoordinatorOf(string groupId)
    {
        var key = CoordinatorKey.Group(groupId);
        return new CoordinatorRoute<TopicPartition>(_ => key);
    }
}
