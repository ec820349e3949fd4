using NetKafka.Protocol;

namespace NetKafka.Internal.Cluster;

/// <summary>A topic as metadata names it; partition i is at index i.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Id">The topic's id; empty where the broker is too old to tell.</param>
/// <param name="IsInternal">Whether the topic is Kafka's own.</param>
/// <param name="Partitions">The partitions that are known, in order; empty where none ever was.</param>
/// <param name="Error">What the newest answer said of the topic. Partitions of an earlier answer stay beside a passing error.</param>
sealed record TopicView(string Name, Guid Id, bool IsInternal, PartitionView[] Partitions, ErrorCode Error);
