using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads groups from answers.</summary>
static class GroupDescriptions
{
    public static GroupType TypeOf(string text) => Enum.TryParse<GroupType>(text, ignoreCase: true, out var type) ? type : GroupType.Unknown;

    public static GroupState StateOf(string text) => Enum.TryParse<GroupState>(text, ignoreCase: true, out var state) ? state : GroupState.Unknown;

    public static GroupDescription From(DescribeGroupsResponse.DescribedGroup row, BrokerNode? coordinator, bool includeAuthorizedOperations) =>
        new(row.GroupId, GroupType.Classic, StateOf(row.GroupState),
        [
            .. row.Members.OrderBy(static member => member.MemberId, StringComparer.Ordinal).Select(member => new GroupMember(member.MemberId, member.ClientId, member.ClientHost)
            {
                GroupInstanceId = member.GroupInstanceId, Assignment = row.ProtocolType == "consumer" ? AssignmentOf(member.MemberAssignment) : [],
            }),
        ])
        {
            Coordinator = coordinator,
            ProtocolType = row.ProtocolType,
            Assignor = row.ProtocolData,
            AuthorizedOperations = includeAuthorizedOperations ? TopicDescriptions.Operations(row.AuthorizedOperations) : null,
        };

    public static GroupDescription From(ConsumerGroupDescribeResponse.DescribedGroup row, BrokerNode? coordinator, bool includeAuthorizedOperations) =>
        new(row.GroupId, GroupType.Consumer, StateOf(row.GroupState),
        [
            .. row.Members.OrderBy(static member => member.MemberId, StringComparer.Ordinal).Select(static member => new GroupMember(member.MemberId, member.ClientId, member.ClientHost)
            {
                GroupInstanceId = member.InstanceId,
                Rack = member.RackId,
                Epoch = member.MemberEpoch,
                // 0 says classic, 1 consumer.
                IsClassic = member.MemberType < 0 ? null : member.MemberType == 0,
                SubscribedTopics = member.SubscribedTopicNames,
                SubscribedPattern = string.IsNullOrEmpty(member.SubscribedTopicRegex) ? null : member.SubscribedTopicRegex,
                Assignment = Partitions(member.Assignment.TopicPartitions, static topic => (topic.TopicName, topic.Partitions)),
                TargetAssignment = Partitions(member.TargetAssignment.TopicPartitions, static topic => (topic.TopicName, topic.Partitions)),
            }),
        ])
        {
            Coordinator = coordinator,
            ProtocolType = "consumer",
            Assignor = row.AssignorName,
            Epoch = row.GroupEpoch,
            TargetAssignmentEpoch = row.AssignmentEpoch,
            AuthorizedOperations = includeAuthorizedOperations ? TopicDescriptions.Operations(row.AuthorizedOperations) : null,
        };

    public static GroupDescription From(ShareGroupDescribeResponse.DescribedGroup row, BrokerNode? coordinator, bool includeAuthorizedOperations) =>
        new(row.GroupId, GroupType.Share, StateOf(row.GroupState),
        [
            .. row.Members.OrderBy(static member => member.MemberId, StringComparer.Ordinal).Select(static member => new GroupMember(member.MemberId, member.ClientId, member.ClientHost)
            {
                Rack = member.RackId,
                Epoch = member.MemberEpoch,
                SubscribedTopics = member.SubscribedTopicNames,
                Assignment = Partitions(member.Assignment.TopicPartitions, static topic => (topic.TopicName, topic.Partitions)),
            }),
        ])
        {
            Coordinator = coordinator,
            ProtocolType = "share",
            Assignor = row.AssignorName,
            Epoch = row.GroupEpoch,
            TargetAssignmentEpoch = row.AssignmentEpoch,
            AuthorizedOperations = includeAuthorizedOperations ? TopicDescriptions.Operations(row.AuthorizedOperations) : null,
        };

    static TopicPartition[] Partitions<TTopic>(TTopic[] topics, Func<TTopic, (string Name, int[] Partitions)> read) =>
        [.. topics.Select(read).SelectMany(static topic => topic.Partitions, static (topic, partition) => new TopicPartition(topic.Name, partition)).Order()];

    /// <summary>What a leader has written for a member. It is peers' input: what cannot be read is nothing.</summary>
    static TopicPartition[] AssignmentOf(byte[] bytes)
    {
        if (bytes.Length < sizeof(short))
            return [];
        try
        {
            var reader = new KafkaReader(bytes, nameof(ConsumerProtocolAssignment), ConsumerProtocolAssignment.HighestVersion);
            var version = Math.Min(reader.ReadInt16(), ConsumerProtocolAssignment.HighestVersion);
            var assignment = ConsumerProtocolAssignment.Read(ref reader, version);
            return Partitions(assignment.AssignedPartitions, static topic => (topic.Topic, topic.Partitions));
        }
        catch (MalformedMessageException)
        {
            return [];
        }
    }
}
