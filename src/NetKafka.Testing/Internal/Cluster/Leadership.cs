using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>Whether a broker may answer for a partition.</summary>
static class Leadership
{
    /// <summary>Checks the leader epoch that the client believes in (-1: none), then the leadership, in Kafka's order.</summary>
    internal static ErrorCode Check(Partition partition, int nodeId, int clientEpoch)
    {
        if (!partition.Replicas.Contains(nodeId))
            return ErrorCode.NotLeaderOrFollower;
        if (clientEpoch >= 0 && clientEpoch < partition.LeaderEpoch)
            return ErrorCode.FencedLeaderEpoch;
        if (clientEpoch > partition.LeaderEpoch)
            return ErrorCode.UnknownLeaderEpoch;
        return partition.Leader == nodeId ? ErrorCode.None : ErrorCode.NotLeaderOrFollower;
    }
}
