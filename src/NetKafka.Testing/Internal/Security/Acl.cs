namespace NetKafka.Testing.Internal.Security;

/// <summary>An ACL, or with null names and "any" a filter of ACLs; the numbers are the wire's.</summary>
readonly record struct Acl(
    sbyte ResourceType, string? ResourceName, sbyte PatternType, string? Principal, string? Host, sbyte Operation, sbyte Permission)
{
    internal const sbyte Unknown = 0;
    internal const sbyte Any = 1;
    internal const sbyte Match = 2;
    internal const sbyte Literal = 3;
    internal const sbyte Prefixed = 4;
    internal const sbyte Cluster = 4;
    internal const string ClusterName = "kafka-cluster";
    const string Wildcard = "*";

    /// <summary>Whether a part is one that Kafka cannot read, which closes the connection.</summary>
    internal bool IsUnknown => IsNone(ResourceType, 7) || IsNone(PatternType, 4) || IsNone(Operation, 15) || IsNone(Permission, 3);

    /// <summary>Why this cannot be stored; null where it can.</summary>
    internal string? Mistake
    {
        get
        {
            if (ResourceType == Cluster && ResourceName != ClusterName)
                return "The only valid name for the CLUSTER resource is kafka-cluster";
            if (string.IsNullOrEmpty(ResourceName))
                return "Invalid empty resource name";
            if (ResourceType == Any)
                return "Invalid resourceType ANY";
            if (PatternType is not (Literal or Prefixed))
                return $"Invalid patternType {(PatternType == Any ? "ANY" : "MATCH")}";
            if (Operation == Any)
                return "Invalid operation ANY";
            return Permission == Any ? "Invalid permissionType ANY" : null;
        }
    }

    /// <summary>Whether this, as a filter, finds an ACL.</summary>
    internal bool Finds(Acl acl) =>
        (ResourceType == Any || ResourceType == acl.ResourceType)
        && FindsName(acl)
        && (Principal is null || Principal == acl.Principal)
        && (Host is null || Host == acl.Host)
        && (Operation == Any || Operation == acl.Operation)
        && (Permission == Any || Permission == acl.Permission);

    bool FindsName(Acl acl)
    {
        if (PatternType is not (Any or Match) && PatternType != acl.PatternType)
            return false;
        if (ResourceName is null || ResourceName == acl.ResourceName)
            return true;
        return PatternType == Match && (acl.PatternType == Literal ? acl.ResourceName == Wildcard : ResourceName.StartsWith(acl.ResourceName!, StringComparison.Ordinal));
    }

    static bool IsNone(sbyte part, sbyte last) => part <= Unknown || part > last;
}
