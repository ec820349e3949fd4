using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatResponse;

namespace NetKafka.Integration.Tests.Scenarios;

public abstract partial class WireScenarios
{
    /// <summary>A topic of four partitions and a group of the consumer protocol, with what its members were last told.</summary>
    sealed class ConsumerBench : IAsyncDisposable
    {
        const short EmbeddedVersion = 1;

        readonly Bench _bench;
        readonly Dictionary<string, (int Epoch, int[] Partitions)> _members = [];

        ConsumerBench(Bench bench, string topic, Guid topicId) => (_bench, Topic, TopicId) = (bench, topic, topicId);

        public string Topic { get; }

        public Guid TopicId { get; }

        public string Group => _bench.Group;

        public RawWire Wire => _bench.Wire;

        /// <summary>Skips the test where the target has not finalized the feature group.version.</summary>
        public static async Task<ConsumerBench> On(Bench bench)
        {
            var versions = await bench.Wire.AskAny<ApiVersionsRequest, ApiVersionsResponse>(
                new ApiVersionsRequest { ClientSoftwareName = "netkafka-tests", ClientSoftwareVersion = "1" }, 3);
            Assert.SkipUnless(
                versions.FinalizedFeatures.Any(static feature => feature is { Name: "group.version", MaxVersionLevel: >= 1 }),
                "The cluster has not finalized group.version, so it serves no groups of the consumer protocol.");
            var topic = await bench.Target.CreateTopic(ConsumerPartitions, cancellation: TestContext.Current.CancellationToken);
            var metadata = await bench.Wire.AskAny<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = [new() { Name = topic }] }, 12);
            var it = new ConsumerBench(bench, topic, metadata.Topics.Single().TopicId);
            // A coordinator that has just taken over its groups says so for a while.
            await it.Until(async () => (await it.Ask("scout", it.Joining())).ErrorCode == ErrorCode.None, $"the coordinator of {it.Group}");
            // And it hears of a new topic later than who created it.
            await it.Until(async () => (await it.Ask("scout", it.Joining())).Assignment?.TopicPartitions.Length > 0, $"topic {topic} at the coordinator");
            await it.Ask("scout", it.Leaving(-1));
            Assert.Equal(ErrorCode.None, await it.Delete());
            return it;
        }

        public int Epoch(string member) => _members[member].Epoch;

        public int[] Partitions(string member) => _members[member].Partitions;

        public Request.TopicPartitionsData[] Owned(string member) =>
            Partitions(member) is { Length: > 0 } partitions ? [new() { TopicId = TopicId, Partitions = partitions }] : [];

        public Request Joining() => new() { GroupId = Group, RebalanceTimeoutMs = 30_000, SubscribedTopicNames = [Topic], TopicPartitions = [] };

        public Request Staying(string member, string? instance = null) =>
            new() { GroupId = Group, MemberEpoch = _members.TryGetValue(member, out var known) ? known.Epoch : 1, InstanceId = instance };

        public Request Leaving(int epoch, string? instance = null) => new() { GroupId = Group, MemberEpoch = epoch, InstanceId = instance };

        public Task<Response> Join(string member, string? instance = null)
        {
            var request = Joining();
            request.InstanceId = instance;
            return Ask(member, request);
        }

        public Task<Response> Beat(string member) => Ask(member, Staying(member));

        /// <summary>Says that the member has what it was last told to have, and nothing else.</summary>
        public Task<Response> Acknowledge(string member, string? instance = null)
        {
            var request = Staying(member, instance);
            request.TopicPartitions = Owned(member);
            return Ask(member, request);
        }

        /// <summary>Sends a heartbeat of a member of the group, and keeps what it is told.</summary>
        public async Task<Response> Ask(string member, Request request, short version = ConsumerHeartbeatVersion)
        {
            request.MemberId = member;
            var answer = await Wire.AskCoordinator<Request, Response>(Group, request, version);
            if (answer.ErrorCode == ErrorCode.None && answer.MemberEpoch >= 0)
            {
                var before = _members.TryGetValue(member, out var known) ? known.Partitions : [];
                _members[member] = (answer.MemberEpoch, answer.Assignment is null ? before : PartitionsOf(answer));
            }
            return answer;
        }

        /// <summary>A member of the classic protocol joins, and says what it has kept.</summary>
        public Task<JoinGroupResponse> JoinClassic(string member, params int[] owned) =>
            Wire.AskCoordinator<JoinGroupRequest, JoinGroupResponse>(Group, new JoinGroupRequest
            {
                GroupId = Group,
                SessionTimeoutMs = 30_000,
                RebalanceTimeoutMs = 30_000,
                MemberId = member,
                ProtocolType = "consumer",
                Protocols = [new() { Name = "cooperative-sticky", Metadata = Embedded(new ConsumerProtocolSubscription
                {
                    Topics = [Topic], OwnedPartitions = owned.Length == 0 ? [] : [new() { Topic = Topic, Partitions = owned }],
                }) }],
            }, JoinVersion);

        /// <summary>A member of the classic protocol asks for its share, and gives itself one where it leads.</summary>
        public async Task<(ErrorCode Error, int[] Partitions)> SyncClassic(string member, int generation, params int[] partitions)
        {
            var given = Embedded(new ConsumerProtocolAssignment { AssignedPartitions = [new() { Topic = Topic, Partitions = partitions }] });
            var answer = await Wire.AskCoordinator<SyncGroupRequest, SyncGroupResponse>(Group, new SyncGroupRequest
            {
                GroupId = Group,
                GenerationId = generation,
                MemberId = member,
                ProtocolType = "consumer",
                ProtocolName = "cooperative-sticky",
                Assignments = partitions.Length == 0 ? [] : [new() { MemberId = member, Assignment = given }],
            }, SyncVersion);
            if (answer.ErrorCode != ErrorCode.None)
                return (answer.ErrorCode, []);
            var reader = new KafkaReader(answer.Assignment, ConsumerProtocolAssignment.Name, EmbeddedVersion);
            Assert.Equal(EmbeddedVersion, reader.ReadInt16());
            var read = ConsumerProtocolAssignment.Read(ref reader, EmbeddedVersion);
            return (ErrorCode.None, [.. read.AssignedPartitions.SelectMany(static topic => topic.Partitions).Order()]);
        }

        public async Task<ErrorCode> HeartbeatClassic(string member, int generation) =>
            await Heartbeat(_bench, member, generation);

        static byte[] Embedded<T>(T message)
            where T : IMessage<T>
        {
            var writer = new KafkaWriter();
            writer.WriteInt16(EmbeddedVersion);
            message.Write(writer, EmbeddedVersion);
            return writer.WrittenSpan.ToArray();
        }

        public async Task<ErrorCode> Commit(string member, int epoch, int partition, short version = CommitVersion) =>
            (await Wire.AskCoordinator<OffsetCommitRequest, OffsetCommitResponse>(Group, new OffsetCommitRequest
            {
                GroupId = Group,
                MemberId = member,
                GenerationIdOrMemberEpoch = epoch,
                Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = 7 }] }],
            }, version)).Topics.Single().Partitions.Single().ErrorCode;

        public async Task<(ErrorCode Error, long Offset)> Fetch(string? member, int epoch)
        {
            var group = (await Wire.AskCoordinator<OffsetFetchRequest, OffsetFetchResponse>(Group, new OffsetFetchRequest
            {
                Groups = [new() { GroupId = Group, MemberId = member, MemberEpoch = epoch, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }],
            }, EpochFetchVersion)).Groups.Single();
            return (group.ErrorCode, group.ErrorCode == ErrorCode.None ? group.Topics.Single().Partitions.Single().CommittedOffset : -1);
        }

        public async Task<ConsumerGroupDescribeResponse.DescribedGroup> Describe() =>
            (await Wire.AskCoordinator<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(
                Group, new ConsumerGroupDescribeRequest { GroupIds = [Group] }, ConsumerDescribeVersion)).Groups.Single();

        public async Task<ErrorCode> Delete() => (await Wire.AskCoordinator<DeleteGroupsRequest, DeleteGroupsResponse>(
            Group, new DeleteGroupsRequest { GroupsNames = [Group] }, 2)).Results.Single().ErrorCode;

        public Task Until(Func<Task<bool>> holds, string what) => Wait.Until(holds, what, TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => _bench.DisposeAsync();
    }
}
