using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Protocol;
using static NetKafka.Tests.Administration.AdminCall.Broker;

namespace NetKafka.Tests.Administration;

/// <summary>The calls of the admin that ask a broker which something concerns, each as it succeeds on the cluster of <see cref="AdminEveryCallTests"/>.</summary>
static class AdminCalls
{
    public const string Topic = "payments";
    public const string TransactionalId = "payer";

    /// <summary>The groups; those of one kind of calls are not shared, since some calls end them.</summary>
    public static readonly string[] Classic = ["classic-0", "classic-1", "classic-2", "classic-3", "classic-4"];

    public const string ScramUser = "a";

    const int Voter = 3;

    static readonly AclBinding Acl = new(AclResourceType.Topic, Topic, "User:a", AclOperation.Read);

    public static readonly TopicPartition Partition = new(Topic, 1);

    public static readonly IReadOnlyDictionary<string, AdminCall> All = new SortedDictionary<string, AdminCall>(StringComparer.Ordinal)
    {
        ["create topics"] = new(ApiKey.CreateTopics, Controller, async (admin, stop) => Errors(await admin.CreateTopicsAsync([new NewTopic("a", 1), new NewTopic("b", 1)], cancellation: stop))),
        ["delete topics"] = new(ApiKey.DeleteTopics, Controller, async (admin, stop) => Errors(await admin.DeleteTopicsAsync([Topic], stop))),
        ["create partitions"] = new(ApiKey.CreatePartitions, Controller, async (admin, stop) =>
            Errors(await admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { [Topic] = new(9) }, cancellation: stop))),
        ["describe topics"] = new(ApiKey.DescribeTopicPartitions, Any, async (admin, stop) => Errors(await admin.DescribeTopicsAsync([Topic], cancellation: stop))) { HasFallback = true },
        ["describe configs"] = new(ApiKey.DescribeConfigs, Any, async (admin, stop) => Errors(await admin.DescribeConfigsAsync([ConfigResource.Topic(Topic)], cancellation: stop))),
        ["alter configs"] = new(ApiKey.IncrementalAlterConfigs, Controller, async (admin, stop) => Errors(await admin.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> { [ConfigResource.Group("share")] = [ConfigChange.Set("share.auto.offset.reset", "earliest")] }, cancellation: stop))),
        ["delete records"] = new(ApiKey.DeleteRecords, Leader, async (admin, stop) => Errors(await admin.DeleteRecordsAsync([new TopicPartitionOffset(Partition, 0)], stop))),
        ["list offsets"] = new(ApiKey.ListOffsets, Leader, async (admin, stop) =>
            Errors(await admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [Partition] = OffsetSpec.Latest }, cancellation: stop))),
        // Every replica knows them.
        ["describe producers"] = new(ApiKey.DescribeProducers, Any, async (admin, stop) => Errors(await admin.DescribeProducersAsync([Partition], cancellation: stop))),
        ["abort transactions"] = new(ApiKey.WriteTxnMarkers, Leader, async (admin, stop) => Errors(await admin.AbortTransactionsAsync([new PartitionTransaction(Partition, 77, 0, 0)], stop))),
        ["describe consumer groups"] = new(ApiKey.ConsumerGroupDescribe, GroupCoordinator, async (admin, stop) =>
            Errors(await admin.DescribeConsumerGroupsAsync([Classic[0]], cancellation: stop))) { HasFallback = true },
        ["describe classic groups"] = new(ApiKey.DescribeGroups, GroupCoordinator, async (admin, stop) => Errors(await admin.DescribeClassicGroupsAsync(Classic, cancellation: stop))),
        ["describe share groups"] = new(ApiKey.ShareGroupDescribe, GroupCoordinator, async (admin, stop) => Errors(await admin.DescribeShareGroupsAsync(["share"], cancellation: stop))),
        ["describe streams groups"] = new(ApiKey.StreamsGroupDescribe, GroupCoordinator, async (admin, stop) => Errors(await admin.DescribeStreamsGroupsAsync(["streams"], cancellation: stop))),
        ["delete groups"] = new(ApiKey.DeleteGroups, GroupCoordinator, async (admin, stop) => Errors(await admin.DeleteGroupsAsync(Classic, stop))),
        ["list group offsets"] = new(ApiKey.OffsetFetch, GroupCoordinator, async (admin, stop) => Errors(await admin.ListConsumerGroupOffsetsAsync(Classic, cancellation: stop))),
        ["alter group offsets"] = new(ApiKey.OffsetCommit, GroupCoordinator, async (admin, stop) =>
            Errors(await admin.AlterConsumerGroupOffsetsAsync(Classic[0], [new TopicPartitionOffset(Partition, 0)], stop))),
        ["delete group offsets"] = new(ApiKey.OffsetDelete, GroupCoordinator, async (admin, stop) => Errors(await admin.DeleteConsumerGroupOffsetsAsync(Classic[0], [Partition], stop))),
        ["reset group offsets"] = new(ApiKey.OffsetCommit, GroupCoordinator, async (admin, stop) =>
            Errors(await admin.ResetConsumerGroupOffsetsAsync(Classic[0], [Partition], OffsetReset.ToEarliest, cancellation: stop))),
        ["remove members"] = new(ApiKey.LeaveGroup, GroupCoordinator, async (admin, stop) => Errors(await admin.RemoveMembersFromConsumerGroupAsync("consumer", ["one"], cancellation: stop))),
        ["remove all members"] = new(ApiKey.LeaveGroup, GroupCoordinator, async (admin, stop) => Errors(await admin.RemoveAllMembersFromConsumerGroupAsync("consumer", cancellation: stop))),
        ["list share group offsets"] = new(ApiKey.DescribeShareGroupOffsets, GroupCoordinator, async (admin, stop) => Errors(await admin.ListShareGroupOffsetsAsync(["share"], stop))),
        ["alter share group offsets"] = new(ApiKey.AlterShareGroupOffsets, GroupCoordinator, async (admin, stop) =>
            Errors(await admin.AlterShareGroupOffsetsAsync("share", [new TopicPartitionOffset(Partition, 0)], stop))),
        ["delete share group offsets"] = new(ApiKey.DeleteShareGroupOffsets, GroupCoordinator, async (admin, stop) => Errors(await admin.DeleteShareGroupOffsetsAsync("share", [Topic], stop))),
        ["describe transactions"] = new(ApiKey.DescribeTransactions, TransactionCoordinator, async (admin, stop) => Errors(await admin.DescribeTransactionsAsync([TransactionalId], stop))),
        ["fence producers"] = new(ApiKey.InitProducerId, TransactionCoordinator, async (admin, stop) => Errors(await admin.FenceProducersAsync([TransactionalId], stop))),
        ["force-terminate transactions"] = new(ApiKey.InitProducerId, TransactionCoordinator, async (admin, stop) =>
            Errors(await admin.ForceTerminateTransactionsAsync([TransactionalId], stop))),
        ["create ACLs"] = new(ApiKey.CreateAcls, Any, async (admin, stop) => Errors(await admin.CreateAclsAsync([Acl, Acl with { Principal = "User:b" }], stop))),
        ["delete ACLs"] = new(ApiKey.DeleteAcls, Any, async (admin, stop) => Errors(await admin.DeleteAclsAsync([AclFilter.All], stop))),
        ["alter client quotas"] = new(ApiKey.AlterClientQuotas, Any, async (admin, stop) => Errors(await admin.AlterClientQuotasAsync(
            new Dictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double?>> { [ClientQuotaEntity.User("a")] = new Dictionary<string, double?> { ["producer_byte_rate"] = 1 } },
            cancellation: stop))),
        ["describe SCRAM credentials"] = new(ApiKey.DescribeUserScramCredentials, Any, async (admin, stop) => Errors(await admin.DescribeUserScramCredentialsAsync([ScramUser], stop))),
        ["alter SCRAM credentials"] = new(ApiKey.AlterUserScramCredentials, Controller, async (admin, stop) =>
            Errors(await admin.AlterUserScramCredentialsAsync([new("b", ScramMechanism.ScramSha256, "secret"), new("b", ScramMechanism.ScramSha512, "secret")], cancellation: stop))),
        ["delete topics by id"] = new(ApiKey.DeleteTopics, Controller, async (admin, stop) => Errors(await admin.DeleteTopicsByIdAsync(
            (await admin.DescribeTopicsAsync([Topic], cancellation: stop)).Select(static topic => topic.GetOrThrow().Id), stop))),
        ["describe cluster"] = new(ApiKey.DescribeCluster, Any, static (admin, stop) => Whole(admin.DescribeClusterAsync(includeFencedBrokers: false, cancellation: stop))),
        ["describe ACLs"] = new(ApiKey.DescribeAcls, Any, static (admin, stop) => Whole(admin.DescribeAclsAsync(cancellation: stop))),
        ["describe client quotas"] = new(ApiKey.DescribeClientQuotas, Any, static (admin, stop) => Whole(admin.DescribeClientQuotasAsync(cancellation: stop))),
        ["elect leaders"] = new(ApiKey.ElectLeaders, Controller, async (admin, stop) =>
            But(ErrorCode.ElectionNotNeeded, Errors(await admin.ElectLeadersAsync(ElectionType.Preferred, [Partition], stop)))),
        ["alter partition reassignments"] = new(ApiKey.AlterPartitionReassignments, Controller, async (admin, stop) => Errors(await admin.AlterPartitionReassignmentsAsync(
            new Dictionary<TopicPartition, IReadOnlyList<int>?> { [Partition] = [3, 1] }, cancellation: stop))),
        ["list partition reassignments"] = new(ApiKey.ListPartitionReassignments, Controller, static (admin, stop) => Whole(admin.ListPartitionReassignmentsAsync(null, stop))),
        ["alter replica log dirs"] = new(ApiKey.AlterReplicaLogDirs, Any, static async (admin, stop) =>
        {
            var directories = Assert.Single(await admin.DescribeLogDirsAsync([1], cancellation: stop)).GetOrThrow();
            return Errors(await admin.AlterReplicaLogDirsAsync(new Dictionary<PartitionReplica, string> { [new(Partition, 1)] = directories[^1].Path }, stop));
        }),
        ["unregister brokers"] = new(ApiKey.UnregisterBroker, Controller, static async (admin, stop) => But(ErrorCode.BrokerIdNotRegistered, Errors(await admin.UnregisterBrokersAsync([98, 99], stop)))),
        ["unregister controllers"] = new(ApiKey.UnregisterController, Controller, static async (admin, stop) =>
            But(ErrorCode.BrokerIdNotRegistered, Errors(await admin.UnregisterControllersAsync([98, 99], stop)))),
        ["remove raft voter"] = new(ApiKey.RemoveRaftVoter, Controller, static async (admin, stop) =>
        {
            var (directory, _) = await VoterAsync(admin, stop);
            return await Whole(admin.RemoveRaftVoterAsync(Voter, directory, cancellation: stop));
        }),
        ["add raft voter"] = new(ApiKey.AddRaftVoter, Controller, static async (admin, stop) =>
        {
            var (directory, endpoints) = await VoterAsync(admin, stop);
            await admin.RemoveRaftVoterAsync(Voter, directory, cancellation: stop);
            return await Whole(admin.AddRaftVoterAsync(Voter, directory, endpoints, cancellation: stop));
        }),
        ["describe log dirs"] = new(ApiKey.DescribeLogDirs, Any, async (admin, stop) => Errors(await admin.DescribeLogDirsAsync([1, 2, 3], cancellation: stop))),
        ["update features"] = new(ApiKey.UpdateFeatures, Controller, async (admin, stop) =>
            Errors(await admin.UpdateFeaturesAsync(new Dictionary<string, FeatureUpdate> { ["transaction.version"] = new(1, FeatureUpgradeType.SafeDowngrade) }, cancellation: stop))),
        ["describe metadata quorum"] = new(ApiKey.DescribeQuorum, Controller, static (admin, stop) => Whole(admin.DescribeMetadataQuorumAsync(stop))),
        ["list config resources"] = new(ApiKey.ListConfigResources, Any, static (admin, stop) => Whole(admin.ListConfigResourcesAsync(cancellation: stop))),
        ["list groups"] = new(ApiKey.ListGroups, Any, async (admin, stop) => (await admin.ListGroupsAsync(cancellation: stop)).Failures.Select(static failure => failure.Error)),
        ["list transactions"] = new(ApiKey.ListTransactions, Any, async (admin, stop) => (await admin.ListTransactionsAsync(cancellation: stop)).Failures.Select(static failure => failure.Error)),
    };

    static IEnumerable<KafkaException?> Errors<TItem, TValue>(IEnumerable<ItemResult<TItem, TValue>> results) => results.Select(static result => result.Error);

    /// <summary>An error that tells as well that the right broker was asked is none here.</summary>
    static IEnumerable<KafkaException?> But(ErrorCode code, IEnumerable<KafkaException?> errors) => errors.Select(error => error?.Code == code ? null : error);

    /// <summary>A voter of a cluster whose voters can change.</summary>
    static async Task<(Guid DirectoryId, IReadOnlyList<RaftEndpoint> Endpoints)> VoterAsync(Admin admin, CancellationToken stop)
    {
        await admin.UpdateFeaturesAsync(new Dictionary<string, FeatureUpdate> { ["kraft.version"] = new(1) }, cancellation: stop);
        var quorum = await admin.DescribeMetadataQuorumAsync(stop);
        return (quorum.Voters.Single(static voter => voter.NodeId == Voter).DirectoryId ?? Guid.Empty, quorum.Endpoints[Voter]);
    }

    static async Task<IEnumerable<KafkaException?>> Whole(ValueTask call) => await Whole(Done(call));

    static async ValueTask<bool> Done(ValueTask call)
    {
        await call;
        return true;
    }

    /// <summary>A call that has one result, or fails.</summary>
    static async Task<IEnumerable<KafkaException?>> Whole<T>(ValueTask<T> call)
    {
        try
        {
            await call;
            return [null];
        }
        catch (KafkaException error)
        {
            return [error];
        }
    }

    static IEnumerable<KafkaException?> Errors<TItem>(IEnumerable<ItemOutcome<TItem>> outcomes) => outcomes.Select(static outcome => outcome.Error);
}
