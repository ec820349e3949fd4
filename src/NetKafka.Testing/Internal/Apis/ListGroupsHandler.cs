using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>ListGroups, every version: the groups that this broker coordinates, by state and type.</summary>
sealed class ListGroupsHandler : ApiHandler<ListGroupsRequest, ListGroupsResponse>
{
    internal override ListGroupsResponse Fail(Call<ListGroupsRequest, ListGroupsResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<ListGroupsRequest, ListGroupsResponse> call, long nowMs)
    {
        var groups = call.Cluster.Groups;
        call.Answer(new ListGroupsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Groups = [.. groups.Groups
                .Where(group => groups.CoordinatorOf(group.GroupId) == call.Broker.NodeId)
                .Where(group => Passes(call.Request.StatesFilter, group.StateName))
                .Where(group => Passes(call.Request.TypesFilter, group.TypeName))
                .Select(group => new ListGroupsResponse.ListedGroup
                {
                    GroupId = group.GroupId,
                    ProtocolType = group.ProtocolType ?? "",
                    GroupState = group.StateName,
                    GroupType = group.TypeName,
                })],
        });
    }

    static bool Passes(string[] filter, string value) =>
        filter.Length == 0 || filter.Any(wanted => wanted.Equals(value, StringComparison.OrdinalIgnoreCase));
}
