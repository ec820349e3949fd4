using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.ShareGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ShareGroupHeartbeatResponse;
using Types = sbyte[];

namespace NetKafka.Integration.Tests.Scenarios;

public abstract partial class WireScenarios
{
    /// <summary>A topic and a share group that reads it from its start, with what its members were last told.</summary>
    sealed class ShareBench : IAsyncDisposable
    {
        const sbyte GroupKind = 32;

        readonly Bench _bench;
        readonly Dictionary<string, (int Epoch, int[] Partitions)> _members = [];
        readonly Dictionary<string, int> _sessions = [];

        ShareBench(Bench bench, string topic, Guid topicId) => (_bench, Topic, TopicId) = (bench, topic, topicId);

        public string Topic { get; }

        public Guid TopicId { get; }

        public string Group => _bench.Group;

        public Bench Bench => _bench;

        public RawWire Wire => _bench.Wire;

        /// <summary>Skips the test where the target has not finalized the feature share.version.</summary>
        public static async Task<ShareBench> On(Bench bench, int partitions)
        {
            var versions = await bench.Wire.AskAny<ApiVersionsRequest, ApiVersionsResponse>(
                new ApiVersionsRequest { ClientSoftwareName = "netkafka-tests", ClientSoftwareVersion = "1" }, 3);
            Assert.SkipUnless(
                versions.FinalizedFeatures.Any(static feature => feature is { Name: "share.version", MaxVersionLevel: >= 1 }),
                "The cluster has not finalized share.version, so it serves no share groups.");
            var topic = partitions == 1
                ? bench.Topic : await bench.Target.CreateTopic(partitions, cancellation: TestContext.Current.CancellationToken);
            var it = new ShareBench(bench, topic, await TopicIdOf(bench, topic));
            await it.Configure("share.auto.offset.reset", "earliest");
            // A coordinator that has just taken over its groups says so for a while.
            await it.Until(async () => (await it.Ask("scout", it.Joining())).ErrorCode == ErrorCode.None, $"the coordinator of {it.Group}");
            // And it hears of a new topic later than who created it, and sets the state of its partitions up.
            await it.Until(async () => PartitionsIn(await it.Ask("scout", it.Naming("scout"))).Length == partitions, $"topic {topic} at the coordinator");
            await it.Ask("scout", it.Leaving());
            return it;
        }

        public static async Task<Guid> TopicIdOf(Bench bench, string topic) => (await bench.Wire.AskAny<MetadataRequest, MetadataResponse>(
            new MetadataRequest { Topics = [new() { Name = topic }] }, 12)).Topics.Single().TopicId;

