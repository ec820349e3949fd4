using System.Buffers.Binary;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Machine;

/// <summary>Every API that is announced, in every version announced: answered in that version, refused whole, and hard to hurt.</summary>
public sealed class EveryApiTests
{
    const string Topic = "payments";
    static readonly Guid TopicId = new MachineDriver().CreateTopic(Topic).Id;

    public static TheoryData<ApiKey, short> Announced
    {
        get
        {
            var data = new TheoryData<ApiKey, short>();
            foreach (var api in new MachineDriver().Machine.Apis.All)
            {
                for (var version = api.MinVersion; version <= api.MaxVersion; version++)
                    data.Add(api.ApiKey, version);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Announced))]
    public void Version_is_answered_as_it_was_asked(ApiKey api, short version)
    {
        var driver = Started();
        var connection = driver.Connect(user: "alice");
        driver.Produce(connection, Topic, driver.Batch("a", "b"));

        Sample(api).Ask(driver, connection, version);
    }

    [Theory]
    [MemberData(nameof(Announced))]
    public void Fault_answers_with_its_error(ApiKey api, short version)
    {
        var driver = Started();
        driver.Machine.Faults = new FixedFault();

        Sample(api).Ask(driver, driver.Connect(user: "alice"), version);
    }

    [Theory]
    [MemberData(nameof(Announced))]
    public void Damaged_request_is_answered_or_closes_its_connection(ApiKey api, short version)
    {
        var driver = Started();
        var frame = Sample(api).Frame(driver, version);
        var random = new Random(((int)api * 100) + version);
        for (var round = 0; round < 60; round++)
        {
            var damaged = Damage(frame, random);
            var connection = driver.Connect(user: "alice");
            driver.Machine.Receive(connection, damaged, driver.NowMs);
            driver.Machine.Disconnect(connection, driver.NowMs);
        }

        Assert.NotEmpty(driver.Ask(driver.Connect(), new ApiVersionsRequest(), 0).ApiKeys);
    }

    static MachineDriver Started()
    {
        var driver = new MachineDriver(configure: settings => (settings.HasAuthorizer, settings.HasTokens) = (true, true));
        driver.CreateTopic(Topic);
        return driver;
    }

