using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ShareGroups;

/// <summary>A member as the assignor of share groups sees it.</summary>
/// <param name="MemberId">Who.</param>
/// <param name="Partitions">All partitions of what it subscribes to that can be assigned.</param>
/// <param name="Target">What the last target gave it.</param>
sealed record Sharer(string MemberId, IReadOnlyList<TopicIdPartition> Partitions, IReadOnlyCollection<TopicIdPartition> Target);
