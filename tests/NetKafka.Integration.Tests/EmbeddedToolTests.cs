using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Testing;

namespace NetKafka.Integration.Tests;

/// <summary>Java's tools for clusters on the embedded Kafka: what it serves is not only what our own admin takes for Kafka.</summary>
[Trait("Area", "Admin")]
public sealed class EmbeddedToolTests(KafkaClusters clusters)
{
    const string Topic = "payments";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Java_moves_replicas_elects_leaders_and_takes_votes()
    {
        await using var embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, Tcp = true, AutoCreateTopics = false });
        embedded.CreateTopic(Topic, 1, 3);
        var tools = await clusters.ToolsAgainst(embedded.BootstrapServers);
        embedded.MoveLeader(Topic, 0, 2);

        await tools.Elections(["--election-type", "preferred", "--all-topic-partitions"], Cancellation);
        Assert.Equal(1, embedded.GetLeader(Topic, 0));
        Assert.Contains("\"logDir\":\"/var/kafka/broker-1/a\"", string.Concat((await tools.LogDirs(["--describe"], Cancellation)).Lines), StringComparison.Ordinal);
        await tools.Features(["upgrade", "--feature", "kraft.version=1"], Cancellation);
        var voters = (await tools.MetadataQuorum(["describe", "--replication"], Cancellation)).Lines.Skip(1).Select(static line => line.Split('\t', StringSplitOptions.TrimEntries)).ToArray();
        Assert.Equal(["Leader", "Follower", "Follower"], voters.Select(static words => words[6]));
        await tools.MetadataQuorum(["remove-controller", "--controller-id", "3", "--controller-directory-id", voters[2][1]], Cancellation);
        var status = (await tools.MetadataQuorum(["describe", "--status"], Cancellation)).Lines;
        Assert.Contains("\"id\": 3", status.Single(static line => line.StartsWith("CurrentObservers:", StringComparison.Ordinal)), StringComparison.Ordinal);

        await tools.Configs(["--alter", "--entity-type", "topics", "--entity-name", Topic, "--add-config", "retention.ms=5000"], Cancellation);
        Assert.Contains(
            (await tools.Configs(["--describe", "--entity-type", "topics", "--entity-name", Topic], Cancellation)).Lines,
            static line => line.Contains("retention.ms=5000", StringComparison.Ordinal));
        await tools.ClientMetrics(["--alter", "--name", "basic", "--interval", "1000"], Cancellation);
        Assert.Equal(["basic"], (await tools.ClientMetrics(["--list"], Cancellation)).Lines);
    }
}
