using NetKafka.Administration;
using NetKafka.Internal.Cluster;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// The topics that a group shares out, as they are known at one moment: how many partitions each has, and in which racks these have replicas.
/// Immutable.
/// </summary>
sealed class GroupTopics
{
    readonly SortedDictionary<string, ReplicaRacks[]> _racks;
    readonly ClusterView _view;

    /// <param name="counts">The topics that exist, with the number of their partitions.</param>
    /// <param name="racks">For each topic the racks of its partitions; a topic that is missing has none.</param>
    /// <param name="view">Where all of this was taken from.</param>
    public GroupTopics(SortedDictionary<string, int> counts, SortedDictionary<string, ReplicaRacks[]>? racks = null, ClusterView? view = null)
    {
        Counts = counts;
        _racks = racks ?? new(StringComparer.Ordinal);
        _view = view ?? ClusterView.Empty;
    }

    /// <summary>The topics that exist, with the number of their partitions.</summary>
    public SortedDictionary<string, int> Counts { get; }

    /// <summary>What a view of the cluster knows of these topics.</summary>
    /// <param name="view">The view.</param>
    /// <param name="topics">The topics; those that do not exist are left out.</param>
    /// <param name="withRacks">Whether racks are looked at.</param>
    public static GroupTopics From(ClusterView view, IEnumerable<string> topics, bool withRacks = true)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var racks = new SortedDictionary<string, ReplicaRacks[]>(StringComparer.Ordinal);
        foreach (var topic in topics)
        {
            if (!view.Topics.TryGetValue(topic, out var known) || known.Partitions.Length == 0)
                continue;
            counts.Add(topic, known.Partitions.Length);
            if (withRacks)
                racks.Add(topic, [.. known.Partitions.Select(partition => RacksOf(partition, view))]);
        }
        return new GroupTopics(counts, racks, view);
    }

    /// <summary>The racks in which a partition has replicas; empty where none is known.</summary>
    public IReadOnlyList<string> RacksOf(TopicPartition partition) =>
        _racks.TryGetValue(partition.Topic, out var racks) && (uint)partition.Partition < (uint)racks.Length ? racks[partition.Partition].Racks : [];

    /// <summary>Whether a topic has such a partition.</summary>
    public bool Has(TopicPartition partition) =>
        Counts.TryGetValue(partition.Topic, out var count) && (uint)partition.Partition < (uint)count;

    /// <summary>
    /// Whether nothing here calls for another assignment than what was shared out called for: neither the partitions nor, where racks were
    /// looked at, replicas that are in other racks now (KIP-881).
    /// </summary>
    /// <param name="sharedOut">The topics when they were shared out.</param>
    public bool CallsForTheSameAs(GroupTopics sharedOut)
    {
        if (!Counts.SequenceEqual(sharedOut.Counts))
            return false;
        foreach (var (topic, racks) in _racks)
        {
            // What an earlier process shared out is known without its racks.
            if (!sharedOut._racks.TryGetValue(topic, out var before))
                continue;
            for (var i = 0; i < racks.Length; i++)
            {
                // A broker that is away at present has not moved.
                if (racks[i].IsComplete && !racks[i].Racks.SequenceEqual(before[i].Racks))
                    return false;
            }
        }
        return true;
    }

    /// <summary>The topics as users see them.</summary>
    public IReadOnlyList<TopicDescription> Describe() =>
    [
        .. Counts.Keys.Where(_view.Topics.ContainsKey).Select(name => _view.Topics[name]).Select(topic => new TopicDescription(
            topic.Name, topic.Id, topic.IsInternal, [.. topic.Partitions.Select(Describe)])),
    ];

    /// <summary>The brokers as users see them.</summary>
    public IReadOnlyList<BrokerNode> DescribeBrokers() => [.. _view.Brokers.Values.Select(Describe)];

    PartitionDescription Describe(PartitionView partition) => new(
        partition.Index, _view.Brokers.TryGetValue(partition.LeaderId, out var leader) ? Describe(leader) : null, partition.LeaderEpoch,
        [.. partition.Replicas], [.. partition.InSyncReplicas]);

    static BrokerNode Describe(BrokerView broker) => new(broker.NodeId, broker.Host, broker.Port, broker.Rack);

    static ReplicaRacks RacksOf(PartitionView partition, ClusterView view)
    {
        var racks = new SortedSet<string>(StringComparer.Ordinal);
        var isComplete = true;
        foreach (var replica in partition.Replicas)
        {
            if (!view.Brokers.TryGetValue(replica, out var broker))
                isComplete = false;
            else if (!string.IsNullOrEmpty(broker.Rack))
                racks.Add(broker.Rack);
        }
        return new ReplicaRacks([.. racks], isComplete);
    }
}
