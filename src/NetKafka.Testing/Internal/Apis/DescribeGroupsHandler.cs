using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeGroups, every version. Left out: authorized operations; every client's host is shown as loopback.</summary>
sealed class DescribeGroupsHandler : ApiHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    internal override DescribeGroupsResponse Fail(
        Call<DescribeGroupsRequest, DescribeGroupsResponse> call, ErrorCode error) => new()
    {
        ThrottleTimeMs = call.ThrottleMs, Groups = [.. call.Request.Groups.Select(id => Failed(call, id, error, "", null))],
    };

    protected override void Handle(Call<DescribeGroupsRequest, DescribeGroupsResponse> call, long nowMs) =>
        call.Answer(new DescribeGroupsResponse
        {
            ThrottleTimeMs = call.ThrottleMs, Groups = [.. call.Request.Groups.Select(id => Describe(call, id))],
        });

    static DescribeGroupsResponse.DescribedGroup Describe(
        Call<DescribeGroupsRequest, DescribeGroupsResponse> call, string groupId)
    {
        var groups = call.Cluster.Groups;
        var error = groups.Check(groupId, call.Broker);
        if (error != ErrorCode.None)
            return Failed(call, groupId, error, "", null);
        if (groups.FindClassic(groupId) is not { } group)
        {
            // Up to version 5 a group that is not there, or not of the classic protocol, is described as dead.
            return call.Version >= 6
                ? Failed(call, groupId, ErrorCode.GroupIdNotFound, "Dead", $"There is no group {groupId} of the classic protocol.")
                : Failed(call, groupId, ErrorCode.None, "Dead", null);
        }

        var isStable = group.State == GroupState.Stable;
        return new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = groupId,
            GroupState = group.State.ToString(),
            ProtocolType = group.ProtocolType ?? "",
            ProtocolData = isStable ? group.ProtocolName ?? "" : "",
            Members = [.. group.Members.Select(member => new DescribeGroupsResponse.DescribedGroupMember
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = "/127.0.0.1",
                MemberMetadata = isStable ? member.MetadataFor(group.ProtocolName) : [],
                MemberAssignment = isStable ? member.Assignment : [],
            })],
        };
    }

    static DescribeGroupsResponse.DescribedGroup Failed(
        Call<DescribeGroupsRequest, DescribeGroupsResponse> call,
        string groupId,
        ErrorCode error,
        string state,
        string? message) => new()
    {
        GroupId = groupId,
        ErrorCode = error,
        ErrorMessage = call.Version >= 6 ? message : null,
        GroupState = state,
    };
}
