namespace NetKafka.Testing.Internal.Cluster;

/// <summary>What a broker knows of the cluster at one moment. It does not change with the cluster.</summary>
sealed class MetadataView
{
    internal MetadataView(IEnumerable<Broker> brokers, int controllerId, IEnumerable<Topic> topics)
    {
        ControllerId = controllerId;
        Brokers = [.. brokers.Where(b => b.IsUp).Select(b => new BrokerAddress(b.NodeId, b.Host, b.Port, b.Rack))];
        var up = brokers.Where(static b => b.IsUp).ToArray();
        foreach (var topic in topics)
        {
            var view = new TopicView(
                topic.Name,
                topic.Id,
                [.. topic.Partitions.Select(p => new PartitionView(
                    p.Index, p.Leader, p.LeaderEpoch, p.Replicas, [.. p.InSync], [.. p.Replicas.Where(r => IsOffline(p, r))]))]);
            ByName.Add(view.Name, view);
        }

        bool IsOffline(Partition partition, int node) => !Array.Exists(up, broker => broker.NodeId == node && !broker.HasLost(partition));
    }

    internal int ControllerId { get; }

    internal BrokerAddress[] Brokers { get; }

    internal SortedDictionary<string, TopicView> ByName { get; } = new(StringComparer.Ordinal);

    internal TopicView? Find(Guid id)
    {
        foreach (var topic in ByName.Values)
        {
            if (topic.Id == id)
                return topic;
        }

        return null;
    }
}

readonly record struct BrokerAddress(int NodeId, string Host, int Port, string? Rack);

sealed record TopicView(string Name, Guid Id, PartitionView[] Partitions);

readonly record struct PartitionView(
    int Index, int Leader, int LeaderEpoch, int[] Replicas, int[] InSync, int[] Offline);
