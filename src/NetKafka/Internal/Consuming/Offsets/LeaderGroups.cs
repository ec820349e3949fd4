using NetKafka.Internal.Cluster;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>Sorts what is to be asked by the broker that leads its partition.</summary>
static class LeaderGroups
{
    /// <summary>The items by leader; those whose leader is not known are left out.</summary>
    public static SortedDictionary<int, List<T>> Of<T>(IEnumerable<T> items, Func<T, TopicPartition> partitionOf, ClusterView view)
    {
        var groups = new SortedDictionary<int, List<T>>();
        foreach (var item in items)
        {
            var partition = partitionOf(item);
            if (!view.TryGetPartition(partition.Topic, partition.Partition, out var known) || known.LeaderId < 0)
                continue;
            if (!groups.TryGetValue(known.LeaderId, out var group))
                groups.Add(known.LeaderId, group = []);
            group.Add(item);
        }
        return groups;
    }

    /// <summary>The id of a topic; empty where it is not known.</summary>
    public static Guid TopicIdOf(ClusterView view, string topic) => view.Topics.TryGetValue(topic, out var known) ? known.Id : Guid.Empty;

    /// <summary>The epoch of a partition's leader, or −1.</summary>
    public static int EpochOf(ClusterView view, TopicPartition partition) =>
        view.TryGetPartition(partition.Topic, partition.Partition, out var known) ? known.LeaderEpoch : -1;
}
