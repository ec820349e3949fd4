namespace NetKafka.Internal.Producing;

/// <summary>The partitions of a topic at one moment. Immutable.</summary>
/// <param name="All">The queues by number.</param>
/// <param name="Count">How many partitions the topic has now, over which keys are hashed.</param>
/// <param name="Available">The numbers of those with a leader; all where none has one. Never empty.</param>
/// <param name="Near">Of these the ones for records that are spread: led from the client's rack, where that counts and there are some.</param>
sealed record TopicPartitions(PartitionQueue[] All, int Count, int[] Available, int[] Near);
