using System.Collections.Frozen;
using NetKafka.Protocol;

namespace NetKafka.Internal.Connections;

/// <summary>Which release of Kafka first served a version of an API, for messages that tell what is missing.</summary>
static class ApiReleases
{
    // From a version on until the next; the newest comes first. Kafka 2.1 and older stand for all that is not here.
    static readonly FrozenDictionary<ApiKey, (short Version, string Release)[]> Releases = new Dictionary<ApiKey, (short Version, string Release)[]>
    {
        [ApiKey.AddOffsetsToTxn] = [(4, "3.8"), (3, "2.8"), (2, "2.7")],
        [ApiKey.AddPartitionsToTxn] = [(5, "3.8"), (4, "3.6"), (3, "2.8"), (2, "2.7")],
        [ApiKey.AddRaftVoter] = [(0, "3.9")],
        [ApiKey.AlterClientQuotas] = [(1, "2.8"), (0, "2.6")],
        [ApiKey.AlterPartitionReassignments] = [(1, "4.1"), (0, "2.4")],
        [ApiKey.AlterReplicaLogDirs] = [(2, "2.8")],
        [ApiKey.AlterShareGroupOffsets] = [(0, "4.1")],
        [ApiKey.AlterUserScramCredentials] = [(0, "2.7")],
        [ApiKey.ConsumerGroupDescribe] = [(1, "4.0"), (0, "3.8")],
        [ApiKey.ConsumerGroupHeartbeat] = [(1, "4.0"), (0, "3.7")],
        [ApiKey.CreateAcls] = [(3, "3.3"), (2, "2.5")],
        [ApiKey.CreateDelegationToken] = [(3, "3.3"), (2, "2.4")],
        [ApiKey.CreatePartitions] = [(3, "2.7"), (2, "2.5")],
        [ApiKey.CreateTopics] = [(7, "2.8"), (6, "2.7"), (4, "2.4")],
        [ApiKey.DeleteAcls] = [(3, "3.3"), (2, "2.5")],
        [ApiKey.DeleteGroups] = [(3, "4.4"), (2, "2.4")],
        [ApiKey.DeleteRecords] = [(2, "2.6")],
        [ApiKey.DeleteShareGroupOffsets] = [(0, "4.1")],
        [ApiKey.DeleteTopics] = [(6, "2.8"), (5, "2.7"), (4, "2.4")],
        [ApiKey.DescribeAcls] = [(3, "3.3"), (2, "2.5")],
        [ApiKey.DescribeClientQuotas] = [(1, "2.8"), (0, "2.6")],
        [ApiKey.DescribeCluster] = [(2, "4.0"), (1, "3.7"), (0, "2.8")],
        [ApiKey.DescribeConfigs] = [(4, "2.8"), (3, "2.6")],
        [ApiKey.DescribeDelegationToken] = [(3, "3.3"), (2, "2.5")],
        [ApiKey.DescribeGroups] = [(6, "4.0"), (4, "2.4"), (3, "2.3")],
        [ApiKey.DescribeLogDirs] = [(4, "3.3"), (3, "3.2"), (2, "2.6")],
        [ApiKey.DescribeProducers] = [(0, "3.0")],
        [ApiKey.DescribeQuorum] = [(2, "3.9"), (1, "3.3"), (0, "2.7")],
        [ApiKey.DescribeShareGroupOffsets] = [(1, "4.2"), (0, "4.1")],
        [ApiKey.DescribeTopicPartitions] = [(0, "3.8")],
        [ApiKey.DescribeTransactions] = [(0, "3.0")],
        [ApiKey.DescribeUserScramCredentials] = [(0, "2.7")],
        [ApiKey.ElectLeaders] = [(1, "2.4")],
        [ApiKey.EndTxn] = [(5, "4.0"), (4, "3.8"), (3, "2.8"), (2, "2.7")],
        [ApiKey.ExpireDelegationToken] = [(2, "2.5")],
        [ApiKey.Fetch] = [(18, "4.1"), (17, "3.9"), (16, "3.7"), (14, "3.5"), (13, "3.1"), (12, "2.7"), (11, "2.3")],
        [ApiKey.FindCoordinator] = [(6, "3.9"), (5, "3.8"), (4, "3.0"), (3, "2.4")],
        [ApiKey.Heartbeat] = [(4, "2.4"), (3, "2.3")],
        [ApiKey.IncrementalAlterConfigs] = [(1, "2.4"), (0, "2.3")],
        [ApiKey.InitProducerId] = [(5, "3.8"), (4, "2.7"), (3, "2.5"), (2, "2.4")],
        [ApiKey.JoinGroup] = [(8, "3.2"), (7, "2.5"), (6, "2.4"), (5, "2.3")],
        [ApiKey.LeaveGroup] = [(5, "3.2"), (3, "2.4")],
        [ApiKey.ListConfigResources] = [(1, "4.1"), (0, "3.7")],
        [ApiKey.ListGroups] = [(5, "3.8"), (4, "2.6"), (3, "2.4")],
        [ApiKey.ListOffsets] = [(11, "4.2"), (10, "4.0"), (9, "3.9"), (8, "3.5"), (7, "3.0"), (6, "2.8")],
        [ApiKey.ListPartitionReassignments] = [(0, "2.4")],
        [ApiKey.ListTransactions] = [(2, "4.1"), (1, "3.8"), (0, "3.0")],
        [ApiKey.Metadata] = [(13, "4.0"), (12, "3.1"), (10, "2.8"), (9, "2.4"), (8, "2.3")],
        [ApiKey.OffsetCommit] = [(10, "4.1"), (9, "3.7"), (8, "2.4"), (7, "2.3")],
        [ApiKey.OffsetDelete] = [(0, "2.4")],
        [ApiKey.OffsetFetch] = [(10, "4.1"), (9, "3.7"), (8, "3.0"), (7, "2.5"), (6, "2.4")],
        [ApiKey.OffsetForLeaderEpoch] = [(4, "2.8"), (3, "2.3")],
        [ApiKey.Produce] = [(13, "4.1"), (12, "4.0"), (11, "3.8"), (10, "3.7"), (9, "2.8"), (8, "2.4")],
        [ApiKey.RemoveRaftVoter] = [(0, "3.9")],
        [ApiKey.RenewDelegationToken] = [(2, "2.5")],
        [ApiKey.ShareAcknowledge] = [(2, "4.2"), (1, "4.1")],
        [ApiKey.ShareFetch] = [(2, "4.2"), (1, "4.1")],
        [ApiKey.ShareGroupDescribe] = [(1, "4.1")],
        [ApiKey.ShareGroupHeartbeat] = [(1, "4.1")],
        [ApiKey.StreamsGroupDescribe] = [(1, "4.4"), (0, "4.1")],
        [ApiKey.StreamsGroupHeartbeat] = [(1, "4.4"), (0, "4.1")],
        [ApiKey.StreamsGroupTopologyDescriptionUpdate] = [(0, "4.4")],
        [ApiKey.SyncGroup] = [(5, "2.5"), (4, "2.4"), (3, "2.3")],
        [ApiKey.TxnOffsetCommit] = [(6, "4.4"), (5, "4.0"), (4, "3.8"), (3, "2.5")],
        [ApiKey.UnregisterBroker] = [(0, "2.8")],
        [ApiKey.UnregisterController] = [(0, "4.4")],
        [ApiKey.UpdateFeatures] = [(2, "4.0"), (1, "3.3"), (0, "2.7")],
        [ApiKey.WriteTxnMarkers] = [(1, "2.8")],
    }.ToFrozenDictionary();

    /// <summary>The release, as "4.1"; null where every broker that this client can talk to serves it.</summary>
    public static string? Since(ApiKey api, short version) =>
        Releases.TryGetValue(api, out var releases) ? Array.Find(releases, release => release.Version <= version).Release : null;
}