        /// <summary>Another topic and a partition of it, led by the broker that leads the first partition of the bench's topic.</summary>
        public async Task<(string Topic, int Partition)> Neighbour()
        {
            var other = await _bench.Target.CreateTopic(3, cancellation: TestContext.Current.CancellationToken);
            var metadata = await Wire.AskAny<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = [new() { Name = Topic }, new() { Name = other }] }, 12);
            var leader = metadata.Topics.Single(topic => topic.Name == Topic).Partitions.Single(static row => row.PartitionIndex == 0).LeaderId;
            return (other, metadata.Topics.Single(topic => topic.Name == other).Partitions.First(row => row.LeaderId == leader).PartitionIndex);
        }

        /// <summary>Lets a member join, and waits until it has so many partitions.</summary>
        public async Task JoinAnd(string member, int partitions = 1)
        {
            await Join(member);
            await Until(async () =>
            {
                await Beat(member);
                return Partitions(member).Length == partitions;
            }, $"the partitions of {member}");
        }

        public int Epoch(string member) => _members[member].Epoch;

        public int[] Partitions(string member) => _members[member].Partitions;

        public Request Joining() => new() { GroupId = Group, SubscribedTopicNames = [Topic] };

        public Request Staying(string member) =>
            new() { GroupId = Group, MemberEpoch = _members.TryGetValue(member, out var known) ? known.Epoch : 1 };

        /// <summary>Says all that there is to say, so that the answer does too.</summary>
        public Request Naming(string member)
        {
            var request = Staying(member);
            request.SubscribedTopicNames = [Topic];
            return request;
        }

        public Request Leaving() => new() { GroupId = Group, MemberEpoch = -1 };

        public Task<Response> Join(string member) => Ask(member, Joining());

        public Task<Response> Beat(string member) => Ask(member, Staying(member));

        public static int[] PartitionsIn(Response answer) =>
            [.. (answer.Assignment?.TopicPartitions ?? []).SelectMany(static topic => topic.Partitions).Order()];

        /// <summary>Sends a heartbeat of a member of the group, and keeps what it is told.</summary>
        public async Task<Response> Ask(string member, Request request)
        {
            request.MemberId = member;
            var answer = await Wire.AskCoordinator<Request, Response>(Group, request, ShareHeartbeatVersion);
            if (answer.ErrorCode == ErrorCode.None && answer.MemberEpoch >= 0)
            {
                var before = _members.TryGetValue(member, out var known) ? known.Partitions : [];
                _members[member] = (answer.MemberEpoch, answer.Assignment is null ? before : PartitionsIn(answer));
            }
            return answer;
        }

        /// <summary>A fetch of one partition that goes on with the member's session, or begins it.</summary>
        public ShareFetchRequest Fetching(string member, int maxRecords = 500, int partition = 0) => new()
        {
            GroupId = Group,
            MemberId = member,
            ShareSessionEpoch = _sessions.GetValueOrDefault(member),
            MaxWaitMs = 200,
            MinBytes = 1,
            MaxBytes = 1_000_000,
            MaxRecords = maxRecords,
            BatchSize = maxRecords,
            Topics = [new() { TopicId = TopicId, Partitions = [new() { PartitionIndex = partition }] }],
        };

        public async Task<ShareFetchResponse> Ask(ShareFetchRequest request, short version = ShareFetchVersion, RawWire? wire = null)
        {
            var answer = await (wire ?? Wire).AskLeader<ShareFetchRequest, ShareFetchResponse>(Topic, request, version);
            if (answer.ErrorCode == ErrorCode.None)
                Moved(request.MemberId!, request.ShareSessionEpoch);
            return answer;
        }

        /// <summary>What a member acquires at once.</summary>
        public async Task<(long First, long Last, int Count)[]> Fetch(string member, int maxRecords = 500) =>
            Ranges(await Ask(Fetching(member, maxRecords)));

        /// <summary>What a member acquires, once there is anything.</summary>
        public async Task<(long First, long Last, int Count)[]> Acquire(string member, int maxRecords = 500, bool isStrict = false)
        {
            (long, long, int)[] acquired = [];
            await Until(async () =>
            {
                var request = Fetching(member, maxRecords);
                request.ShareAcquireMode = (sbyte)(isStrict ? 1 : 0);
                return (acquired = Ranges(await Ask(request))).Length > 0;
            }, $"records for {member}");
            return acquired;
        }

        public static (long First, long Last, int Count)[] Ranges(ShareFetchResponse answer)
        {
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            return [.. answer.Responses.SelectMany(static topic => topic.Partitions).SelectMany(static row => row.AcquiredRecords)
                .Select(static range => (range.FirstOffset, range.LastOffset, (int)range.DeliveryCount))];
        }

        /// <summary>What a member says of records of the first partition.</summary>
        public ShareAcknowledgeRequest Acknowledging(string member, params (long First, long Last, Types Types)[] batches) => new()
        {
            GroupId = Group,
            MemberId = member,
            ShareSessionEpoch = _sessions.GetValueOrDefault(member),
            Topics = [new()
            {
                TopicId = TopicId,
                Partitions = [new()
                {
                    PartitionIndex = 0,
                    AcknowledgementBatches = [.. batches.Select(static batch => new ShareAcknowledgeRequest.AcknowledgementBatch
                    {
                        FirstOffset = batch.First, LastOffset = batch.Last, AcknowledgeTypes = batch.Types,
                    })],
                }],
            }],
        };

        public async Task<ShareAcknowledgeResponse> Ask(ShareAcknowledgeRequest request, short version = ShareAcknowledgeVersion)
        {
            var answer = await Wire.AskLeader<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(Topic, request, version);
            if (answer.ErrorCode == ErrorCode.None)
                Moved(request.MemberId!, request.ShareSessionEpoch);
            return answer;
        }

        public async Task<ErrorCode> Acknowledge(string member, params (long First, long Last, Types Types)[] batches) =>
            ErrorIn(await Ask(Acknowledging(member, batches)));

        public static ErrorCode ErrorIn(ShareAcknowledgeResponse answer)
        {
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            return answer.Responses.Single().Partitions.Single().ErrorCode;
        }

        public async Task<ErrorCode> EndSession(string member)
        {
            var request = Fetching(member);
            (request.ShareSessionEpoch, request.Topics) = (-1, []);
            return (await Ask(request)).ErrorCode;
        }

        /// <summary>The next request of the member begins a session.</summary>
        public void ForgetSession(string member) => _sessions.Remove(member);

        public Task Produce(int count, int partition = 0) => _bench.Wire.Produce(Topic, RawWire.Batch(count), partition: partition);

        /// <summary>Sets a configuration of the group, and waits until the brokers know.</summary>
        public async Task Configure(string name, string value)
        {
            Assert.Equal(ErrorCode.None, await TryConfigure(name, value));
            await Until(async () => (await DescribeConfig(name)).Value == value, $"{name} of {Group}");
        }

        public async Task<ErrorCode> TryConfigure(string name, string? value, sbyte operation = 0) =>
            (await Wire.AskAny<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(new IncrementalAlterConfigsRequest
            {
                Resources = [new()
                {
                    ResourceType = GroupKind, ResourceName = Group, Configs = [new() { Name = name, ConfigOperation = operation, Value = value }],
                }],
            }, 1)).Responses.Single().ErrorCode;

        public async Task<DescribeConfigsResponse.DescribeConfigsResourceResult> DescribeConfig(string name) =>
            (await Wire.AskAny<DescribeConfigsRequest, DescribeConfigsResponse>(new DescribeConfigsRequest
            {
                Resources = [new() { ResourceType = GroupKind, ResourceName = Group, ConfigurationKeys = [name] }],
            }, 4)).Results.Single().Configs.Single();

        public async Task<ShareGroupDescribeResponse.DescribedGroup> Describe() =>
            (await Wire.AskCoordinator<ShareGroupDescribeRequest, ShareGroupDescribeResponse>(
                Group, new ShareGroupDescribeRequest { GroupIds = [Group] }, 1)).Groups.Single();

        public async Task<ErrorCode> Delete() => (await Wire.AskCoordinator<DeleteGroupsRequest, DeleteGroupsResponse>(
            Group, new DeleteGroupsRequest { GroupsNames = [Group] }, 2)).Results.Single().ErrorCode;

        public Task Until(Func<Task<bool>> holds, string what) => Wait.Until(holds, what, TestContext.Current.CancellationToken);

        public ValueTask DisposeAsync() => _bench.DisposeAsync();

        void Moved(string member, int epoch)
        {
            if (epoch < 0)
                _sessions.Remove(member);
            else
                _sessions[member] = epoch + 1;
        }
    }

    async Task<ShareBench> BeginShare(int partitions = 1) => await ShareBench.On(await Begin(), partitions);
}
