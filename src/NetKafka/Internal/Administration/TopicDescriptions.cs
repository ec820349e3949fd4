using NetKafka.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads descriptions from a metadata answer.</summary>
static class TopicDescriptions
{
    const int HighestOperation = 31;

    public static ClusterDescription ClusterFrom(MetadataResponse answer)
    {
        var brokers = BrokersOf(answer);
        return new ClusterDescription(answer.ClusterId, brokers.GetValueOrDefault(answer.ControllerId), [.. brokers.Values]);
    }

    public static ClusterDescription ClusterFrom(DescribeClusterResponse answer, bool includeAuthorizedOperations)
    {
        BrokerNode[] brokers =
        [
            .. answer.Brokers.OrderBy(static row => row.BrokerId).Select(static row => new BrokerNode(row.BrokerId, row.Host, row.Port, row.Rack) { IsFenced = row.IsFenced }),
        ];
        return new ClusterDescription(answer.ClusterId, Array.Find(brokers, broker => broker.Id == answer.ControllerId), brokers)
        {
            AuthorizedOperations = includeAuthorizedOperations ? Operations(answer.ClusterAuthorizedOperations) : null,
        };
    }

    public static SortedDictionary<int, BrokerNode> BrokersOf(MetadataResponse answer)
    {
        var brokers = new SortedDictionary<int, BrokerNode>();
        foreach (var row in answer.Brokers)
            brokers[row.NodeId] = new BrokerNode(row.NodeId, row.Host, row.Port, row.Rack);
        return brokers;
    }

    public static TopicDescription From(
        MetadataResponse.MetadataResponseTopic row, IReadOnlyDictionary<int, BrokerNode> brokers, bool includeAuthorizedOperations) => new(
        row.Name ?? "", row.TopicId, row.IsInternal,
        [
            .. row.Partitions.OrderBy(static partition => partition.PartitionIndex).Select(partition => new PartitionDescription(
                partition.PartitionIndex, brokers.GetValueOrDefault(partition.LeaderId), partition.LeaderEpoch, partition.ReplicaNodes, partition.IsrNodes)
            {
                OfflineReplicas = partition.OfflineReplicas,
            }),
        ])
    {
        AuthorizedOperations = includeAuthorizedOperations ? Operations(row.TopicAuthorizedOperations) : null,
    };

    public static PartitionDescription From(
        DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition row, IReadOnlyDictionary<int, BrokerNode> brokers) => new(
        row.PartitionIndex, brokers.GetValueOrDefault(row.LeaderId), row.LeaderEpoch, row.ReplicaNodes, row.IsrNodes)
    {
        OfflineReplicas = row.OfflineReplicas,
        EligibleLeaderReplicas = row.EligibleLeaderReplicas,
        LastKnownEligibleLeaderReplicas = row.LastKnownElr,
    };

    /// <summary>A bit for each operation, as the wire has them; int.MinValue where the broker does not tell.</summary>
    public static IReadOnlySet<AclOperation> Operations(int bits)
    {
        var operations = new SortedSet<AclOperation>();
        if (bits == int.MinValue)
            return operations;
        for (var operation = 0; operation < HighestOperation; operation++)
        {
            if ((bits & (1 << operation)) != 0)
                operations.Add(Enum.IsDefined((AclOperation)operation) ? (AclOperation)operation : AclOperation.Unknown);
        }
        return operations;
    }
}
