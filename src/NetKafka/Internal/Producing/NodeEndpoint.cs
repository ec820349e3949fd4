namespace NetKafka.Internal.Producing;

/// <summary>Where a broker listens, as an answer names it (KIP-951).</summary>
readonly record struct NodeEndpoint(int NodeId, string Host, int Port, string? Rack);
