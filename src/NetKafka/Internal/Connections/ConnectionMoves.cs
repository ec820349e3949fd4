namespace NetKafka.Internal.Connections;

/// <summary>The legal moves of a connection. An illegal one is a defect and throws, in every build.</summary>
static class ConnectionMoves
{
    public static bool IsLegal(ConnectionState from, ConnectionState to) => (from, to) switch
    {
        (ConnectionState.Idle, ConnectionState.Resolving or ConnectionState.Connecting) => true,
        (ConnectionState.Resolving, ConnectionState.Connecting or ConnectionState.Closing) => true,
        (ConnectionState.Connecting, ConnectionState.Negotiating or ConnectionState.Closing) => true,
        (ConnectionState.Negotiating, ConnectionState.Ready or ConnectionState.Closing) => true,
        (ConnectionState.Ready, ConnectionState.Draining or ConnectionState.Closing) => true,
        (ConnectionState.Draining, ConnectionState.Closing) => true,
        (ConnectionState.Closing, ConnectionState.Idle) => true,
        _ => false,
    };

    public static ConnectionState Move(ConnectionState from, ConnectionState to) =>
        IsLegal(from, to) ? to : throw new InvalidOperationException($"A connection cannot go from {from} to {to}.");
}
