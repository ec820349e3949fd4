using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>Whether a broker may answer for a partition.</summary>
static class Leadership
{
    /// <summary>
    /// Checks whether the broker has the partition, then the leader epoch that the client believes in (-1: none), then the leadership,
    /// in Kafka's order.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="broker">Who is asked.</param>
    /// <param name="clientEpoch">The leader epoch that the client believes in; -1 for none.</param>
    /// <param name="mayFollow">Whether a follower may answer too, be it in sync or not.</param>
    internal static ErrorCode Check(Partition partition, Broker broker, int clientEpoch, bool mayFollow = false)
    {
        if (!partition.Replicas.Contains(broker.NodeId))
            return ErrorCode.NotLeaderOrFollower;
        if (broker.HasLost(partition))
            return ErrorCode.KafkaStorageError;
        if (clientEpoch >= 0 && clientEpoch < partition.LeaderEpoch)
            return ErrorCode.FencedLeaderEpoch;
        if (clientEpoch > partition.LeaderEpoch)
            return ErrorCode.UnknownLeaderEpoch;
        return partition.Leader == broker.NodeId || mayFollow
            ? ErrorCode.None
            : ErrorCode.NotLeaderOrFollower;
    }
}
