namespace NetKafka.Administration;

/// <summary>Whether an ACL allows or forbids. The numbers are Kafka's.</summary>
public enum AclPermission
{
    /// <summary>One that this client does not know.</summary>
    Unknown = 0,

    /// <summary>In filters: any.</summary>
    Any = 1,

    /// <summary>Forbids, whatever others allow.</summary>
    Deny = 2,

    /// <summary>Allows.</summary>
    Allow = 3,
}
