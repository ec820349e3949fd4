using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Security;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DeleteAcls, every version. All filters are looked up before anything is deleted, so that two may find the same.</summary>
sealed class DeleteAclsHandler : ApiHandler<DeleteAclsRequest, DeleteAclsResponse>
{
    internal override DeleteAclsResponse Fail(Call<DeleteAclsRequest, DeleteAclsResponse> call, ErrorCode error) => Refuse(call, error, null);

    protected override void Handle(Call<DeleteAclsRequest, DeleteAclsResponse> call, long nowMs)
    {
        Acl[] filters = [.. call.Request.Filters.Select(filter => new Acl(
            filter.ResourceTypeFilter,
            filter.ResourceNameFilter,
            filter.PatternTypeFilter,
            filter.PrincipalFilter,
            filter.HostFilter,
            filter.Operation,
            filter.PermissionType))];
        if (filters.Any(filter => filter.IsUnknown))
        {
            call.Close();
            return;
        }

        if (!call.Cluster.Settings.HasAuthorizer)
        {
            call.Answer(Refuse(call, ErrorCode.SecurityDisabled, "No Authorizer is configured."));
            return;
        }

        Acl[][] found = [.. filters.Select(call.Cluster.Acls.Find)];
        foreach (var acl in found.SelectMany(acls => acls))
            call.Cluster.Acls.Remove(acl);
        call.Answer(new DeleteAclsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            FilterResults = [.. found.Select(acls => new DeleteAclsResponse.DeleteAclsFilterResult { MatchingAcls = [.. acls.Select(RowOf)] })],
        });
    }

    static DeleteAclsResponse.DeleteAclsMatchingAcl RowOf(Acl acl) => new()
    {
        ResourceType = acl.ResourceType,
        ResourceName = acl.ResourceName!,
        PatternType = acl.PatternType,
        Principal = acl.Principal!,
        Host = acl.Host!,
        Operation = acl.Operation,
        PermissionType = acl.Permission,
    };

    static DeleteAclsResponse Refuse(Call<DeleteAclsRequest, DeleteAclsResponse> call, ErrorCode error, string? message) => new()
    {
        ThrottleTimeMs = call.ThrottleMs,
        FilterResults = [.. call.Request.Filters.Select(_ => new DeleteAclsResponse.DeleteAclsFilterResult { ErrorCode = error, ErrorMessage = message })],
    };
}
