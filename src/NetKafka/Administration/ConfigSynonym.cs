namespace NetKafka.Administration;

/// <summary>One of the values that a configuration would have.</summary>
/// <param name="Name">Kafka's name of it there, which may differ: <c>log.retention.ms</c> of a broker is <c>retention.ms</c> of a topic.</param>
/// <param name="Value">The value; null where it is a secret.</param>
/// <param name="Source">Where it stands.</param>
public sealed record ConfigSynonym(string Name, string? Value, ConfigSource Source);
