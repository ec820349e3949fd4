using NetKafka.Protocol;
using NetKafka.Testing.Internal.StreamsGroups;
using Heartbeat = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;
using Request = NetKafka.Protocol.Messages.StreamsGroupDescribeRequest;
using Response = NetKafka.Protocol.Messages.StreamsGroupDescribeResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>StreamsGroupDescribe, version 0 (KIP-1071). Left out: authorized operations; every client's host is shown as loopback.</summary>
sealed class StreamsGroupDescribeHandler : ApiHandler<Request, Response>
{
    internal override short MaxVersion => 0;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs, Groups = [.. call.Request.GroupIds.Select(id => Failed(id, error, null))],
    };

    protected override void Handle(Call<Request, Response> call, long nowMs) => call.Answer(new Response
    {
        ThrottleTimeMs = call.ThrottleMs, Groups = [.. call.Request.GroupIds.Select(id => Describe(call, id))],
    });

    static Response.DescribedGroup Describe(Call<Request, Response> call, string groupId)
    {
        var error = GroupChecks.Check(call, groupId, call.Cluster.Settings.StreamsVersion);
        if (error != ErrorCode.None)
            return Failed(groupId, error, null);
        if (call.Cluster.Groups.FindStreams(groupId) is not { } group)
            return Failed(groupId, ErrorCode.GroupIdNotFound, $"There is no streams group {groupId}.");
        return new Response.DescribedGroup
        {
            GroupId = groupId,
            GroupState = group.StateName,
            GroupEpoch = group.GroupEpoch,
            AssignmentEpoch = group.AssignmentEpoch,
            Topology = group.Topology is { } topology ? new Response.Topology { Epoch = topology.Epoch, Subtopologies = [.. topology.Subtopologies.Select(Describe)] } : null,
            Members = [.. group.Members.Select(member => Describe(group, member))],
        };
    }

    static Response.Subtopology Describe(Heartbeat.Subtopology part) => new()
    {
        SubtopologyId = part.SubtopologyId,
        SourceTopics = part.SourceTopics,
        RepartitionSinkTopics = part.RepartitionSinkTopics,
        RepartitionSourceTopics = [.. part.RepartitionSourceTopics.Select(Describe)],
        StateChangelogTopics = [.. part.StateChangelogTopics.Select(Describe)],
    };

    static Response.TopicInfo Describe(Heartbeat.TopicInfo topic) => new()
    {
        Name = topic.Name,
        Partitions = topic.Partitions,
        ReplicationFactor = topic.ReplicationFactor,
        TopicConfigs = [.. topic.TopicConfigs.Select(static config => new Response.KeyValue { Key = config.Key, Value = config.Value })],
    };

    static Response.Member Describe(StreamsGroup group, StreamsGroupMember member) => new()
    {
        MemberId = member.MemberId,
        MemberEpoch = member.Epoch,
        InstanceId = member.InstanceId,
        RackId = member.RackId,
        ClientId = member.ClientId,
        ClientHost = "/127.0.0.1",
        TopologyEpoch = member.TopologyEpoch,
        ProcessId = member.ProcessId,
        UserEndpoint = member.UserEndpoint is { } endpoint ? new Response.Endpoint { Host = endpoint.Host, Port = endpoint.Port } : null,
        ClientTags = [.. member.ClientTags.Select(static tag => new Response.KeyValue { Key = tag.Key, Value = tag.Value })],
        Assignment = Tasks(member.Active),
        TargetAssignment = Tasks(group.TargetOf(member.MemberId)),
    };

    static Response.Assignment Tasks(IEnumerable<StreamsTaskId> active) => new()
    {
        ActiveTasks = StreamsGroup.Tasks(active, static (id, partitions) => new Response.TaskIds { SubtopologyId = id, Partitions = partitions }),
    };

    static Response.DescribedGroup Failed(string groupId, ErrorCode error, string? message) =>
        new() { GroupId = groupId, ErrorCode = error, ErrorMessage = message };
}
