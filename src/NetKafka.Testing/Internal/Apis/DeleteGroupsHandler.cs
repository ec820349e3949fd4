using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DeleteGroups, every version.</summary>
sealed class DeleteGroupsHandler : ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    internal override DeleteGroupsResponse Fail(Call<DeleteGroupsRequest, DeleteGroupsResponse> call, ErrorCode error) =>
        Respond(call, _ => error);

    protected override void Handle(Call<DeleteGroupsRequest, DeleteGroupsResponse> call, long nowMs)
    {
        var groups = call.Cluster.Groups;
        call.Answer(Respond(call, Delete));

        ErrorCode Delete(string id)
        {
            var error = groups.Check(id, call.Broker);
            return error == ErrorCode.None ? groups.Delete(id) : error;
        }
    }

    static DeleteGroupsResponse Respond(
        Call<DeleteGroupsRequest, DeleteGroupsResponse> call, Func<string, ErrorCode> delete) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        Results = [.. call.Request.GroupsNames.Select(id => new DeleteGroupsResponse.DeletableGroupResult
        {
            GroupId = id, ErrorCode = delete(id),
        })],
    };
}
