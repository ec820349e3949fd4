using NetKafka.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads streams groups from answers.</summary>
static class StreamsGroupDescriptions
{
    public static StreamsGroupDescription From(StreamsGroupDescribeResponse.DescribedGroup row, BrokerNode? coordinator, bool includeAuthorizedOperations) =>
        new(row.GroupId, GroupDescriptions.StateOf(row.GroupState), [.. row.Members.OrderBy(static member => member.MemberId, StringComparer.Ordinal).Select(From)])
        {
            Coordinator = coordinator,
            Epoch = row.GroupEpoch,
            TargetAssignmentEpoch = row.AssignmentEpoch,
            Assignor = row.AssignorName,
            Topology = row.Topology is { } topology ? new StreamsTopology(topology.Epoch, [.. (topology.Subtopologies ?? []).Select(From)]) : null,
            AuthorizedOperations = includeAuthorizedOperations ? TopicDescriptions.Operations(row.AuthorizedOperations) : null,
        };

    static StreamsSubtopology From(StreamsGroupDescribeResponse.Subtopology row) => new(row.SubtopologyId, row.SourceTopics)
    {
        RepartitionSinkTopics = row.RepartitionSinkTopics,
        RepartitionSourceTopics = [.. row.RepartitionSourceTopics.Select(From)],
        StateChangelogTopics = [.. row.StateChangelogTopics.Select(From)],
    };

    static StreamsInternalTopic From(StreamsGroupDescribeResponse.TopicInfo row) => new(row.Name, row.Partitions, row.ReplicationFactor, Pairs(row.TopicConfigs));

    static StreamsGroupMember From(StreamsGroupDescribeResponse.Member row) => new(row.MemberId, row.ClientId, row.ClientHost, From(row.Assignment), From(row.TargetAssignment))
    {
        GroupInstanceId = row.InstanceId,
        Rack = row.RackId,
        Epoch = row.MemberEpoch,
        TopologyEpoch = row.TopologyEpoch,
        ProcessId = row.ProcessId,
        UserEndpoint = row.UserEndpoint is { } endpoint ? $"{endpoint.Host}:{endpoint.Port}" : null,
        ClientTags = Pairs(row.ClientTags),
        TaskOffsets = Offsets(row.TaskOffsets),
        TaskEndOffsets = Offsets(row.TaskEndOffsets),
        IsClassic = row.IsClassic,
    };

    static StreamsTasks From(StreamsGroupDescribeResponse.Assignment row) => new(Tasks(row.ActiveTasks), Tasks(row.StandbyTasks), Tasks(row.WarmupTasks));

    static StreamsTask[] Tasks(StreamsGroupDescribeResponse.TaskIds[] rows) =>
        [.. rows.SelectMany(static row => row.Partitions.Order(), static (row, partition) => new StreamsTask(row.SubtopologyId, partition))];

    static Dictionary<StreamsTask, long> Offsets(StreamsGroupDescribeResponse.TaskOffset[] rows)
    {
        var offsets = new Dictionary<StreamsTask, long>();
        foreach (var row in rows)
            offsets[new StreamsTask(row.SubtopologyId, row.Partition)] = row.Offset;
        return offsets;
    }

    static Dictionary<string, string> Pairs(StreamsGroupDescribeResponse.KeyValue[] rows)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in rows)
            pairs[row.Key] = row.Value;
        return pairs;
    }
}
