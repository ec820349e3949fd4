namespace NetKafka.Administration;

/// <summary>Where a controller listens for the others (KIP-853).</summary>
/// <param name="Listener">The listener's name, as in <c>controller.listener.names</c>: CONTROLLER.</param>
/// <param name="Host">The host.</param>
/// <param name="Port">The port.</param>
public sealed record RaftEndpoint(string Listener, string Host, int Port)
{
    /// <summary>The port, from 0 to 65,535.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no port.</exception>
    public int Port { get; init; } = Port is >= 0 and <= ushort.MaxValue
        ? Port : throw new ArgumentOutOfRangeException(nameof(Port), Port, "A port is from 0 to 65,535.");
}
