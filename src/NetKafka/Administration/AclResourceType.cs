namespace NetKafka.Administration;

/// <summary>What an ACL is about. The numbers are Kafka's.</summary>
public enum AclResourceType
{
    /// <summary>One that this client does not know.</summary>
    Unknown = 0,

    /// <summary>In filters: any.</summary>
    Any = 1,

    /// <summary>A topic, by its name.</summary>
    Topic = 2,

    /// <summary>A group of whatever kind, by its id.</summary>
    Group = 3,

    /// <summary>The cluster; its one name is <see cref="AclBinding.ClusterName"/>.</summary>
    Cluster = 4,

    /// <summary>A producer with transactions, by its transactional id.</summary>
    TransactionalId = 5,

    /// <summary>A delegation token, by its id (KIP-48).</summary>
    DelegationToken = 6,

    /// <summary>A user as the owner of delegation tokens, by the principal, as <c>User:alice</c> (KIP-373; version 3 of the requests).</summary>
    User = 7,
}
