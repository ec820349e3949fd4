using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>The APIs that the fake serves. What is not here is not announced, and closes the connection.</summary>
sealed class ApiTable
{
    readonly SortedDictionary<short, ApiHandler> handlers = [];

    internal ApiTable()
    {
        foreach (var handler in Records().Concat(Groups()).Concat(Administration()))
            handlers.Add((short)handler.ApiKey, handler);
    }

    internal IEnumerable<ApiHandler> All => handlers.Values;

    internal ApiHandler? Find(ApiKey key) => handlers.GetValueOrDefault((short)key);

    /// <summary>The versions announced under the cluster's settings; false if the API is hidden.</summary>
    internal bool TryGetRange(ClusterSettings settings, ApiHandler handler, out (short Min, short Max) range)
    {
        range = (handler.MinVersion, handler.MaxVersion);
        if (settings.ApiVersionLimits.TryGetValue((short)handler.ApiKey, out var limit))
            range = (Math.Max(range.Min, limit.Min), Math.Min(range.Max, limit.Max));
        return range.Min <= range.Max;
    }

    /// <summary>What producers and readers of partitions ask.</summary>
    static ApiHandler[] Records() =>
    [
        new ApiVersionsHandler(),
        new MetadataHandler(),
        new ProduceHandler(),
        new FetchHandler(),
        new ListOffsetsHandler(),
        new InitProducerIdHandler(),
        new AddPartitionsToTxnHandler(),
        new AddOffsetsToTxnHandler(),
        new TxnOffsetCommitHandler(),
        new EndTxnHandler(),
        new OffsetForLeaderEpochHandler(),
    ];

    /// <summary>What members of groups ask, and who looks after groups.</summary>
    static ApiHandler[] Groups() =>
    [
        new FindCoordinatorHandler(),
        new JoinGroupHandler(),
        new SyncGroupHandler(),
        new HeartbeatHandler(),
        new LeaveGroupHandler(),
        new OffsetCommitHandler(),
        new OffsetFetchHandler(),
        new OffsetDeleteHandler(),
        new DescribeGroupsHandler(),
        new ListGroupsHandler(),
        new DeleteGroupsHandler(),
        new ConsumerGroupHeartbeatHandler(),
        new ConsumerGroupDescribeHandler(),
        new ShareGroupHeartbeatHandler(),
        new ShareGroupDescribeHandler(),
        new StreamsGroupHeartbeatHandler(),
        new StreamsGroupDescribeHandler(),
        new ShareFetchHandler(),
        new ShareAcknowledgeHandler(),
        new DescribeShareGroupOffsetsHandler(),
        new AlterShareGroupOffsetsHandler(),
        new DeleteShareGroupOffsetsHandler(),
    ];

    /// <summary>What administrators ask of anything else.</summary>
    static ApiHandler[] Administration() =>
    [
        new WriteTxnMarkersHandler(),
        new ListTransactionsHandler(),
        new DescribeTransactionsHandler(),
        new DescribeProducersHandler(),
        new CreateTopicsHandler(),
        new DeleteTopicsHandler(),
        new CreatePartitionsHandler(),
        new DeleteRecordsHandler(),
        new DescribeClusterHandler(),
        new DescribeConfigsHandler(),
        new DescribeTopicPartitionsHandler(),
        new IncrementalAlterConfigsHandler(),
        new ListConfigResourcesHandler(),
        new ElectLeadersHandler(),
        new AlterPartitionReassignmentsHandler(),
        new ListPartitionReassignmentsHandler(),
        new DescribeLogDirsHandler(),
        new AlterReplicaLogDirsHandler(),
        new UpdateFeaturesHandler(),
        new DescribeQuorumHandler(),
        new AddRaftVoterHandler(),
        new RemoveRaftVoterHandler(),
        new UnregisterBrokerHandler(),
        new UnregisterControllerHandler(),
        new CreateAclsHandler(),
        new DescribeAclsHandler(),
        new DeleteAclsHandler(),
        new DescribeClientQuotasHandler(),
        new AlterClientQuotasHandler(),
        new DescribeUserScramCredentialsHandler(),
        new AlterUserScramCredentialsHandler(),
        new CreateDelegationTokenHandler(),
        new RenewDelegationTokenHandler(),
        new ExpireDelegationTokenHandler(),
        new DescribeDelegationTokenHandler(),
    ];
}
