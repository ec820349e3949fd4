using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>ACLs as the wire has them, and what cannot be one.</summary>
static class AclMessages
{
    const short FirstVersionWithUsers = 3;

    /// <summary>The first version that knows a kind of resource: users came with KIP-373.</summary>
    public static short MinVersion(AclResourceType type) => type == AclResourceType.User ? FirstVersionWithUsers : (short)1;

    /// <summary>Why this can be no ACL; null where it can.</summary>
    public static string? Mistake(AclBinding acl) => acl switch
    {
        { ResourceType: AclResourceType.Any or AclResourceType.Unknown } => "its resource type must be one, not any",
        { PatternType: not (PatternType.Literal or PatternType.Prefixed) } => "its pattern type must be Literal or Prefixed",
        { Operation: AclOperation.Any or AclOperation.Unknown } => "its operation must be one, not any; AclOperation.All means all",
        { Permission: not (AclPermission.Allow or AclPermission.Deny) } => "its permission must be Allow or Deny",
        { ResourceName: null or "" } => $"its resource name is empty; '{AclBinding.Wildcard}' means all",
        { ResourceType: AclResourceType.Cluster, ResourceName: not AclBinding.ClusterName } => $"the one name of the cluster is '{AclBinding.ClusterName}'",
        { Host: null or "" } => $"its host is empty; '{AclBinding.Wildcard}' means all",
        _ when !IsPrincipal(acl.Principal) => $"'{acl.Principal}' is no principal; it is a type and a name, as User:alice",
        _ => null,
    };

    /// <summary>Why this can be no filter; null where it can.</summary>
    public static string? Mistake(AclFilter filter) =>
        filter is { ResourceType: AclResourceType.Unknown } or { PatternType: PatternType.Unknown }
            or { Operation: AclOperation.Unknown } or { Permission: AclPermission.Unknown }
            ? "what is unknown cannot be looked for"
            : null;

    public static CreateAclsRequest.AclCreation Creation(AclBinding acl) => new()
    {
        ResourceType = (sbyte)acl.ResourceType,
        ResourceName = acl.ResourceName,
        ResourcePatternType = (sbyte)acl.PatternType,
        Principal = acl.Principal,
        Host = acl.Host,
        Operation = (sbyte)acl.Operation,
        PermissionType = (sbyte)acl.Permission,
    };

    public static DescribeAclsRequest Description(AclFilter filter) => new()
    {
        ResourceTypeFilter = (sbyte)filter.ResourceType,
        ResourceNameFilter = filter.ResourceName,
        PatternTypeFilter = (sbyte)filter.PatternType,
        PrincipalFilter = filter.Principal,
        HostFilter = filter.Host,
        Operation = (sbyte)filter.Operation,
        PermissionType = (sbyte)filter.Permission,
    };

    public static DeleteAclsRequest.DeleteAclsFilter Deletion(AclFilter filter) => new()
    {
        ResourceTypeFilter = (sbyte)filter.ResourceType,
        ResourceNameFilter = filter.ResourceName,
        PatternTypeFilter = (sbyte)filter.PatternType,
        PrincipalFilter = filter.Principal,
        HostFilter = filter.Host,
        Operation = (sbyte)filter.Operation,
        PermissionType = (sbyte)filter.Permission,
    };

    public static AclBinding[] AclsOf(DescribeAclsResponse answer) =>
    [
        .. answer.Resources.SelectMany(static resource => resource.Acls, static (resource, acl) => new AclBinding(
            (AclResourceType)resource.ResourceType, resource.ResourceName, acl.Principal, (AclOperation)acl.Operation)
        {
            PatternType = (PatternType)resource.PatternType, Permission = (AclPermission)acl.PermissionType, Host = acl.Host,
        }),
    ];

    public static AclBinding AclOf(DeleteAclsResponse.DeleteAclsMatchingAcl row) =>
        new((AclResourceType)row.ResourceType, row.ResourceName, row.Principal, (AclOperation)row.Operation)
        {
            PatternType = (PatternType)row.PatternType, Permission = (AclPermission)row.PermissionType, Host = row.Host,
        };

    static bool IsPrincipal(string? principal) => principal?.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < principal.Length - 1;
}
