using NetKafka.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads descriptions from a metadata answer.</summary>
static class TopicDescriptions
{
    public static IReadOnlyList<TopicDescription> From(MetadataResponse answer, IReadOnlyList<string> wanted)
    {
        var rows = new Dictionary<string, MetadataResponse.MetadataResponseTopic>(StringComparer.Ordinal);
        foreach (var row in answer.Topics)
        {
            if (row.Name is not null)
                rows[row.Name] = row;
        }
        var brokers = BrokersOf(answer);
        return [.. wanted.Select(name => Describe(name, rows.GetValueOrDefault(name), brokers))];
    }

    public static ClusterDescription ClusterFrom(MetadataResponse answer)
    {
        var brokers = BrokersOf(answer);
        return new ClusterDescription(answer.ClusterId, brokers.GetValueOrDefault(answer.ControllerId), [.. brokers.Values]);
    }

    static SortedDictionary<int, BrokerNode> BrokersOf(MetadataResponse answer)
    {
        var brokers = new SortedDictionary<int, BrokerNode>();
        foreach (var row in answer.Brokers)
            brokers[row.NodeId] = new BrokerNode(row.NodeId, row.Host, row.Port, row.Rack);
        return brokers;
    }

    static TopicDescription Describe(
        string name, MetadataResponse.MetadataResponseTopic? row, SortedDictionary<int, BrokerNode> brokers)
    {
        var code = row?.ErrorCode ?? ErrorCode.UnknownTopicOrPartition;
        if (row is null || (code != ErrorCode.None && row.Partitions.Length == 0))
            return new TopicDescription(name, Guid.Empty, false, [], KafkaErrors.From(code, null, $"Topic '{name}' could not be described"));
        var partitions = row.Partitions.OrderBy(partition => partition.PartitionIndex).Select(partition => new PartitionDescription(
            partition.PartitionIndex, brokers.GetValueOrDefault(partition.LeaderId), partition.LeaderEpoch, partition.ReplicaNodes, partition.IsrNodes));
        return new TopicDescription(name, row.TopicId, row.IsInternal, [.. partitions], null);
    }
}
