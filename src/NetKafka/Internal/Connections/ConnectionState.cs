namespace NetKafka.Internal.Connections;

/// <summary>Where a connection stands. The moves between them are those of <see cref="ConnectionMoves"/> and no others.</summary>
enum ConnectionState
{
    /// <summary>There is no connection and none is being made. Requests may wait for the end of a backoff.</summary>
    Idle,

    /// <summary>The host's addresses are being looked up. Nothing is open.</summary>
    Resolving,

    /// <summary>One address is being tried.</summary>
    Connecting,

    /// <summary>The connection is open and has been asked for its versions. Nothing else may be sent.</summary>
    Negotiating,

    /// <summary>Versions are known: requests are written and answered.</summary>
    Ready,

    /// <summary>What was written may still be answered; nothing new is written; then the connection closes.</summary>
    Draining,

    /// <summary>
    /// A close was asked for and has not been answered, so buffers may still be in use. What was under way fails once it is.
    /// </summary>
    Closing,
}
