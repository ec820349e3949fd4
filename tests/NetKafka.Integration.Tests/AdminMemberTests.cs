using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests;

/// <summary>Streams groups, and members that are put out of groups, as Java's tools show them.</summary>
[Trait("Area", "Admin")]
public sealed class AdminMemberTests(KafkaClusters clusters)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest, GroupProtocol.Classic)]
    [InlineData(KafkaRelease.Newest, GroupProtocol.Consumer)]
    [InlineData(KafkaRelease.Older, GroupProtocol.Classic)]
    public async Task Members_that_are_put_out_are_gone_as_Java_shows(string version, GroupProtocol protocol)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await cluster.CreateTopic(2, cancellation: Cancellation);
        await using (var producer = kafka.CreateProducer<string, string>())
        {
            for (var partition = 0; partition < 2; partition++)
                await producer.ProduceAsync(new ProducerRecord<string, string>(topic, "k", "v") { Partition = partition }, Cancellation);
        }
        var group = cluster.NewName("group");
        // Static members leave their places behind when they end.
        await using (await JoinAsync("one"))
        await using (await JoinAsync("two"))
        await using (await JoinAsync(null))
        {
        }
        var removed = await admin.RemoveMembersFromConsumerGroupAsync(group, ["one", "nobody"], "it is gone", Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.UnknownMemberId], removed.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        var members = (await cluster.Tools.Groups(["--describe", "--group", group, "--members", "--verbose"], Cancellation)).Lines;
        Assert.Contains(members, static line => line.Contains(" two ", StringComparison.Ordinal));
        Assert.DoesNotContain(members, static line => line.Contains(" one ", StringComparison.Ordinal));

        Assert.True(Assert.Single(await admin.RemoveAllMembersFromConsumerGroupAsync(group, cancellation: Cancellation)).Succeeded);
        Assert.Equal(GroupState.Empty, Assert.Single(await admin.DescribeConsumerGroupsAsync([group], cancellation: Cancellation)).GetOrThrow().State);
        Assert.Empty(await admin.RemoveAllMembersFromConsumerGroupAsync(group, cancellation: Cancellation));

        async Task<Consumer<string, string>> JoinAsync(string? instance)
        {
            var consumer = kafka.CreateConsumer<string, string>(
                new ConsumerOptions { GroupId = group, GroupProtocol = protocol, GroupInstanceId = instance, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest });
            if (instance is null)
                return consumer;
            await foreach (var record in consumer.ReadAllAsync(Cancellation))
                break;
            return consumer;
        }
    }

    [Fact]
    public async Task Streams_group_is_what_Java_shows()
    {
        var cluster = await clusters.SharedOfThree();
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await cluster.CreateTopic(2, cancellation: Cancellation);
        var group = cluster.NewName("streams");
        await Wait.Until(async () => await JoinAsync() == ErrorCode.None, "the coordinator", Cancellation);
        StreamsGroupDescription described = null!;
        // The first tasks are given after the group's initial delay, at a heartbeat.
        await Wait.Until(
            async () =>
            {
                described = Assert.Single(await admin.DescribeStreamsGroupsAsync([group], includeAuthorizedOperations: true, Cancellation)).GetOrThrow();
                if (described.State == GroupState.Stable)
                    return true;
                await BeatAsync(described.Members[0].Epoch);
                return false;
            },
            "the tasks", Cancellation);
        var member = Assert.Single(described.Members);
        Assert.Equal([new StreamsTask("0", 0), new StreamsTask("0", 1)], member.Assignment.Active);
        Assert.Equal(("process", "somewhere:8080", "a"), (member.ProcessId, member.UserEndpoint, member.ClientTags["zone"]));
        Assert.Equal([topic], Assert.Single(described.Topology!.Subtopologies).SourceTopics);
        Assert.NotEmpty(described.AuthorizedOperations!);
        Assert.Equal(GroupState.Stable, Assert.Single((await admin.ListGroupsAsync([GroupType.Streams], cancellation: Cancellation)).GetOrThrow(), listing => listing.GroupId == group).State);
        var shown = (await cluster.Tools.StreamsGroups(["--describe", "--group", group, "--members", "--verbose"], Cancellation)).Lines[^1];
        Assert.Contains(" member ", shown, StringComparison.Ordinal);
        Assert.Contains("ACTIVE: 0:[0,1]; TARGET-ACTIVE: 0:[0,1];", shown, StringComparison.Ordinal);

        TopicPartition partition = new(topic, 1);
        Assert.Equal(ErrorCode.UnknownMemberId, Assert.Single(await admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(partition, 0)], Cancellation)).Error!.Code);
        Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(await admin.DeleteGroupsAsync([group], Cancellation)).Error!.Code);
        await BeatAsync(-1);
        Assert.True(Assert.Single(await admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(partition, 0)], Cancellation)).Succeeded);
        // The tool for streams groups shows no offsets of a group without members.
        Assert.Contains(
            (await cluster.Tools.Groups(["--reset-offsets", "--to-current", "--group", group, "--all-topics", "--dry-run"], Cancellation)).Lines
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            columns => columns.Length > 3 && columns[1] == topic && columns[2] == "1" && columns[3] == "0");
        Assert.True(Assert.Single(await admin.DeleteConsumerGroupOffsetsAsync(group, [partition], Cancellation)).Succeeded);
        Assert.True(Assert.Single(await admin.DeleteGroupsAsync([group], Cancellation)).Succeeded);
        Assert.Equal(ErrorCode.GroupIdNotFound, Assert.Single(await admin.DescribeStreamsGroupsAsync([group], cancellation: Cancellation)).Error!.Code);

        async Task<ErrorCode> JoinAsync() => (await AskAsync(new StreamsGroupHeartbeatRequest
        {
            GroupId = group,
            MemberId = "member",
            RebalanceTimeoutMs = 60_000,
            ProcessId = "process",
            UserEndpoint = new() { Host = "somewhere", Port = 8080 },
            ClientTags = [new() { Key = "zone", Value = "a" }],
            Topology = new() { Subtopologies = [new() { SubtopologyId = "0", SourceTopics = [topic] }] },
            ActiveTasks = [],
            StandbyTasks = [],
            WarmupTasks = [],
        })).ErrorCode;

        async Task BeatAsync(int epoch) => await AskAsync(new StreamsGroupHeartbeatRequest { GroupId = group, MemberId = "member", MemberEpoch = epoch });

        ValueTask<StreamsGroupHeartbeatResponse> AskAsync(StreamsGroupHeartbeatRequest request) =>
            admin.AskAsync<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>(request, AdminTarget.GroupCoordinator(group), cancellation: Cancellation);
    }

    [Fact]
    public async Task Broker_without_streams_groups_says_so()
    {
        var cluster = await clusters.Shared(KafkaRelease.Older);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        Assert.Equal(ErrorCode.UnsupportedVersion, Assert.Single(await admin.DescribeStreamsGroupsAsync(["group"], cancellation: Cancellation)).Error!.Code);
    }
}
