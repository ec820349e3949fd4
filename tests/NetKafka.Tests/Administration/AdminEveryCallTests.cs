using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Tests.Administration;

/// <summary>What holds for every call of the admin, against the embedded Kafka.</summary>
public sealed class AdminEveryCallTests() : AdminScene(new EmbeddedKafkaOptions { Brokers = 3, StoresAcls = true })
{
    public static TheoryData<string> Every => [.. AdminCalls.All.Keys];

    public static TheoryData<string> Moving => [.. AdminCalls.All.Where(static call => call.Value.Concerns != AdminCall.Broker.Any).Select(static call => call.Key)];

    [Theory]
    [MemberData(nameof(Moving))]
    public async Task What_moves_while_it_is_asked_for_is_followed(string name)
    {
        var call = await PrepareAsync(name);
        var plan = new MoveAtFirst(Embedded, call);
        Embedded.Shell.SetFaults(plan);
        foreach (var error in await call.Make(Admin, Cancellation))
            Assert.Null(error);
        Assert.True(plan.HasMoved);
        Assert.True(plan.Requests > 1, "It was not asked for again.");
    }

    [Fact]
    public async Task Group_that_moves_while_brokers_are_asked_is_listed_once()
    {
        await PrepareAsync("list groups");
        var plan = new MoveGroupsAlong(Embedded);
        Embedded.Shell.SetFaults(plan);
        var listed = (await Admin.ListGroupsAsync(cancellation: Cancellation)).GetOrThrow();
        Assert.Equal(3, plan.Requests);
        Assert.Equal([.. AdminCalls.Classic, "consumer", "share", "streams"], listed.Select(static group => group.GroupId));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Connection_that_is_lost_before_the_request_arrives_is_made_anew_or_told(string name)
    {
        var call = await PrepareAsync(name);
        Embedded.Shell.SetFaults(new LoseAtFirst(call.Api));
        foreach (var error in await call.Make(Admin, Cancellation))
        {
            // Only what may not be done twice is not asked for again: it may have been done.
            if (call.Api == ApiKey.WriteTxnMarkers)
                Assert.True(error is KafkaConnectionException { IsRetriable: true }, $"{error}");
            else
                Assert.Null(error);
        }
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Broker_that_is_too_old_is_an_error_that_says_what_is_missing(string name)
    {
        var call = await PrepareAsync(name);
        // A client learns what brokers speak when it connects.
        Embedded.Shell.Operate((cluster, _) => cluster.Settings.ApiVersionLimits[(short)call.Api] = (1, 0));
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Embedded.BootstrapServers, ConnectCallback = Embedded.ConnectAsync });
        using var admin = kafka.CreateAdmin();
        var errors = await call.Make(admin, Cancellation);
        if (call.HasFallback)
        {
            Assert.All(errors, static error => Assert.Null(error));
            return;
        }
        Assert.All(errors, error =>
        {
            Assert.Equal(ErrorCode.UnsupportedVersion, error!.Code);
            Assert.Contains($"{call.Api} in versions none", error.Message, StringComparison.Ordinal);
            if (ApiReleases.Since(call.Api, 0) is not null)
                Assert.Matches("which Kafka serves from [234].[0-9] on", error.Message);
        });
        Assert.NotEmpty(errors);
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task At_the_deadline_what_is_open_is_told_item_by_item(string name)
    {
        var call = await PrepareAsync(name);
        Embedded.Shell.SetFaults(new SilentFor(call.Api));
        using var impatient = Kafka.CreateAdmin(new AdminOptions { CallTimeout = TimeSpan.FromMilliseconds(200) });
        IEnumerable<KafkaException?> errors;
        try
        {
            errors = await call.Make(impatient, Cancellation);
        }
        catch (KafkaException whole)
        {
            // Of several steps, or of all brokers, one that was late ends the call.
            errors = [whole];
        }
        Assert.NotEmpty(errors);
        Assert.All(errors, static error => Assert.IsType<KafkaTimeoutException>(error));
    }

    /// <summary>A topic, groups of every kind, and a transactional id, for all calls to succeed.</summary>
    async Task<AdminCall> PrepareAsync(string name)
    {
        await Admin.CreateTopicAsync(AdminCalls.Topic, 3, 3, Cancellation);
        await ProduceAsync(AdminCalls.Topic, AdminCalls.Partition.Partition, ("v", DateTimeOffset.UnixEpoch));
        foreach (var group in AdminCalls.Classic)
            Assert.True(Assert.Single(await Admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(AdminCalls.Partition, 1)], Cancellation)).Succeeded);
        await Admin.AskAsync<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
            new ConsumerGroupHeartbeatRequest
            {
                GroupId = "consumer", MemberId = "m", InstanceId = "one", RebalanceTimeoutMs = 60_000, SubscribedTopicNames = [AdminCalls.Topic], TopicPartitions = [],
            },
            AdminTarget.GroupCoordinator("consumer"), cancellation: Cancellation);
        Embedded.SetGroupConfig("share", "share.auto.offset.reset", "earliest");
        await Admin.AskAsync<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>(
            new ShareGroupHeartbeatRequest { GroupId = "share", MemberId = "m", SubscribedTopicNames = [AdminCalls.Topic] }, AdminTarget.GroupCoordinator("share"), cancellation: Cancellation);
        await Admin.AskAsync<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>(
            new ShareGroupHeartbeatRequest { GroupId = "share", MemberId = "m", MemberEpoch = -1 }, AdminTarget.GroupCoordinator("share"), cancellation: Cancellation);
        Assert.True(Assert.Single(await Admin.AlterShareGroupOffsetsAsync("share", [new TopicPartitionOffset(AdminCalls.Partition, 1)], Cancellation)).Succeeded);
        Assert.True(Assert.Single(await Admin.AlterUserScramCredentialsAsync([new(AdminCalls.ScramUser, ScramMechanism.ScramSha256, "secret")], cancellation: Cancellation)).Succeeded);
        await StreamsMember.JoinAsync(Admin, "streams", "m", AdminCalls.Topic, Cancellation);
        await using (var producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = AdminCalls.TransactionalId }))
            await producer.InitTransactionsAsync(Cancellation);
        return AdminCalls.All[name];
    }

    /// <summary>Moves what a call concerns away from the broker that it is asked of, when it is asked the first time.</summary>
    sealed class MoveAtFirst : IFaults
    {
        readonly ClusterState _cluster;
        readonly AdminCall _call;

        public MoveAtFirst(EmbeddedKafka embedded, AdminCall call) => (_cluster, _call) = (embedded.Shell.Operate(static (cluster, _) => cluster), call);

        public bool HasMoved { get; private set; }

        public int Requests { get; private set; }

        Fault IFaults.OnRequest(in RequestInfo request, long nowMs)
        {
            if (request.ApiKey != _call.Api)
                return default;
            Requests++;
            if (HasMoved)
                return default;
            HasMoved = true;
            var other = (request.NodeId % 3) + 1;
            switch (_call.Concerns)
            {
                case AdminCall.Broker.Controller:
                    // Brokers hand requests on; one whose controller has moved says so.
                    return new Fault { Error = ErrorCode.NotController };
                case AdminCall.Broker.GroupCoordinator:
                    foreach (var group in _cluster.Groups.Groups.Select(static group => group.GroupId).ToArray())
                        _cluster.Groups.Move(group, other, nowMs);
                    return default;
                case AdminCall.Broker.TransactionCoordinator:
                    _cluster.Transactions.Slots.Move(AdminCalls.TransactionalId, other, nowMs);
                    return default;
                default:
                    _cluster.MoveLeader(AdminCalls.Topic, AdminCalls.Partition.Partition, other, nowMs);
                    return default;
            }
        }
    }

    /// <summary>Every broker coordinates all groups at the moment when it is asked for its own.</summary>
    sealed class MoveGroupsAlong(EmbeddedKafka embedded) : IFaults
    {
        readonly ClusterState _cluster = embedded.Shell.Operate(static (cluster, _) => cluster);

        public int Requests { get; private set; }

        Fault IFaults.OnRequest(in RequestInfo request, long nowMs)
        {
            if (request.ApiKey != ApiKey.ListGroups)
                return default;
            Requests++;
            foreach (var group in _cluster.Groups.Groups.Select(static group => group.GroupId).ToArray())
                _cluster.Groups.Move(group, request.NodeId, nowMs);
            return default;
        }
    }

    /// <summary>Closes the connection before the first request of an API is handled.</summary>
    sealed class LoseAtFirst(ApiKey api) : IFaults
    {
        bool _hasLost;

        Fault IFaults.OnRequest(in RequestInfo request, long nowMs)
        {
            if (_hasLost || request.ApiKey != api)
                return default;
            _hasLost = true;
            return new Fault { CloseBefore = true };
        }
    }

    /// <summary>Answers no request of an API.</summary>
    sealed class SilentFor(ApiKey api) : IFaults
    {
        Fault IFaults.OnRequest(in RequestInfo request, long nowMs) => new() { Silence = request.ApiKey == api };
    }
}
