using System.Collections.Concurrent;
using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>Groups of one member, who is the leader and assigns to himself. Nothing expires and nothing is committed.</summary>
sealed class Groups
{
    readonly ConcurrentDictionary<string, int> _generations = new();
    int _lastMember;

    public JoinGroupResponse Join(JoinGroupRequest request)
    {
        var memberId = request.MemberId.Length > 0 ? request.MemberId : $"member-{Interlocked.Increment(ref _lastMember)}";
        var protocol = request.Protocols[0];
        return new JoinGroupResponse
        {
            GenerationId = _generations.AddOrUpdate(request.GroupId, 1, (_, last) => last + 1),
            ProtocolType = request.ProtocolType,
            ProtocolName = protocol.Name,
            Leader = memberId,
            MemberId = memberId,
            Members = [new() { MemberId = memberId, GroupInstanceId = request.GroupInstanceId, Metadata = protocol.Metadata }],
        };
    }

    public static SyncGroupResponse Sync(SyncGroupRequest request) => new()
    {
        ProtocolType = request.ProtocolType,
        ProtocolName = request.ProtocolName,
        Assignment = request.Assignments.FirstOrDefault(assignment => assignment.MemberId == request.MemberId)?.Assignment ?? [],
    };

    public static LeaveGroupResponse Leave(LeaveGroupRequest request) => new()
    {
        Members = [.. request.Members.Select(member => new LeaveGroupResponse.MemberResponse
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
        })],
    };

    public static OffsetCommitResponse Commit(OffsetCommitRequest request) => new()
    {
        Topics = [.. request.Topics.Select(topic => new OffsetCommitResponse.OffsetCommitResponseTopic
        {
            Name = topic.Name,
            Partitions = [.. topic.Partitions.Select(partition => new OffsetCommitResponse.OffsetCommitResponsePartition
            {
                PartitionIndex = partition.PartitionIndex,
            })],
        })],
    };

    /// <summary>Nothing was ever committed, so a reader begins where its own settings say.</summary>
    public static OffsetFetchResponse Committed(OffsetFetchRequest request) => new()
    {
        Topics = [.. (request.Topics ?? []).Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
        {
            Name = topic.Name,
            Partitions = [.. topic.PartitionIndexes.Select(index => new OffsetFetchResponse.OffsetFetchResponsePartition
            {
                PartitionIndex = index,
                CommittedOffset = -1,
            })],
        })],
        Groups = [.. request.Groups.Select(group => new OffsetFetchResponse.OffsetFetchResponseGroup
        {
            GroupId = group.GroupId,
            Topics = [.. (group.Topics ?? []).Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopics
            {
                Name = topic.Name,
                Partitions = [.. topic.PartitionIndexes.Select(index => new OffsetFetchResponse.OffsetFetchResponsePartitions
                {
                    PartitionIndex = index,
                    CommittedOffset = -1,
                })],
            })],
        })],
    };
}
