namespace NetKafka.Internal.Cluster;

/// <summary>A broker as metadata names it. A broker is its node id; where it listens may change.</summary>
sealed record BrokerView(int NodeId, string Host, int Port, string? Rack)
{
    public override string ToString() => NodeId < 0 ? $"{Host}:{Port} (bootstrap)" : $"{Host}:{Port} (node {NodeId})";
}
