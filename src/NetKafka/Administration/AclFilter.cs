namespace NetKafka.Administration;

/// <summary>Which ACLs are meant: those that have every part that is given. Without any it means all.</summary>
public sealed record AclFilter
{
    /// <summary>All ACLs.</summary>
    public static AclFilter All { get; } = new();

    /// <summary>What kind of resource. Default: any.</summary>
    public AclResourceType ResourceType { get; init; } = AclResourceType.Any;

    /// <summary>The name of the resource, read by <see cref="PatternType"/>. Default: null, any.</summary>
    public string? ResourceName { get; init; }

    /// <summary>
    /// How names are read: by <see cref="PatternType.Match"/> whatever bears on a resource of the name is found, by all others ACLs of that very name.
    /// Default: any.
    /// </summary>
    public PatternType PatternType { get; init; } = PatternType.Any;

    /// <summary>Who, as <c>User:alice</c>: ACLs of that very principal, not those of everybody. Default: null, any.</summary>
    public string? Principal { get; init; }

    /// <summary>From which host: ACLs of that very host, not those of all. Default: null, any.</summary>
    public string? Host { get; init; }

    /// <summary>What is done. Default: any.</summary>
    public AclOperation Operation { get; init; } = AclOperation.Any;

    /// <summary>Whether they allow or forbid. Default: any.</summary>
    public AclPermission Permission { get; init; } = AclPermission.Any;

    /// <summary>Reads as "ACLs of Topic, name 'payments' (Match), User:alice"; without any part as "all ACLs".</summary>
    /// <returns>The parts that are given.</returns>
    public override string ToString()
    {
        string?[] parts =
        [
            ResourceType == AclResourceType.Any ? null : $"{ResourceType}",
            ResourceName is null ? null : $"name '{ResourceName}'{(PatternType == PatternType.Any ? "" : $" ({PatternType})")}",
            ResourceName is null && PatternType != PatternType.Any ? $"{PatternType} names" : null,
            Principal,
            Host is null ? null : $"host {Host}",
            Operation == AclOperation.Any ? null : $"operation {Operation}",
            Permission == AclPermission.Any ? null : $"permission {Permission}",
        ];
        var given = parts.OfType<string>().ToArray();
        return given.Length == 0 ? "all ACLs" : $"ACLs of {string.Join(", ", given)}";
    }
}
