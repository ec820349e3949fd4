namespace NetKafka.Internal.Consuming.Groups;

/// <summary>Where a member of a group of the classic protocol stands.</summary>
enum MemberState
{
    /// <summary>No member, and nobody has asked for it to be one. Owns nothing.</summary>
    Idle,

    /// <summary>
    /// Partitions are being given up before the next join; the application may still be busy with them. Heartbeats go on.
    /// </summary>
    Releasing,

    /// <summary>
    /// Asks to join, or waits for the answer, which comes when the other members have asked too. No heartbeats.
    /// </summary>
    Joining,

    /// <summary>Leads the group, and waits for the metadata of all topics that its members name.</summary>
    Assigning,

    /// <summary>Waits for its share. Heartbeats go on.</summary>
    Syncing,

    /// <summary>Has its share, and waits for the application's handlers. Heartbeats go on.</summary>
    Taking,

    /// <summary>A member that owns what it was given. Heartbeats go on.</summary>
    Stable,

    /// <summary>Says that it leaves.</summary>
    Leaving,

    /// <summary>Over for good. Owns nothing.</summary>
    Left,
}
