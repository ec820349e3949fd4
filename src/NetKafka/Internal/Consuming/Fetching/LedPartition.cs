namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>An assigned partition at the broker that leads it, with what the view says of it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Slot">Its place in the broker's session.</param>
/// <param name="TopicId">The topic's id; empty where the broker is too old to tell.</param>
/// <param name="LeaderEpoch">The leader's epoch.</param>
readonly record struct LedPartition(AssignedPartition Partition, FetchSlot Slot, Guid TopicId, int LeaderEpoch);