    /// <summary>Bytes behind the correlation id are changed, cut or added to; the length stays true, so that the body is read.</summary>
    static byte[] Damage(byte[] frame, Random random)
    {
        var damaged = frame.ToList();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(Math.Min(12, damaged.Count), damaged.Count + 1);
            switch (random.Next(3))
            {
                case 0 when at < damaged.Count:
                    damaged[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)0xFF;
                    break;
                case 1:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                default:
                    damaged.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        var bytes = damaged.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
        return bytes;
    }

    static ISample Sample(ApiKey api) => api switch
    {
        ApiKey.Produce => Of<ProduceRequest, ProduceResponse>(version =>
        {
            var request = Requests.ProduceOf(version >= 13 ? "" : Topic, Batches.Create(["a"], 1_700_000_000_000));
            request.TopicData[0].TopicId = TopicId;
            return request;
        }),
        ApiKey.Fetch => Of<FetchRequest, FetchResponse>(_ =>
        {
            var request = Requests.FetchOf(Topic, 0);
            request.Topics[0].TopicId = TopicId;
            return request;
        }),
        ApiKey.ListOffsets => Of<ListOffsetsRequest, ListOffsetsResponse>(_ => new() { ReplicaId = -1, Topics = [new() { Name = Topic, Partitions = [new() { Timestamp = -1 }] }] }),
        ApiKey.Metadata => Of<MetadataRequest, MetadataResponse>(_ => new() { Topics = [new() { Name = Topic }, new() { Name = "other" }] }),
        ApiKey.OffsetCommit => Of<OffsetCommitRequest, OffsetCommitResponse>(_ => new() { GroupId = "g", Topics = [new() { Name = Topic, TopicId = TopicId, Partitions = [new() { CommittedMetadata = "m" }] }] }),
        ApiKey.OffsetFetch => Of<OffsetFetchRequest, OffsetFetchResponse>(version => version >= 8
            ? new() { Groups = [new() { GroupId = "g", Topics = [new() { Name = Topic, TopicId = TopicId, PartitionIndexes = [0] }] }] }
            : new() { GroupId = "g", Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }),
        ApiKey.FindCoordinator => Of<FindCoordinatorRequest, FindCoordinatorResponse>(version => version >= 4 ? new() { CoordinatorKeys = ["g"] } : new() { Key = "g" }),
        ApiKey.JoinGroup => Of<JoinGroupRequest, JoinGroupResponse>(_ => new() { GroupId = "g", SessionTimeoutMs = 10_000, ProtocolType = "consumer", Protocols = [new() { Name = "range", Metadata = [1, 2] }] }),
        ApiKey.Heartbeat => Of<HeartbeatRequest, HeartbeatResponse>(_ => new() { GroupId = "g", MemberId = "m" }),
        ApiKey.LeaveGroup => Of<LeaveGroupRequest, LeaveGroupResponse>(version => version >= 3 ? new() { GroupId = "g", Members = [new() { MemberId = "m" }] } : new() { GroupId = "g", MemberId = "m" }),
        ApiKey.SyncGroup => Of<SyncGroupRequest, SyncGroupResponse>(_ => new() { GroupId = "g", MemberId = "m", Assignments = [new() { MemberId = "m", Assignment = [1] }] }),
        ApiKey.DescribeGroups => Of<DescribeGroupsRequest, DescribeGroupsResponse>(_ => new() { Groups = ["g"] }),
        ApiKey.ListGroups => Of<ListGroupsRequest, ListGroupsResponse>(_ => new()),
        ApiKey.ApiVersions => Of<ApiVersionsRequest, ApiVersionsResponse>(_ => new()),
        ApiKey.CreateTopics => Of<CreateTopicsRequest, CreateTopicsResponse>(_ => new() { Topics = [new() { Name = "new", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = "1" }] }] }),
        ApiKey.DeleteTopics => Of<DeleteTopicsRequest, DeleteTopicsResponse>(version => version >= 6 ? new() { Topics = [new() { Name = Topic }] } : new() { TopicNames = [Topic] }),
        ApiKey.DeleteRecords => Of<DeleteRecordsRequest, DeleteRecordsResponse>(_ => new() { Topics = [new() { Name = Topic, Partitions = [new() { Offset = -1 }] }] }),
        ApiKey.InitProducerId => Of<InitProducerIdRequest, InitProducerIdResponse>(_ => new() { TransactionalId = null }),
        ApiKey.AddPartitionsToTxn => Of<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(version => version >= 4
            ? new() { Transactions = [new() { TransactionalId = "t", Topics = [new() { Name = Topic, Partitions = [0] }] }] }
            : new() { V3AndBelowTransactionalId = "t", V3AndBelowTopics = [new() { Name = Topic, Partitions = [0] }] }),
        ApiKey.AddOffsetsToTxn => Of<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(_ => new() { TransactionalId = "t", GroupId = "g" }),
        ApiKey.TxnOffsetCommit => Of<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(_ => new() { TransactionalId = "t", GroupId = "g", Topics = [new() { Name = Topic, TopicId = TopicId, Partitions = [new() { CommittedMetadata = "m" }] }] }),
        ApiKey.EndTxn => Of<EndTxnRequest, EndTxnResponse>(_ => new() { TransactionalId = "t", Committed = true }),
        ApiKey.OffsetForLeaderEpoch => Of<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(_ => new() { Topics = [new() { Topic = Topic, Partitions = [new()] }] }),
        ApiKey.DescribeConfigs => Of<DescribeConfigsRequest, DescribeConfigsResponse>(_ => new() { Resources = [new() { ResourceType = 2, ResourceName = Topic, ConfigurationKeys = null }, new() { ResourceType = 4, ResourceName = "1", ConfigurationKeys = null }] }),
        ApiKey.CreatePartitions => Of<CreatePartitionsRequest, CreatePartitionsResponse>(_ => new() { Topics = [new() { Name = Topic, Count = 3, Assignments = null }] }),
        ApiKey.DeleteGroups => Of<DeleteGroupsRequest, DeleteGroupsResponse>(_ => new() { GroupsNames = ["g"] }),
        ApiKey.WriteTxnMarkers => Of<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(_ => new() { Markers = [new() { ProducerId = 1, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }] }),
        ApiKey.ListTransactions => Of<ListTransactionsRequest, ListTransactionsResponse>(_ => new() { StateFilters = ["Ongoing"] }),
        ApiKey.DescribeTransactions => Of<DescribeTransactionsRequest, DescribeTransactionsResponse>(_ => new() { TransactionalIds = ["t"] }),
        ApiKey.DescribeProducers => Of<DescribeProducersRequest, DescribeProducersResponse>(_ => new() { Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }),
        ApiKey.OffsetDelete => Of<OffsetDeleteRequest, OffsetDeleteResponse>(_ => new() { GroupId = "g", Topics = [new() { Name = Topic, Partitions = [new()] }] }),
        ApiKey.DescribeCluster => Of<DescribeClusterRequest, DescribeClusterResponse>(_ => new()),
        ApiKey.DescribeTopicPartitions => Of<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(_ => new() { Topics = [new() { Name = Topic }] }),
        ApiKey.ConsumerGroupHeartbeat => Of<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(version => new() { GroupId = "g", MemberId = "m", RebalanceTimeoutMs = 1_000, SubscribedTopicNames = [Topic], SubscribedTopicRegex = version >= 1 ? "pay.*" : null, TopicPartitions = [] }),
        ApiKey.ConsumerGroupDescribe => Of<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(_ => new() { GroupIds = ["g"] }),
        ApiKey.ShareGroupHeartbeat => Of<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>(_ => new() { GroupId = "g", MemberId = "m", SubscribedTopicNames = [Topic] }),
        ApiKey.StreamsGroupHeartbeat => Of<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>(_ => new()
        {
            GroupId = "streams", MemberId = "m", RebalanceTimeoutMs = 1, Topology = new() { Subtopologies = [new() { SubtopologyId = "0", SourceTopics = [Topic] }] },
            ActiveTasks = [], StandbyTasks = [], WarmupTasks = [],
        }),
        ApiKey.StreamsGroupDescribe => Of<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(_ => new() { GroupIds = ["g"] }),
        ApiKey.ShareGroupDescribe => Of<ShareGroupDescribeRequest, ShareGroupDescribeResponse>(_ => new() { GroupIds = ["g"] }),
        ApiKey.ShareFetch => Of<ShareFetchRequest, ShareFetchResponse>(_ => new() { GroupId = "g", MemberId = "m", MaxRecords = 10, BatchSize = 10, Topics = [new() { TopicId = TopicId, Partitions = [new()] }] }),
        ApiKey.ShareAcknowledge => Of<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(_ => new() { GroupId = "g", MemberId = "m", ShareSessionEpoch = 1, Topics = [new() { TopicId = TopicId, Partitions = [new() { AcknowledgementBatches = [new() { AcknowledgeTypes = [1] }] }] }] }),
        ApiKey.DescribeShareGroupOffsets => Of<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(_ => new() { Groups = [new() { GroupId = "g", Topics = [new() { TopicName = Topic, Partitions = [0] }] }] }),
        ApiKey.AlterShareGroupOffsets => Of<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>(_ => new() { GroupId = "g", Topics = [new() { TopicName = Topic, Partitions = [new()] }] }),
        ApiKey.DeleteShareGroupOffsets => Of<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(_ => new() { GroupId = "g", Topics = [new() { TopicName = Topic }] }),
        ApiKey.IncrementalAlterConfigs => Of<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(_ => new() { Resources = [new() { ResourceType = 32, ResourceName = "g", Configs = [new() { Name = "share.isolation.level", Value = "read_committed" }] }] }),
        ApiKey.ListConfigResources => Of<ListConfigResourcesRequest, ListConfigResourcesResponse>(version => new() { ResourceTypes = version >= 1 ? [2, 4] : [] }),
        ApiKey.ElectLeaders => Of<ElectLeadersRequest, ElectLeadersResponse>(_ => new() { TopicPartitions = [new() { Topic = Topic, Partitions = [0] }] }),
        ApiKey.AlterPartitionReassignments => Of<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(_ => new() { Topics = [new() { Name = Topic, Partitions = [new() { Replicas = [1, 2] }] }] }),
        ApiKey.ListPartitionReassignments => Of<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(_ => new() { Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }),
        ApiKey.DescribeLogDirs => Of<DescribeLogDirsRequest, DescribeLogDirsResponse>(_ => new() { Topics = [new() { Topic = Topic, Partitions = [0] }] }),
        ApiKey.AlterReplicaLogDirs => Of<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(_ => new() { Dirs = [new() { Path = "/var/kafka/broker-1/b", Topics = [new() { Name = Topic, Partitions = [0] }] }] }),
        ApiKey.UpdateFeatures => Of<UpdateFeaturesRequest, UpdateFeaturesResponse>(_ => new() { FeatureUpdates = [new() { Feature = "share.version", MaxVersionLevel = 1 }] }),
        ApiKey.DescribeQuorum => Of<DescribeQuorumRequest, DescribeQuorumResponse>(_ => new() { Topics = [new() { TopicName = "__cluster_metadata", Partitions = [new()] }] }),
        ApiKey.AddRaftVoter => Of<AddRaftVoterRequest, AddRaftVoterResponse>(_ => new() { VoterId = 1, Listeners = [new() { Name = "CONTROLLER", Host = "localhost", Port = 1 }] }),
        ApiKey.RemoveRaftVoter => Of<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(_ => new() { VoterId = 1 }),
        ApiKey.UnregisterBroker => Of<UnregisterBrokerRequest, UnregisterBrokerResponse>(_ => new() { BrokerId = 2 }),
        ApiKey.UnregisterController => Of<UnregisterControllerRequest, UnregisterControllerResponse>(_ => new() { ControllerId = 2 }),
        ApiKey.CreateAcls => Of<CreateAclsRequest, CreateAclsResponse>(_ => new() { Creations = [new() { ResourceType = 2, ResourceName = Topic, Principal = "User:a", Host = "*", Operation = 3, PermissionType = 3 }] }),
        ApiKey.DescribeAcls => Of<DescribeAclsRequest, DescribeAclsResponse>(_ => new() { ResourceTypeFilter = 1, PatternTypeFilter = 1, Operation = 1, PermissionType = 1 }),
        ApiKey.DeleteAcls => Of<DeleteAclsRequest, DeleteAclsResponse>(_ => new() { Filters = [new() { ResourceTypeFilter = 1, PatternTypeFilter = 1, Operation = 1, PermissionType = 1 }] }),
        ApiKey.DescribeClientQuotas => Of<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(_ => new() { Components = [new() { EntityType = "user", Match = "a" }] }),
        ApiKey.AlterClientQuotas => Of<AlterClientQuotasRequest, AlterClientQuotasResponse>(_ => new() { Entries = [new() { Entity = [new() { EntityType = "user", EntityName = "a" }], Ops = [new() { Key = "producer_byte_rate", Value = 1 }] }] }),
        ApiKey.DescribeUserScramCredentials => Of<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(_ => new() { Users = [new() { Name = "a" }] }),
        ApiKey.AlterUserScramCredentials => Of<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(_ => new() { Deletions = [new() { Name = "a", Mechanism = 1 }], Upsertions = [new() { Name = "b", Mechanism = 2, Iterations = 4096, Salt = [1], SaltedPassword = [2] }] }),
        ApiKey.CreateDelegationToken => Of<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(_ => new() { Renewers = [new() { PrincipalType = "User", PrincipalName = "a" }], MaxLifetimeMs = -1 }),
        ApiKey.RenewDelegationToken => Of<RenewDelegationTokenRequest, RenewDelegationTokenResponse>(_ => new() { Hmac = [1], RenewPeriodMs = -1 }),
        ApiKey.ExpireDelegationToken => Of<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>(_ => new() { Hmac = [1], ExpiryTimePeriodMs = -1 }),
        ApiKey.DescribeDelegationToken => Of<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>(_ => new() { Owners = [new() { PrincipalType = "User", PrincipalName = "a" }] }),
        _ => throw new NotSupportedException($"{api} has no sample yet."),
    };

    static ISample Of<TRequest, TResponse>(Func<short, TRequest> create)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse> => new SampleOf<TRequest, TResponse>(create);

    interface ISample
    {
        void Ask(MachineDriver driver, int connection, short version);

        byte[] Frame(MachineDriver driver, short version);
    }

    sealed class SampleOf<TRequest, TResponse>(Func<short, TRequest> create) : ISample
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        public void Ask(MachineDriver driver, int connection, short version) => driver.Ask<TRequest, TResponse>(connection, create(version), version);

        public byte[] Frame(MachineDriver driver, short version) => driver.Frame<TRequest, TResponse>(create(version), version);
    }

    sealed class FixedFault : Internal.IFaults
    {
        public Internal.Fault OnRequest(in Internal.RequestInfo request, long nowMs) => new() { Error = ErrorCode.UnknownServerError };
    }
}
