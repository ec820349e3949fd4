namespace NetKafka.Internal.Consuming.Groups;

/// <summary>Where a member of a group of the consumer protocol stands.</summary>
enum ConsumerMemberState
{
    /// <summary>No member, and nobody has asked for it to be one. Owns nothing.</summary>
    Idle,

    /// <summary>Asks to be a member, by a heartbeat of epoch 0. Owns nothing.</summary>
    Joining,

    /// <summary>A member; what it owns is what the coordinator wanted when it was last looked at. Heartbeats go on.</summary>
    Stable,

    /// <summary>Partitions are being given up or taken over; the application may be busy with them. Heartbeats go on.</summary>
    Reconciling,

    /// <summary>The coordinator counts it out; its partitions are being forgotten, and then it joins again. No heartbeats.</summary>
    Losing,

    /// <summary>Says that it leaves.</summary>
    Leaving,

    /// <summary>Over for good. Owns nothing.</summary>
    Left,
}
