namespace NetKafka.Administration;

/// <summary>The copy of a partition on one broker.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="NodeId">The broker's node id.</param>
public readonly record struct PartitionReplica(TopicPartition Partition, int NodeId)
{
    /// <summary>Reads as "payments-3 on broker 1".</summary>
    /// <returns>The partition and the broker.</returns>
    public override string ToString() => $"{Partition} on broker {NodeId}";
}
