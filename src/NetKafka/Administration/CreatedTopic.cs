namespace NetKafka.Administration;

/// <summary>A topic as it was created, or would have been.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id; empty where it was only validated, and on brokers before 2.8.</param>
/// <param name="Partitions">How many partitions it has; −1 on brokers before 2.4, and where one may not describe its configurations.</param>
/// <param name="ReplicationFactor">How many copies it has; −1 like <paramref name="Partitions"/>.</param>
/// <param name="Configs">Its configurations by name; empty like <paramref name="Partitions"/>.</param>
public sealed record CreatedTopic(string Name, Guid Id, int Partitions, int ReplicationFactor, IReadOnlyList<ConfigEntry> Configs);
