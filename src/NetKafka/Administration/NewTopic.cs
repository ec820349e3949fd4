namespace NetKafka.Administration;

/// <summary>A topic to be created.</summary>
/// <param name="Name">The name: 1 to 249 letters, digits, dots, underscores and dashes.</param>
/// <param name="Partitions">How many partitions; −1 (the default) leaves it to the broker's <c>num.partitions</c> (KIP-464).</param>
/// <param name="ReplicationFactor">How many copies; −1 (the default) leaves it to the broker's <c>default.replication.factor</c> (KIP-464).</param>
public sealed record NewTopic(string Name, int Partitions = -1, short ReplicationFactor = -1)
{
    /// <summary>Settings of the topic by Kafka's names, such as <c>retention.ms</c>. Default: none, the broker's defaults.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();
}
