namespace NetKafka.Administration;

/// <summary>A topic that a streams group keeps for itself (KIP-1071).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it is to have; 0 where the topics that are read decide.</param>
/// <param name="ReplicationFactor">How many copies it is to have; 0 where the broker's default decides.</param>
/// <param name="Configs">Its configurations.</param>
public sealed record StreamsInternalTopic(string Name, int Partitions, short ReplicationFactor, IReadOnlyDictionary<string, string> Configs);
