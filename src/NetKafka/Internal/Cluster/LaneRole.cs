namespace NetKafka.Internal.Cluster;

/// <summary>
/// What a connection is for. A broker answers one connection's requests strictly one after another, so what may be parked
/// there (a fetch, a join) has a connection of its own.
/// </summary>
enum LaneRole
{
    /// <summary>Metadata, coordinators, producer ids, transactions.</summary>
    Control,

    /// <summary>Produce, shared by the producers of a client.</summary>
    Produce,

    /// <summary>Fetch, one a consumer.</summary>
    Fetch,

    /// <summary>Membership and commits, one a group member.</summary>
    Group,

    /// <summary>Calls of an admin, which may take long.</summary>
    Admin,
}
