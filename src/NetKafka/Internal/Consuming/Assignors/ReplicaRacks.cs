namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>Where a partition has replicas.</summary>
/// <param name="Racks">The racks, in order and without repeats; of brokers that are known and tell theirs.</param>
/// <param name="IsComplete">Whether all brokers with a replica are known.</param>
sealed record ReplicaRacks(string[] Racks, bool IsComplete);
