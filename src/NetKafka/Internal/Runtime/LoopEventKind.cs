namespace NetKafka.Internal.Runtime;

/// <summary>What a <see cref="LoopEvent"/> tells.</summary>
enum LoopEventKind : byte
{
    /// <summary>A deadline is due: nothing to tell but the time.</summary>
    Tick,

    /// <summary>Addresses of a host are in the payload (an array of IPAddress), or there are none.</summary>
    Resolved,

    /// <summary>A connection is open, or could not be opened.</summary>
    Connected,

    /// <summary>The lent buffer holds bytes, or the connection has ended.</summary>
    Received,

    /// <summary>The lent bytes have all left, or never will.</summary>
    Sent,

    /// <summary>The last event of a connection.</summary>
    Closed,

    /// <summary>A user's call: the payload is a <see cref="LoopCall"/>.</summary>
    Call,
}
