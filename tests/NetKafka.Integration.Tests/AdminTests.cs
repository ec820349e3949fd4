using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests;

/// <summary>What an admin does, as Java's tools show it, and the errors that it gives for what cannot be done.</summary>
[Trait("Area", "Admin")]
public sealed class AdminTests(KafkaClusters clusters)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Topic_is_as_Java_shows_it(string version)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = cluster.NewName("topic");
        var created = await admin.CreateTopicsAsync(
        [
            new NewTopic(topic, 2, 1) { Retention = TimeSpan.FromDays(7), CleanupPolicy = CleanupPolicy.CompactAndDelete }, new NewTopic(topic + "-none", 0, 1), new NewTopic("no name!"),
        ], cancellation: Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.InvalidPartitions, ErrorCode.InvalidTopicException], created.Select(static result => result.Error?.Code ?? ErrorCode.None));
        Assert.Contains(created[0].GetOrThrow().Configs, static entry => entry is { Name: "retention.ms", Value: "604800000" });
        foreach (var outcome in await admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { [topic] = new(3) }, cancellation: Cancellation))
            outcome.EnsureSuccess();
        foreach (var outcome in await admin.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>>
            {
                [ConfigResource.Topic(topic)] = [ConfigChange.Set("min.insync.replicas", "1"), ConfigChange.Subtract("cleanup.policy", "delete"), ConfigChange.Delete("retention.ms")],
            }, cancellation: Cancellation))
            outcome.EnsureSuccess();

        var shown = "";
        await Wait.Until(
            async () => (shown = string.Join('\n', (await cluster.Tools.Topics(["--describe", "--topic", topic], Cancellation)).Lines)).Contains("PartitionCount: 3", StringComparison.Ordinal),
            "the third partition", Cancellation);
        Assert.Contains("cleanup.policy=compact", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("retention.ms", shown, StringComparison.Ordinal);
        Assert.Contains((await DescribeAsync(admin, topic)).Id.ToString("N"), Hexadecimal(shown), StringComparison.Ordinal);

        Assert.Contains(await admin.ListTopicsAsync(cancellation: Cancellation), listing => listing.Name == topic);
        foreach (var outcome in await admin.DeleteTopicsByIdAsync([(await DescribeAsync(admin, topic)).Id], Cancellation))
            outcome.EnsureSuccess();
        await Wait.Until(
            async () => !(await cluster.Tools.Topics(["--list"], Cancellation)).Lines.Contains(topic), "the topic is gone", Cancellation);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await admin.DescribeTopicsAsync([topic], cancellation: Cancellation))[0].Error!.Code);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Configurations_are_what_Java_shows(string version)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await cluster.CreateTopic(1, cancellation: Cancellation);
        var node = cluster.Nodes.First();
        await cluster.Tools.Configs(["--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", "max.message.bytes=4321"], Cancellation);

        var described = await admin.DescribeConfigsAsync(
            [ConfigResource.Topic(topic), ConfigResource.Broker(node), ConfigResource.BrokerLogger(node), ConfigResource.Topic(topic + "-none")],
            includeSynonyms: true, includeDocumentation: true, Cancellation);
        var entry = Assert.Single(described[0].GetOrThrow(), static entry => entry.Name == "max.message.bytes");
        Assert.Equal(("4321", ConfigSource.Topic, ConfigValueType.Int), (entry.Value, entry.Source, entry.Type));
        Assert.Equal(("message.max.bytes", ConfigSource.Default), (entry.Synonyms[^1].Name, entry.Synonyms[^1].Source));
        Assert.NotNull(entry.Documentation);
        Assert.Contains(described[1].GetOrThrow(), static entry => entry is { Name: "node.id", IsReadOnly: true });
        Assert.Contains(described[2].GetOrThrow(), static entry => entry.Name == "root");
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, described[3].Error!.Code);
        // A broker that is not there may come back: it is waited for.
        using var impatient = kafka.CreateAdmin(new AdminOptions { CallTimeout = TimeSpan.FromSeconds(1) });
        Assert.IsType<KafkaTimeoutException>(Assert.Single(await impatient.DescribeConfigsAsync([ConfigResource.Broker(99)], cancellation: Cancellation)).Error);

        var wrong = await admin.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> { [ConfigResource.Topic(topic)] = [ConfigChange.Set("retention.ms", "long")] }, cancellation: Cancellation);
        Assert.Equal(ErrorCode.InvalidConfig, Assert.Single(wrong).Error!.Code);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Offsets_of_partitions_are_what_Java_shows_before_and_after_records_are_deleted(string version)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await FillAsync(cluster, kafka);
        TopicPartition P(int partition) => new(topic, partition);

        var deleted = await admin.DeleteRecordsAsync([new TopicPartitionOffset(P(0), 4), new TopicPartitionOffset(P(1), 99), new TopicPartitionOffset(P(7), 0)], Cancellation);
        Assert.Equal(4, deleted[0].GetOrThrow());
        Assert.Equal([ErrorCode.OffsetOutOfRange, ErrorCode.UnknownTopicOrPartition], deleted.Skip(1).Select(static result => result.Error!.Code));
        foreach (var (spec, time) in ((OffsetSpec, string)[])[(OffsetSpec.Earliest, "-2"), (OffsetSpec.MaxTimestamp, "-3")])
        {
            var listed = await admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [P(0)] = spec, [P(1)] = spec }, cancellation: Cancellation);
            Assert.Equal(
                await cluster.Tools.Offsets(["--topic", topic, "--time", time], Cancellation),
                listed.ToDictionary(static result => $"{result.Item}", static result => result.GetOrThrow().Offset));
        }
    }

    [Theory]
    [InlineData(KafkaRelease.Newest, GroupProtocol.Classic)]
    [InlineData(KafkaRelease.Newest, GroupProtocol.Consumer)]
    [InlineData(KafkaRelease.Older, GroupProtocol.Classic)]
    public async Task Group_and_its_offsets_are_what_Java_shows(string version, GroupProtocol protocol)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await FillAsync(cluster, kafka);
        var group = cluster.NewName("group");
        TopicPartition P(int partition) => new(topic, partition);
        await using (var consumer = kafka.CreateConsumer<string, string>(
            new ConsumerOptions { GroupId = group, GroupProtocol = protocol, Topics = [topic], AutoOffsetReset = AutoOffsetReset.Earliest }))
        {
            await foreach (var record in consumer.ReadAllAsync(Cancellation))
                break;
            var described = Assert.Single(await admin.DescribeConsumerGroupsAsync([group], cancellation: Cancellation)).GetOrThrow();
            Assert.Equal((protocol == GroupProtocol.Classic ? GroupType.Classic : GroupType.Consumer, GroupState.Stable), (described.Type, described.State));
            Assert.Equal([P(0), P(1)], Assert.Single(described.Members).Assignment);
            var members = (await cluster.Tools.Groups(["--describe", "--group", group, "--members"], Cancellation)).Lines;
            Assert.Contains(members, line => line.Contains(described.Members[0].MemberId, StringComparison.Ordinal));
            Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(await admin.DeleteGroupsAsync([group], Cancellation)).Error!.Code);
            Assert.Equal(ErrorCode.UnknownMemberId, Assert.Single(await admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(P(0), 1)], Cancellation)).Error!.Code);
            Assert.Equal(ErrorCode.GroupSubscribedToTopic, Assert.Single(await admin.DeleteConsumerGroupOffsetsAsync(group, [P(0)], Cancellation)).Error!.Code);
        }
        Assert.Contains((await admin.ListGroupsAsync(cancellation: Cancellation)).GetOrThrow(), listing => listing.GroupId == group && listing.State == GroupState.Empty);

        foreach (var outcome in await admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(P(0), 3), new TopicPartitionOffset(P(1), 2)], Cancellation))
            outcome.EnsureSuccess();
        Assert.Equal((0, 0), await ResetAsync(OffsetReset.ToEarliest));
        Assert.Equal((2, 2), await ResetAsync(OffsetReset.ShiftBy(2)));
        Assert.Equal((5, 4), await ResetAsync(OffsetReset.ToLatest));
        Assert.Equal(new Dictionary<string, long> { [$"{topic}-0"] = 5, [$"{topic}-1"] = 4 }, await cluster.Tools.CommittedOffsets(group, Cancellation));
        Assert.True(Assert.Single(await admin.DeleteConsumerGroupOffsetsAsync(group, [P(1)], Cancellation)).Succeeded);
        Assert.Equal([P(0)], Assert.Single(await admin.ListConsumerGroupOffsetsAsync([group], cancellation: Cancellation)).GetOrThrow().Keys);
        Assert.True(Assert.Single(await admin.DeleteGroupsAsync([group], Cancellation)).Succeeded);
        Assert.DoesNotContain(group, (await cluster.Tools.Groups(["--list"], Cancellation)).Lines);

        async Task<(long, long)> ResetAsync(OffsetReset reset)
        {
            var places = await admin.ResetConsumerGroupOffsetsAsync(group, [P(0), P(1)], reset, cancellation: Cancellation);
            return (places[0].GetOrThrow(), places[1].GetOrThrow());
        }
    }

    [Fact]
    public async Task Share_group_is_what_Java_shows()
    {
        var cluster = await clusters.SharedOfThree();
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await FillAsync(cluster, kafka);
        var group = cluster.NewName("share");
        foreach (var outcome in await admin.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> { [ConfigResource.Group(group)] = [ConfigChange.Set("share.auto.offset.reset", "earliest")] }, cancellation: Cancellation))
            outcome.EnsureSuccess();
        await using (var consumer = kafka.CreateShareConsumer<string, string>(group, topic))
        {
            await foreach (var record in consumer.ReadAllAsync(Cancellation))
                break;
            var described = Assert.Single(await admin.DescribeShareGroupsAsync([group], cancellation: Cancellation)).GetOrThrow();
            Assert.Equal((GroupType.Share, GroupState.Stable), (described.Type, described.State));
            Assert.Contains(
                (await cluster.Tools.ShareGroups(["--describe", "--group", group, "--members"], Cancellation)).Lines,
                line => line.Contains(described.Members[0].MemberId, StringComparison.Ordinal));
        }
        TopicPartition partition = new(topic, 0);
        Assert.True(Assert.Single(await admin.AlterShareGroupOffsetsAsync(group, [new TopicPartitionOffset(partition, 2)], Cancellation)).Succeeded);
        Assert.Equal(2, Assert.Single(await admin.ListShareGroupOffsetsAsync([group], Cancellation)).GetOrThrow()[partition].StartOffset);
        Assert.Contains(
            (await cluster.Tools.ShareGroups(["--describe", "--group", group], Cancellation)).Lines.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            columns => columns.Length > 3 && columns[1] == topic && columns[2] == "0" && columns[3] == "2");
        Assert.True(Assert.Single(await admin.DeleteShareGroupOffsetsAsync(group, [topic], Cancellation)).Succeeded);
        Assert.True(Assert.Single(await admin.DeleteGroupsAsync([group], Cancellation)).Succeeded);
        Assert.Equal(ErrorCode.GroupIdNotFound, Assert.Single(await admin.DescribeShareGroupsAsync([group], cancellation: Cancellation)).Error!.Code);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Mistakes_are_told_item_by_item(string version)
    {
        var cluster = await clusters.SharedOfThree(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using var admin = kafka.CreateAdmin();
        var topic = await cluster.CreateTopic(1, cancellation: Cancellation);
        var (none, group) = (topic + "-none", cluster.NewName("group"));
        TopicPartition partition = new(topic, 0), missing = new(topic, 7), nowhere = new(none, 0);

        Assert.Equal(
            [ErrorCode.TopicAlreadyExists, ErrorCode.InvalidReplicationFactor],
            Codes(await admin.CreateTopicsAsync([new NewTopic(topic), new NewTopic(none, 1, 9)], cancellation: Cancellation)));
        Assert.Equal(
            [ErrorCode.InvalidPartitions, ErrorCode.UnknownTopicOrPartition],
            Codes(await admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { [topic] = new(1), [none] = new(2) }, cancellation: Cancellation)));
        Assert.Equal([ErrorCode.UnknownTopicOrPartition], Codes(await admin.DeleteTopicsAsync([none], Cancellation)));
        Assert.Equal([ErrorCode.UnknownTopicId], Codes(await admin.DeleteTopicsByIdAsync([Guid.NewGuid()], Cancellation)));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidTopicException], Codes(await admin.DescribeTopicsAsync([topic, none, "no name!"], cancellation: Cancellation)));
        Assert.Equal([ErrorCode.UnknownTopicId], Codes(await admin.DescribeTopicsByIdAsync([Guid.NewGuid()], cancellation: Cancellation)));
        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidConfig],
            Codes(await admin.AlterConfigsAsync(
                new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>>
                {
                    [ConfigResource.Topic(none)] = [ConfigChange.Set("retention.ms", "1")], [ConfigResource.Topic(topic)] = [ConfigChange.Set("no.such.config", "1")],
                }, cancellation: Cancellation)));
        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition],
            Codes(await admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [missing] = OffsetSpec.Latest, [nowhere] = OffsetSpec.Latest }, cancellation: Cancellation)));

        // What has no call of its own goes to every broker as it is.
        var answers = await admin.AskEveryBrokerAsync<ListGroupsRequest, ListGroupsResponse>(new ListGroupsRequest(), cancellation: Cancellation);
        Assert.Equal(cluster.Nodes.Order(), answers.Select(static answer => answer.Item).Order());
        Assert.All(answers, static answer => Assert.Equal(ErrorCode.None, answer.GetOrThrow().ErrorCode));

        Assert.Equal([ErrorCode.GroupIdNotFound], Codes(await admin.DeleteGroupsAsync([group], Cancellation)));
        Assert.Equal([ErrorCode.GroupIdNotFound], Codes(await admin.DeleteConsumerGroupOffsetsAsync(group, [partition], Cancellation)));
        var described = Assert.Single(await admin.DescribeConsumerGroupsAsync([group], cancellation: Cancellation));
        Assert.True(described.Error?.Code == ErrorCode.GroupIdNotFound || described.Value?.State == GroupState.Dead, $"{described}");
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidRequest],
            Codes(await admin.AlterConsumerGroupOffsetsAsync(group, [new TopicPartitionOffset(partition, 0), new TopicPartitionOffset(nowhere, 0), new TopicPartitionOffset(missing, -1)], Cancellation)));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownTopicOrPartition],
            Codes(await admin.ResetConsumerGroupOffsetsAsync(group, [partition, nowhere], OffsetReset.ToLatest, cancellation: Cancellation)));
        if (version == KafkaRelease.Newest)
        {
            Assert.Equal([ErrorCode.GroupIdNotFound], Codes(await admin.DescribeShareGroupsAsync([group], cancellation: Cancellation)));
            Assert.Equal([ErrorCode.GroupIdNotFound], Codes(await admin.DeleteShareGroupOffsetsAsync(cluster.NewName("share"), [topic], Cancellation)));
        }
        else
        {
            var old = Assert.Single(await admin.DescribeShareGroupsAsync([group], cancellation: Cancellation)).Error!;
            Assert.Equal(ErrorCode.UnsupportedVersion, old.Code);
            Assert.Contains("ShareGroupDescribe in versions none, and this call needs 1 to 1, which Kafka serves from 4.1 on", old.Message, StringComparison.Ordinal);
            var spec = Assert.Single(await admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [partition] = OffsetSpec.EarliestPendingUpload }, cancellation: Cancellation)).Error!;
            Assert.Contains("which Kafka serves from 4.2 on", spec.Message, StringComparison.Ordinal);
        }
    }

    static IEnumerable<ErrorCode> Codes<TItem, TValue>(IEnumerable<ItemResult<TItem, TValue>> results) => results.Select(static result => result.Error?.Code ?? ErrorCode.None);

    static IEnumerable<ErrorCode> Codes<TItem>(IEnumerable<ItemOutcome<TItem>> outcomes) => outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None);

    static async Task<TopicDescription> DescribeAsync(Admin admin, string topic) =>
        Assert.Single(await admin.DescribeTopicsAsync([topic], cancellation: Cancellation)).GetOrThrow();

    /// <summary>Java writes ids in its own base 64.</summary>
    static string Hexadecimal(string shown)
    {
        var id = shown.Split("TopicId: ")[1].Split('\t', ' ')[0];
        return Convert.ToHexStringLower(Convert.FromBase64String(id.Replace('-', '+').Replace('_', '/') + "=="));
    }

    /// <summary>A topic of two partitions with five and four records.</summary>
    static async Task<string> FillAsync(KafkaCluster cluster, KafkaClient kafka)
    {
        var topic = await cluster.CreateTopic(2, cancellation: Cancellation);
        await using var producer = kafka.CreateProducer<string, string>();
        for (var i = 0; i < 9; i++)
            await producer.ProduceAsync(new ProducerRecord<string, string>(topic, "k", $"{i}") { Partition = i % 2 }, Cancellation);
        return topic;
    }
}
