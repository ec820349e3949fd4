using NetKafka.Protocol;
using NetKafka.Testing.Internal.ShareGroups;
using Request = NetKafka.Protocol.Messages.ShareGroupDescribeRequest;
using Response = NetKafka.Protocol.Messages.ShareGroupDescribeResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ShareGroupDescribe, every version (KIP-932). Left out: authorized operations; every client's host is shown as loopback.</summary>
sealed class ShareGroupDescribeHandler : ApiHandler<Request, Response>
{
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
        var error = ShareGroupChecks.Check(call, groupId);
        if (error != ErrorCode.None)
            return Failed(groupId, error, null);
        if (call.Cluster.Groups.FindShare(groupId) is not { } group)
            return Failed(groupId, ErrorCode.GroupIdNotFound, $"There is no share group {groupId}.");
        return new Response.DescribedGroup
        {
            GroupId = groupId,
            GroupState = group.StateName,
            GroupEpoch = group.GroupEpoch,
            AssignmentEpoch = group.AssignmentEpoch,
            AssignorName = SimpleAssignor.Name,
            Members = [.. group.Members.Select(member => Describe(call, member))],
        };
    }

    static Response.Member Describe(Call<Request, Response> call, ShareGroupMember member) => new()
    {
        MemberId = member.MemberId,
        RackId = member.RackId,
        MemberEpoch = member.Epoch,
        ClientId = member.ClientId,
        ClientHost = "/127.0.0.1",
        SubscribedTopicNames = member.TopicNames,
        Assignment = new()
        {
            TopicPartitions = [.. GroupChecks.Named(call, member.Assigned).Select(static topic => new Response.TopicPartitions
            {
                TopicId = topic.Id, TopicName = topic.Name, Partitions = topic.Partitions,
            })],
        },
    };

    static Response.DescribedGroup Failed(string groupId, ErrorCode error, string? message) =>
        new() { GroupId = groupId, ErrorCode = error, ErrorMessage = message };
}
