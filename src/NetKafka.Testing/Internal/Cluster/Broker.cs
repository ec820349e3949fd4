namespace NetKafka.Testing.Internal.Cluster;

/// <summary>One broker: where it is reached, whether it runs, and what it alone believes.</summary>
sealed class Broker(int nodeId, string host, int port, string? rack)
{
    internal int NodeId { get; } = nodeId;

    internal string Host { get; set; } = host;

    internal int Port { get; set; } = port;

    internal string? Rack { get; } = rack;

    internal bool IsUp { get; set; } = true;

    /// <summary>What it goes on telling clients, while it is cut off from the controller; null when it is up to date.</summary>
    internal MetadataView? StaleView { get; set; }

    /// <summary>Sent as throttle_time_ms with every answer that has the field.</summary>
    internal int ThrottleMs { get; set; }
}
