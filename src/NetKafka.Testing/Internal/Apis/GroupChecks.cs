using NetKafka.Protocol;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>What requests to the coordinators of the newer kinds of groups (KIP-848, KIP-932) are asked first, and what they are told alike.</summary>
static class GroupChecks
{
    /// <summary>Whether a broker may answer for a group.</summary>
    /// <param name="call">The call.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="level">The level that is finalized of the feature of such groups.</param>
    internal static ErrorCode Check(Call call, string groupId, short level)
    {
        if (level < 1)
            return ErrorCode.UnsupportedVersion;
        return groupId.Length == 0 ? ErrorCode.InvalidGroupId : call.Cluster.Groups.Check(groupId, call.Broker);
    }

    /// <summary>Partitions by topic. Topics that are gone have no name, and are left out.</summary>
    internal static IEnumerable<(Guid Id, string Name, int[] Partitions)> Named(Call call, IEnumerable<TopicIdPartition> partitions)
    {
        foreach (var topic in partitions.GroupBy(static partition => partition.TopicId, static partition => partition.Partition))
        {
            if (call.Cluster.FindTopic(topic.Key) is { } known)
                yield return (topic.Key, known.Name, [.. topic]);
        }
    }
}
