using NetKafka.Administration;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Administration;

/// <summary>Reads the quorum of controllers from an answer.</summary>
static class QuorumDescriptions
{
    public static MetadataQuorum From(DescribeQuorumResponse answer, DescribeQuorumResponse.PartitionData row) =>
        new(row.LeaderId, row.LeaderEpoch, row.HighWatermark, Replicas(row.CurrentVoters), Replicas(row.Observers))
        {
            Endpoints = Endpoints(answer.Nodes),
        };

    static QuorumReplica[] Replicas(DescribeQuorumResponse.ReplicaState[] rows) =>
    [
        .. rows.OrderBy(static row => row.ReplicaId).Select(static row => new QuorumReplica(row.ReplicaId, row.LogEndOffset)
        {
            DirectoryId = row.ReplicaDirectoryId == Guid.Empty ? null : row.ReplicaDirectoryId,
            LastFetchTime = Time(row.LastFetchTimestamp),
            LastCaughtUpTime = Time(row.LastCaughtUpTimestamp),
        }),
    ];

    static SortedDictionary<int, IReadOnlyList<RaftEndpoint>> Endpoints(DescribeQuorumResponse.Node[] nodes)
    {
        var endpoints = new SortedDictionary<int, IReadOnlyList<RaftEndpoint>>();
        foreach (var node in nodes)
            endpoints[node.NodeId] = [.. node.Listeners.Select(static listener => new RaftEndpoint(listener.Name, listener.Host, listener.Port))];
        return endpoints;
    }

    /// <summary>A time by the leader's clock; −1 where it knows of none.</summary>
    static DateTimeOffset? Time(long milliseconds) => milliseconds < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
