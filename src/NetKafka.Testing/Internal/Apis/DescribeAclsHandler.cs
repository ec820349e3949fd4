using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Security;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>DescribeAcls, every version.</summary>
sealed class DescribeAclsHandler : ApiHandler<DescribeAclsRequest, DescribeAclsResponse>
{
    internal override DescribeAclsResponse Fail(Call<DescribeAclsRequest, DescribeAclsResponse> call, ErrorCode error) =>
        new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error };

    protected override void Handle(Call<DescribeAclsRequest, DescribeAclsResponse> call, long nowMs)
    {
        var request = call.Request;
        var filter = new Acl(
            request.ResourceTypeFilter,
            request.ResourceNameFilter,
            request.PatternTypeFilter,
            request.PrincipalFilter,
            request.HostFilter,
            request.Operation,
            request.PermissionType);
        if (filter.IsUnknown)
        {
            call.Close();
            return;
        }

        if (!call.Cluster.Settings.HasAuthorizer)
        {
            var refused = Fail(call, ErrorCode.SecurityDisabled);
            refused.ErrorMessage = "No Authorizer is configured on the broker";
            call.Answer(refused);
            return;
        }

        call.Answer(new DescribeAclsResponse
        {
            ThrottleTimeMs = call.ThrottleMs,
            Resources = [.. call.Cluster.Acls.Find(filter)
                .GroupBy(acl => (acl.ResourceType, acl.ResourceName, acl.PatternType))
                .Select(group => new DescribeAclsResponse.DescribeAclsResource
                {
                    ResourceType = group.Key.ResourceType,
                    ResourceName = group.Key.ResourceName!,
                    PatternType = group.Key.PatternType,
                    Acls = [.. group.Select(acl => new DescribeAclsResponse.AclDescription
                    {
                        Principal = acl.Principal!, Host = acl.Host!, Operation = acl.Operation, PermissionType = acl.Permission,
                    })],
                })],
        });
    }
}
