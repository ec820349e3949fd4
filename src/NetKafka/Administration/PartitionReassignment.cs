namespace NetKafka.Administration;

/// <summary>A partition whose replicas are on their way to other brokers (KIP-455).</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Replicas">The node ids of all its replicas as they are now, those that come and those that go included.</param>
/// <param name="Adding">The node ids of those that come: they copy from the leader until they are in sync.</param>
/// <param name="Removing">The node ids of those that go once all that come are in sync.</param>
public sealed record PartitionReassignment(TopicPartition Partition, IReadOnlyList<int> Replicas, IReadOnlyList<int> Adding, IReadOnlyList<int> Removing);
