using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>A member as a server-side assignor sees it.</summary>
/// <param name="MemberId">Who.</param>
/// <param name="InstanceId">Of a static member; null for others.</param>
/// <param name="Topics">The topics that exist of those that it subscribes to.</param>
/// <param name="Target">What the last target gave it.</param>
sealed record Subscriber(string MemberId, string? InstanceId, IReadOnlyList<Topic> Topics, IReadOnlyCollection<TopicIdPartition> Target)
{
    /// <summary>The order in which an assignor goes through members: static ones first, by their instance, so that a new id changes nothing.</summary>
    internal static int Compare(Subscriber left, Subscriber right)
    {
        if (left.InstanceId is null != right.InstanceId is null)
            return left.InstanceId is null ? 1 : -1;
        return left.InstanceId is null
            ? string.CompareOrdinal(left.MemberId, right.MemberId)
            : string.CompareOrdinal(left.InstanceId, right.InstanceId);
    }
}
