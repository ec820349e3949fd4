namespace NetKafka.Consuming;

/// <summary>What the leader of a group has given to this member.</summary>
/// <param name="Partitions">The partitions, in order of topic and number.</param>
/// <param name="UserData">What the assignor said to this member beside them; empty where it said nothing.</param>
public sealed record MemberAssignment(IReadOnlyList<TopicPartition> Partitions, ReadOnlyMemory<byte> UserData);
