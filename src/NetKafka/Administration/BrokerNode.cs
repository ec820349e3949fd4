namespace NetKafka.Administration;

/// <summary>A broker of the cluster.</summary>
/// <param name="Id">Its node id.</param>
/// <param name="Host">The host at which it listens for clients.</param>
/// <param name="Port">The port at which it listens for clients.</param>
/// <param name="Rack">The rack it stands in, if it was told one.</param>
public sealed record BrokerNode(int Id, string Host, int Port, string? Rack)
{
    /// <summary>Whether it is registered and serves nobody at present, since it is starting, stopping or away (KIP-1073); only where that was asked for.</summary>
    public bool IsFenced { get; init; }
}
