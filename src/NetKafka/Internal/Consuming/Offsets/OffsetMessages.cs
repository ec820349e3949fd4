using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Groups;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>Requests about offsets and what their answers say, the same for every version.</summary>
static class OffsetMessages
{
    /// <summary>What a coordinator says of one partition.</summary>
    public readonly record struct Committed(TopicPartition Partition, long Offset, int LeaderEpoch, ErrorCode Error, string? Metadata);

    /// <summary>What a leader says of one partition.</summary>
    public readonly record struct Listed(TopicPartition Partition, long Offset, long TimestampMs, int LeaderEpoch, ErrorCode Error);

    // From version 10 on topics are named by ids, which a group of the classic protocol has no need of.
    public const short NewestOffsetFetch = 9;
    const short FirstWithStable = 7;
    const short FirstOffsetFetchOfGroups = 8;
    const short FirstOffsetFetchOfMembers = 9;

    /// <summary>
    /// Asks for committed offsets; those that a transaction may still change are to be waited for where the version can say
    /// so. A member of the consumer protocol says who asks, so that one that was shut out does not begin where others read (KIP-848).
    /// </summary>
    public static OffsetFetchRequest OffsetFetch(string groupId, IEnumerable<TopicPartition> partitions, short version, IGroupMembership? member = null)
    {
        var topics = ByTopic(partitions);
        var requiresStable = version >= FirstWithStable;
        var isNamed = version >= FirstOffsetFetchOfMembers && member is { IsOfConsumerProtocol: true, CanCommit: true };
#if NETKAFKA_CHECKED
        requiresStable &= !Planted.Has(Bug.OpenOffsetsAreRead);
#endif
        return version >= FirstOffsetFetchOfGroups
            ? new OffsetFetchRequest
            {
                RequireStable = requiresStable,
                Groups =
                [
                    new OffsetFetchRequest.OffsetFetchRequestGroup
                    {
                        GroupId = groupId,
                        MemberId = isNamed ? member!.MemberId : null,
                        MemberEpoch = isNamed ? member!.Generation : -1,
                        Topics = [.. topics.Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopics { Name = topic.Key, PartitionIndexes = [.. topic.Value] })],
                    },
                ],
            }
            : new OffsetFetchRequest
            {
                RequireStable = requiresStable,
                GroupId = groupId,
                Topics = [.. topics.Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopic { Name = topic.Key, PartitionIndexes = [.. topic.Value] })],
            };
    }

    /// <summary>The error of the group as a whole, and what is said of each partition.</summary>
    public static (ErrorCode Error, List<Committed> Partitions) Read(OffsetFetchResponse response, string groupId)
    {
        var found = new List<Committed>();
        var group = response.Groups.FirstOrDefault(group => group.GroupId == groupId);
        if (response.Groups.Length > 0 && group is null)
            return (ErrorCode.UnknownServerError, found);
        foreach (var topic in group?.Topics ?? [])
        {
            foreach (var row in topic.Partitions)
                found.Add(new Committed(new TopicPartition(topic.Name, row.PartitionIndex), row.CommittedOffset, row.CommittedLeaderEpoch, row.ErrorCode, row.Metadata));
        }
        foreach (var topic in response.Topics)
        {
            foreach (var row in topic.Partitions)
                found.Add(new Committed(new TopicPartition(topic.Name, row.PartitionIndex), row.CommittedOffset, row.CommittedLeaderEpoch, row.ErrorCode, row.Metadata));
        }
        return (group?.ErrorCode ?? response.ErrorCode, found);
    }

    public static ListOffsetsRequest ListOffsets(
        IEnumerable<(TopicPartition Partition, long TimestampMs)> wanted, IsolationLevel isolation, ClusterView view, TimeSpan timeout, short version)
    {
        var topics = new SortedDictionary<string, List<ListOffsetsRequest.ListOffsetsPartition>>(StringComparer.Ordinal);
        foreach (var (partition, timestampMs) in wanted)
        {
            if (!topics.TryGetValue(partition.Topic, out var rows))
                topics.Add(partition.Topic, rows = []);
            rows.Add(new ListOffsetsRequest.ListOffsetsPartition
            {
                PartitionIndex = partition.Partition,
                CurrentLeaderEpoch = LeaderGroups.EpochOf(view, partition),
                Timestamp = timestampMs,
            });
        }
        return new ListOffsetsRequest
        {
            ReplicaId = -1,
            IsolationLevel = (sbyte)(version >= 2 ? (int)isolation : 0),
            TimeoutMs = (int)timeout.TotalMilliseconds,
            Topics = [.. topics.Select(topic => new ListOffsetsRequest.ListOffsetsTopic { Name = topic.Key, Partitions = [.. topic.Value] })],
        };
    }

    public static IEnumerable<Listed> Read(ListOffsetsResponse response)
    {
        foreach (var topic in response.Topics)
        {
            foreach (var row in topic.Partitions)
                yield return new Listed(new TopicPartition(topic.Name, row.PartitionIndex), row.Offset, row.Timestamp, row.LeaderEpoch, row.ErrorCode);
        }
    }

    public static OffsetForLeaderEpochRequest OffsetForLeaderEpoch(IEnumerable<(TopicPartition Partition, int Epoch)> wanted, ClusterView view)
    {
        var topics = new SortedDictionary<string, List<OffsetForLeaderEpochRequest.OffsetForLeaderPartition>>(StringComparer.Ordinal);
        foreach (var (partition, epoch) in wanted)
        {
            if (!topics.TryGetValue(partition.Topic, out var rows))
                topics.Add(partition.Topic, rows = []);
            rows.Add(new OffsetForLeaderEpochRequest.OffsetForLeaderPartition
            {
                Partition = partition.Partition,
                CurrentLeaderEpoch = LeaderGroups.EpochOf(view, partition),
                LeaderEpoch = epoch,
            });
        }
        return new OffsetForLeaderEpochRequest
        {
            ReplicaId = -1,
            Topics = [.. topics.Select(topic => new OffsetForLeaderEpochRequest.OffsetForLeaderTopic { Topic = topic.Key, Partitions = [.. topic.Value] })],
        };
    }

    static SortedDictionary<string, List<int>> ByTopic(IEnumerable<TopicPartition> partitions)
    {
        var topics = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var partition in partitions)
        {
            if (!topics.TryGetValue(partition.Topic, out var indexes))
                topics.Add(partition.Topic, indexes = []);
            indexes.Add(partition.Partition);
        }
        return topics;
    }
}
