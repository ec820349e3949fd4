namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>Where a member of a share group stands.</summary>
enum ShareMemberState
{
    /// <summary>No member, and nobody has asked for it to be one.</summary>
    Idle,

    /// <summary>Asks to be a member, by a heartbeat of epoch 0.</summary>
    Joining,

    /// <summary>A member, which acquires records of what the coordinator has assigned. Heartbeats go on.</summary>
    Stable,

    /// <summary>Says that it leaves.</summary>
    Leaving,

    /// <summary>Over for good.</summary>
    Left,
}
