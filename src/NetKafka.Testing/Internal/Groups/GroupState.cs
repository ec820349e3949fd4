namespace NetKafka.Testing.Internal.Groups;

/// <summary>The states of a classic group. A group without members that is deleted is no longer known at all.</summary>
enum GroupState
{
    /// <summary>No members; there may be offsets.</summary>
    Empty,

    /// <summary>Members are being asked to join; JoinGroups are parked until all are there or time is over.</summary>
    PreparingRebalance,

    /// <summary>A generation began; SyncGroups are parked until its leader brings the assignment.</summary>
    CompletingRebalance,

    /// <summary>Every member has its assignment.</summary>
    Stable,
}
