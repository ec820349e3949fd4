namespace NetKafka.Administration;

/// <summary>How the resource name of an ACL, or of a filter of ACLs, is read (KIP-290). The numbers are Kafka's.</summary>
public enum PatternType
{
    /// <summary>One that this client does not know.</summary>
    Unknown = 0,

    /// <summary>In filters: any; a name that is given must be the ACL's own name.</summary>
    Any = 1,

    /// <summary>In filters: whatever bears on a resource of the name that is given: ACLs of that name, of a prefix of it, and of the wildcard.</summary>
    Match = 2,

    /// <summary>The name as it stands; <see cref="AclBinding.Wildcard"/> means all names.</summary>
    Literal = 3,

    /// <summary>All names that begin so.</summary>
    Prefixed = 4,
}
