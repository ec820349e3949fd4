namespace NetKafka.Administration;

/// <summary>An ACL: who may, or may not, do what to which resource, and from where (KIP-140, KIP-290). Two are equal where all their parts are.</summary>
/// <param name="ResourceType">What kind of resource: none of <see cref="AclResourceType.Any"/> and <see cref="AclResourceType.Unknown"/>.</param>
/// <param name="ResourceName">
/// Its name, or what its name begins with (<see cref="PatternType"/>); <see cref="Wildcard"/> for all, <see cref="ClusterName"/> for the cluster.
/// </param>
/// <param name="Principal">Who, as <c>User:alice</c>; <c>User:*</c> for everybody.</param>
/// <param name="Operation">What is done: neither <see cref="AclOperation.Any"/> nor <see cref="AclOperation.Unknown"/>.</param>
public sealed record AclBinding(AclResourceType ResourceType, string ResourceName, string Principal, AclOperation Operation)
{
    /// <summary>The name, or the host, that stands for all: <c>*</c>.</summary>
    public const string Wildcard = "*";

    /// <summary>The one name that the cluster has as a resource: <c>kafka-cluster</c>.</summary>
    public const string ClusterName = "kafka-cluster";

    /// <summary>How the name is read: <see cref="PatternType.Literal"/> or <see cref="PatternType.Prefixed"/>. Default: literal.</summary>
    public PatternType PatternType { get; init; } = PatternType.Literal;

    /// <summary>Whether it allows or forbids. Default: allow.</summary>
    public AclPermission Permission { get; init; } = AclPermission.Allow;

    /// <summary>From which host, by its IP address. Default: <see cref="Wildcard"/>, from all.</summary>
    public string Host { get; init; } = Wildcard;

    /// <summary>The filter that finds this ACL and no other.</summary>
    /// <returns>A filter with all parts of this one.</returns>
    public AclFilter ToFilter() => new()
    {
        ResourceType = ResourceType,
        ResourceName = ResourceName,
        PatternType = PatternType,
        Principal = Principal,
        Host = Host,
        Operation = Operation,
        Permission = Permission,
    };

    /// <summary>Reads as "Allow User:alice from * to Read Topic 'payments' (Literal)".</summary>
    /// <returns>All its parts.</returns>
    public override string ToString() => $"{Permission} {Principal} from {Host} to {Operation} {ResourceType} '{ResourceName}' ({PatternType})";
}
