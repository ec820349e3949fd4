using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using Request = NetKafka.Protocol.Messages.ConsumerGroupDescribeRequest;
using Response = NetKafka.Protocol.Messages.ConsumerGroupDescribeResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>
/// ConsumerGroupDescribe, every version: groups of the consumer protocol (KIP-848). Left out: authorized operations; every client's host
/// is shown as loopback.
/// </summary>
sealed class ConsumerGroupDescribeHandler : ApiHandler<Request, Response>
{
    const sbyte ClassicMember = 0;
    const sbyte ConsumerMember = 1;

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
        var error = GroupChecks.Check(call, groupId, call.Cluster.Settings.GroupVersion);
        if (error != ErrorCode.None)
            return Failed(groupId, error, null);
        if (call.Cluster.Groups.FindConsumer(groupId) is not { } group)
            return Failed(groupId, ErrorCode.GroupIdNotFound, $"There is no group {groupId} of the consumer protocol.");
        return new Response.DescribedGroup
        {
            GroupId = groupId,
            GroupState = group.StateName,
            GroupEpoch = group.GroupEpoch,
            AssignmentEpoch = group.AssignmentEpoch,
            AssignorName = group.AssignorName,
            Members = [.. group.Members.Select(member => Describe(call, group, member))],
        };
    }

    static Response.Member Describe(Call<Request, Response> call, ConsumerGroup group, ConsumerGroupMember member) => new()
    {
        MemberId = member.MemberId,
        InstanceId = member.InstanceId,
        RackId = member.RackId,
        MemberEpoch = member.Epoch,
        ClientId = member.ClientId,
        ClientHost = "/127.0.0.1",
        SubscribedTopicNames = member.TopicNames,
        SubscribedTopicRegex = member.TopicRegex.Length == 0 ? null : member.TopicRegex,
        Assignment = AssignmentOf(call, member.Assigned.Keys),
        TargetAssignment = AssignmentOf(call, group.TargetOf(member.MemberId)),
        MemberType = call.Version < 1 ? (sbyte)-1 : member.Classic is null ? ConsumerMember : ClassicMember,
    };

    static Response.Assignment AssignmentOf(Call<Request, Response> call, IEnumerable<TopicIdPartition> partitions) => new()
    {
        TopicPartitions = [.. GroupChecks.Named(call, partitions).Select(static topic => new Response.TopicPartitions
        {
            TopicId = topic.Id, TopicName = topic.Name, Partitions = topic.Partitions,
        })],
    };

    static Response.DescribedGroup Failed(string groupId, ErrorCode error, string? message) =>
        new() { GroupId = groupId, ErrorCode = error, ErrorMessage = message };
}
