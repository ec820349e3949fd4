using NetKafka.Administration;
using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Integration.Tests;

/// <summary>What an admin does to leaders, replicas, directories, features, controllers and loggers, as Java's tools show it.</summary>
[Trait("Area", "Admin")]
public sealed class AdminClusterTests(AdminClusters clusters) : IClassFixture<AdminClusters>
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Leaders_and_replicas_are_as_Java_shows_them(string version)
    {
        var cluster = await clusters.Get(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var admin = kafka.CreateAdmin();
        var topic = await CreateAsync(cluster, admin, [1, 2], [2, 3], [1, 2]);
        TopicPartition P(int partition) => new(topic, partition);

        Assert.Equal(
            [ErrorCode.None, ErrorCode.None, ErrorCode.InvalidReplicaAssignment, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition],
            Codes(await Reassign(admin, (P(0), [2, 1]), (P(1), [3, 1]), (P(2), [99]), (new(topic + "-none", 0), null), (P(7), [1]))));
        var fewer = new Dictionary<TopicPartition, IReadOnlyList<int>?> { [P(2)] = [1] };
        Assert.Equal(
            [cluster.MajorVersion >= 4 ? ErrorCode.InvalidReplicationFactor : ErrorCode.UnsupportedVersion],
            Codes(await admin.AlterPartitionReassignmentsAsync(fewer, allowReplicationFactorChange: false, Cancellation)));
        await Wait.Until(async () => (await admin.ListPartitionReassignmentsAsync([P(0), P(1)], Cancellation)).Count == 0, "the replicas have moved", Cancellation);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.ElectionNotNeeded, ErrorCode.UnknownTopicOrPartition],
            Codes(await admin.ElectLeadersAsync(ElectionType.Preferred, [P(0), P(2), P(7)], Cancellation)));
        Assert.Equal([ErrorCode.ElectionNotNeeded], Codes(await admin.ElectLeadersAsync(ElectionType.Unclean, [P(0)], Cancellation)));
        Assert.Equal([ErrorCode.None, ErrorCode.None], Codes(await Reassign(admin, (P(2), [2, 1]), (P(1), [1, 3]))));
        Assert.Equal(
            [P(1), P(2)],
            (await admin.ElectLeadersAsync(ElectionType.Preferred, null, Cancellation)).Where(outcome => outcome.Item.Topic == topic && outcome.Succeeded).Select(static outcome => outcome.Item));

        var shown = "";
        await Wait.Until(
            async () => (shown = string.Join('\n', (await cluster.Tools.Topics(["--describe", "--topic", topic], Cancellation)).Lines)).Contains("Replicas: 1,3", StringComparison.Ordinal),
            "the move is known to the broker", Cancellation);
        Assert.Matches(@"Partition: 0\s+Leader: 2\s+Replicas: 2,1\s", shown);
        Assert.Matches(@"Partition: 1\s+Leader: 1\s+Replicas: 1,3\s", shown);
        Assert.Matches(@"Partition: 2\s+Leader: 2\s+Replicas: 2,1\s", shown);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Broker_that_is_away_is_waited_for_by_moves_and_is_unregistered_for_good(string version)
    {
        var cluster = await clusters.Get(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var admin = kafka.CreateAdmin();
        var topic = await CreateAsync(cluster, admin, [1, 2], [3, 1]);
        var lone = new TopicPartition(await CreateAsync(cluster, admin, [3]), 0);
        TopicPartition P(int partition) => new(topic, partition);
        await cluster.Stop(3, Cancellation);
        try
        {
            await Wait.Until(async () => (await DescribeAsync(admin, lone.Topic)).Partitions[0].Leader is null, "the controller misses broker 3", Cancellation);
            Assert.Equal([ErrorCode.PreferredLeaderNotAvailable], Codes(await admin.ElectLeadersAsync(ElectionType.Preferred, [P(1)], Cancellation)));
            Assert.Equal([ErrorCode.EligibleLeadersNotAvailable], Codes(await admin.ElectLeadersAsync(ElectionType.Unclean, [lone], Cancellation)));

            Assert.Equal([ErrorCode.None], Codes(await Reassign(admin, (P(0), [3, 2]))));
            var moving = Assert.Single(await admin.ListPartitionReassignmentsAsync(null, Cancellation));
            Assert.Equal<IReadOnlyList<int>>([[3, 2, 1], [3], [1]], [moving.Replicas, moving.Adding, moving.Removing]);
            Assert.Contains(
                (await cluster.Tools.Reassignments(["--list"], Cancellation)).Lines,
                line => line.StartsWith($"{P(0)}: replicas: 3,2,1. adding: 3. removing: 1.", StringComparison.Ordinal));
            Assert.Equal([ErrorCode.None, ErrorCode.NoReassignmentInProgress], Codes(await Reassign(admin, (P(0), null), (P(1), null))));
            Assert.Empty(await admin.ListPartitionReassignmentsAsync([P(0)], Cancellation));

            var unregistered = await admin.UnregisterBrokersAsync([3, 77], Cancellation);
            Assert.Equal([ErrorCode.None, ErrorCode.BrokerIdNotRegistered], unregistered.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
            if (cluster.MajorVersion >= 4)
            {
                Assert.DoesNotContain(
                    (await cluster.Tools.Cluster(["list-endpoints", "--include-fenced-brokers"], Cancellation)).Lines, static line => line.StartsWith("3 ", StringComparison.Ordinal));
            }
        }
        finally
        {
            await cluster.Start(3, Cancellation);
        }
        await Wait.Until(async () => (await DescribeAsync(admin, lone.Topic)).Partitions[0].Leader?.Id == 3, "broker 3 leads again", Cancellation);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Log_directories_are_what_Java_shows(string version)
    {
        var cluster = await clusters.Get(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var admin = kafka.CreateAdmin();
        var topic = await CreateAsync(cluster, admin, [1, 2]);
        var partition = new TopicPartition(topic, 0);
        await using (var producer = kafka.CreateProducer<string, string>())
            await producer.ProduceAsync(new ProducerRecord<string, string>(topic, "k", "value"), Cancellation);
        var dirs = (await admin.DescribeLogDirsAsync([1], [partition], Cancellation))[0].GetOrThrow();
        Assert.Equal(2, dirs.Count);
        Assert.All(dirs, static dir => Assert.True(dir.UsableBytes > 0 && dir.TotalBytes > dir.UsableBytes && dir.Error is null));
        var other = dirs.Single(static dir => dir.Replicas.Count == 0);

        var moved = await admin.AlterReplicaLogDirsAsync(
            new Dictionary<PartitionReplica, string> { [new(partition, 1)] = other.Path, [new(partition, 2)] = "/nowhere", [new(partition, 3)] = (await PathsOf(3))[0] }, Cancellation);
        Assert.Equal([ErrorCode.None, ErrorCode.LogDirNotFound, ErrorCode.ReplicaNotAvailable], moved.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        LogDirReplica[] there = [];
        await Wait.Until(
            async () => (there = [.. (await admin.DescribeLogDirsAsync([1], [partition], Cancellation))[0].GetOrThrow().Single(dir => dir.Path == other.Path).Replicas]) is [{ IsFuture: false }],
            "the replica has moved", Cancellation);
        Assert.True(there[0].SizeBytes > 0);
        Assert.Contains(
            $$"""{"partition":"{{partition}}","size":{{there[0].SizeBytes}},"offsetLag":0,"isFuture":false}],"error":null,"logDir":"{{other.Path}}"}""",
            string.Concat((await cluster.Tools.LogDirs(["--describe", "--broker-list", "1", "--topic-list", topic], Cancellation)).Lines), StringComparison.Ordinal);

        async Task<string[]> PathsOf(int node) => [.. (await admin.DescribeLogDirsAsync([node], [], Cancellation))[0].GetOrThrow().Select(static dir => dir.Path)];
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Features_are_what_Java_shows(string version)
    {
        var cluster = await clusters.Get(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var admin = kafka.CreateAdmin();
        var isNew = cluster.MajorVersion >= 4;
        var wrong = await Update(admin, ("metadata.version", new(9_999)), ("no.such", new(1)));
        Assert.All(wrong, static outcome => Assert.Equal(ErrorCode.InvalidUpdateVersion, outcome.Error!.Code));
        if (isNew)
        {
            Assert.Equal(ErrorCode.InvalidUpdateVersion, Assert.Single(await Update(admin, ("streams.version", new(0)))).Error!.Code);
            Assert.True(Assert.Single(await Update(admin, ("streams.version", new(0, FeatureUpgradeType.SafeDowngrade)))).Succeeded);
        }
        ClusterFeatures? features = null;
        await Wait.Until(
            async () => (features = await admin.DescribeFeaturesAsync(2, Cancellation)).Finalized.ContainsKey("streams.version") is false, "broker 2 knows of the level", Cancellation);
        var shown = (await cluster.Tools.Features(["describe"], Cancellation)).Lines.Where(static line => line.StartsWith("Feature: ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(features!.Supported.Keys, shown.Select(static line => line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1]).Order(StringComparer.Ordinal));
        // Java names the levels of metadata.version, and shows 0 for what is not in force.
        foreach (var line in shown.Where(static line => !line.Contains("metadata.version", StringComparison.Ordinal)))
        {
            var words = line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            var (supported, level) = (features.Supported[words[1]], features.Finalized.GetValueOrDefault(words[1]).Max);
            Assert.Equal([$"{supported.Min}", $"{supported.Max}", $"{level}"], [words[3], words[5], words[7]]);
        }
        Assert.True(features.Finalized["metadata.version"].Max > 0);
        if (isNew)
            Assert.True(Assert.Single(await Update(admin, ("streams.version", new(1)))).Succeeded);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Controllers_are_what_Java_shows(string version)
    {
        var cluster = await clusters.Get(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var admin = kafka.CreateAdmin();
        var quorum = await admin.DescribeMetadataQuorumAsync(Cancellation);
        Assert.Equal([1, 2, 3], quorum.Voters.Select(static voter => voter.NodeId));
        Assert.Equal([1, 2, 3], quorum.Endpoints.Keys);
        Assert.All(quorum.Voters, static voter => Assert.True(voter.LogEndOffset > 0 && voter.LastCaughtUpTime is not null));
        var follower = quorum.Voters.Last(voter => voter.NodeId != quorum.LeaderId).NodeId;
        Assert.Equal(ErrorCode.UnsupportedVersion, await Refusal(() => admin.RemoveRaftVoterAsync(follower, Guid.NewGuid(), cancellation: Cancellation)));
        Assert.Equal(ErrorCode.UnsupportedVersion, await Refusal(() => admin.AddRaftVoterAsync(follower, Guid.NewGuid(), quorum.Endpoints[follower], cancellation: Cancellation)));
        Assert.Equal(ErrorCode.UnsupportedVersion, Assert.Single(await admin.UnregisterControllersAsync([follower], Cancellation)).Error!.Code);
        if (cluster.MajorVersion < 4)
        {
            Assert.Equal(["Leader", "Follower", "Follower"], (await Shown()).OrderBy(row => row.Key != quorum.LeaderId).Select(static row => row.Value));
            return;
        }

        Assert.True(Assert.Single(await Update(admin, ("kraft.version", new(1)))).Succeeded);
        Guid? directory = null;
        await Wait.Until(
            async () => (directory = (await admin.DescribeMetadataQuorumAsync(Cancellation)).Voters.Single(voter => voter.NodeId == follower).DirectoryId) is not null,
            "voters have directories", Cancellation);
        Assert.Equal(ErrorCode.InconsistentClusterId, await Refusal(() => admin.RemoveRaftVoterAsync(follower, directory!.Value, "another", Cancellation)));
        Assert.Equal(ErrorCode.VoterNotFound, await Refusal(() => admin.RemoveRaftVoterAsync(follower, Guid.NewGuid(), cancellation: Cancellation)));
        await admin.RemoveRaftVoterAsync(follower, directory!.Value, cancellation: Cancellation);
        await Wait.Until(async () => (await Shown()).GetValueOrDefault(follower) == "Observer", "Java shows the controller without a vote", Cancellation);
        await admin.AddRaftVoterAsync(follower, directory.Value, quorum.Endpoints[follower], cancellation: Cancellation);
        await Wait.Until(async () => (await Shown()).GetValueOrDefault(follower) == "Follower", "Java shows the controller with a vote", Cancellation);
        Assert.Equal(ErrorCode.DuplicateVoter, await Refusal(() => admin.AddRaftVoterAsync(follower, directory.Value, quorum.Endpoints[follower], cancellation: Cancellation)));

        async Task<Dictionary<int, string>> Shown() => (await cluster.Tools.MetadataQuorum(["describe", "--replication"], Cancellation)).Lines.Skip(1)
            .Select(static line => line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(static words => words.Length > 2)
            .ToDictionary(static words => int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture), static words => words[^1]);
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Loggers_brokers_and_client_metrics_are_as_Java_shows_them(string version)
    {
        var cluster = await clusters.Get(version);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var admin = kafka.CreateAdmin();
        var metrics = ConfigResource.ClientMetrics(cluster.NewName("metrics"));
        var altered = await admin.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>>
            {
                [ConfigResource.BrokerLogger(2)] = [ConfigChange.Set("kafka.server.ReplicaManager", "WARN")],
                [ConfigResource.BrokerLogger(1)] = [ConfigChange.Set("no.such", "WARN")],
                [ConfigResource.Broker(2)] = [ConfigChange.Set("background.threads", "12")],
                [ConfigResource.Broker(1)] = [ConfigChange.Set("node.id", "7")],
                [metrics] = [ConfigChange.Set("interval.ms", "12345"), ConfigChange.Set("match", "client_id=pay.*")],
                [ConfigResource.ClientMetrics("wrong")] = [ConfigChange.Set("interval.ms", "99")],
            }, cancellation: Cancellation);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidConfig, ErrorCode.None, ErrorCode.InvalidRequest, ErrorCode.None, ErrorCode.InvalidRequest],
            altered.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None));
        Assert.Contains(
            (await cluster.Tools.Configs(["--describe", "--entity-type", "broker-loggers", "--entity-name", "2"], Cancellation)).Lines,
            static line => line.Contains("kafka.server.ReplicaManager=WARN", StringComparison.Ordinal));
        var shown = string.Join('\n', (await cluster.Tools.ClientMetrics(["--describe", "--name", metrics.Name], Cancellation)).Lines);
        Assert.Contains("interval.ms=12345", shown, StringComparison.Ordinal);
        Assert.Contains("match=client_id=pay.*", shown, StringComparison.Ordinal);
        Assert.Contains(
            (await cluster.Tools.Configs(["--describe", "--entity-type", "brokers", "--entity-name", "2"], Cancellation)).Lines,
            static line => line.Contains("background.threads=12", StringComparison.Ordinal));

        Assert.Equal([metrics], await admin.ListConfigResourcesAsync([ConfigResourceType.ClientMetrics], Cancellation));
        if (cluster.MajorVersion >= 4)
        {
            var listed = await admin.ListConfigResourcesAsync([ConfigResourceType.Broker, ConfigResourceType.ClientMetrics], Cancellation);
            Assert.Equal([ConfigResource.Broker(1), ConfigResource.Broker(2), ConfigResource.Broker(3), metrics], listed);
        }
        else
        {
            Assert.Equal(ErrorCode.UnsupportedVersion, await Refusal(async () => await admin.ListConfigResourcesAsync(cancellation: Cancellation)));
        }
    }

    [Theory]
    [InlineData(KafkaRelease.Newest)]
    [InlineData(KafkaRelease.Older)]
    public async Task Controllers_are_asked_themselves(string version)
    {
        var cluster = await clusters.Get(version);
        await using var brokers = new KafkaClient(cluster.BootstrapServers);
        using var ofBrokers = brokers.CreateAdmin();
        var quorum = await ofBrokers.DescribeMetadataQuorumAsync(Cancellation);
        // Any of them tells which one is active.
        var passive = quorum.Endpoints.Where(row => row.Key != quorum.LeaderId).SelectMany(static row => row.Value).ToArray();
        Assert.SkipUnless(passive.All(static endpoint => endpoint.Host is "127.0.0.1" or "localhost"), "The controllers are in containers, out of reach.");
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapControllers = string.Join(',', passive.Select(static endpoint => $"{endpoint.Host}:{endpoint.Port}")) });
        using var admin = kafka.CreateAdmin();
        var described = await admin.DescribeClusterAsync(Cancellation);
        Assert.Equal((BrokerSettings.ClusterId, quorum.LeaderId), (described.ClusterId, described.Controller!.Id));
        Assert.Equal(quorum.Endpoints.ToDictionary(static row => row.Key, static row => row.Value[0].Port), described.Brokers.ToDictionary(static node => node.Id, static node => node.Port));
        Assert.Equal(quorum.LeaderId, (await admin.DescribeMetadataQuorumAsync(Cancellation)).LeaderId);
        Assert.Contains("metadata.version", (await admin.DescribeFeaturesAsync(cancellation: Cancellation)).Finalized);

        var topic = cluster.NewName("topic");
        (await admin.CreateTopicsAsync([new NewTopic(topic) { Assignments = new Dictionary<int, IReadOnlyList<int>> { [0] = [1, 2] } }], cancellation: Cancellation))[0].GetOrThrow();
        var partition = new TopicPartition(topic, 0);
        var altered = await admin.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyList<ConfigChange>>
            {
                [ConfigResource.Topic(topic)] = [ConfigChange.Set("retention.ms", "7654321")], [ConfigResource.Broker(2)] = [ConfigChange.Set("log.cleaner.threads", "2")],
            }, cancellation: Cancellation);
        Assert.All(altered, static outcome => Assert.True(outcome.Succeeded));
        Assert.Equal([ErrorCode.None], Codes(await Reassign(admin, (partition, [2, 1]))));
        Assert.Equal([ErrorCode.None], Codes(await admin.ElectLeadersAsync(ElectionType.Preferred, [partition], Cancellation)));
        Assert.Empty(await admin.ListPartitionReassignmentsAsync([partition], Cancellation));
        var shown = "";
        await Wait.Until(
            async () => (shown = string.Join('\n', (await cluster.Tools.Topics(["--describe", "--topic", topic], Cancellation)).Lines)).Contains("Replicas: 2,1", StringComparison.Ordinal),
            "what the controllers did is known to the brokers", Cancellation);
        Assert.Contains("retention.ms=7654321", shown, StringComparison.Ordinal);
        Assert.Matches(@"Leader: 2\s", shown);

        Assert.Equal(ErrorCode.UnsupportedVersion, await Refusal(async () => await admin.ListTopicsAsync(cancellation: Cancellation)));
        Assert.Equal(ErrorCode.UnsupportedEndpointType, Assert.Single(await admin.DescribeClassicGroupsAsync(["g"], cancellation: Cancellation)).Error!.Code);
        await using var wrong = new KafkaClient(new KafkaClientOptions { BootstrapControllers = cluster.BootstrapServers });
        using var ofWrong = wrong.CreateAdmin();
        Assert.Equal(ErrorCode.MismatchedEndpointType, await Refusal(async () => await ofWrong.DescribeClusterAsync(Cancellation)));
    }

    static IEnumerable<ErrorCode> Codes(IReadOnlyList<ItemOutcome<TopicPartition>> outcomes) => outcomes.Select(static outcome => outcome.Error?.Code ?? ErrorCode.None);

    static async Task<ErrorCode> Refusal(Func<ValueTask> call) => (await Assert.ThrowsAnyAsync<KafkaException>(async () => await call())).Code;

    static ValueTask<IReadOnlyList<ItemOutcome<TopicPartition>>> Reassign(Admin admin, params (TopicPartition Partition, int[]? Replicas)[] targets) =>
        admin.AlterPartitionReassignmentsAsync(targets.ToDictionary(static target => target.Partition, static target => (IReadOnlyList<int>?)target.Replicas), cancellation: Cancellation);

    static ValueTask<IReadOnlyList<ItemOutcome<string>>> Update(Admin admin, params (string Name, FeatureUpdate Update)[] updates) =>
        admin.UpdateFeaturesAsync(updates.ToDictionary(static update => update.Name, static update => update.Update), cancellation: Cancellation);

    static async Task<TopicDescription> DescribeAsync(Admin admin, string topic) => (await admin.DescribeTopicsAsync([topic], cancellation: Cancellation))[0].GetOrThrow();

    static async Task<string> CreateAsync(KafkaCluster cluster, Admin admin, params int[][] replicas)
    {
        var topic = cluster.NewName("topic");
        (await admin.CreateTopicsAsync(
            [new NewTopic(topic) { Assignments = replicas.Index().ToDictionary(static row => row.Index, static row => (IReadOnlyList<int>)row.Item) }], cancellation: Cancellation))[0].GetOrThrow();
        await Wait.Until(
            async () => (await admin.DescribeTopicsAsync([topic], cancellation: Cancellation))[0] is { Succeeded: true } described
                && described.Value!.Partitions.All(static partition => partition.Leader is not null),
            "the topic has leaders", Cancellation);
        return topic;
    }
}
