using NetKafka.Testing;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// What a scenario runs on: the embedded Kafka or a real cluster, neither of which creates topics by itself. One body of a test
/// for both holds them to the same answers.
/// </summary>
public abstract class KafkaTarget : IAsyncDisposable
{
    /// <summary>Options of a client that finds the target; a new object each time.</summary>
    public abstract KafkaClientOptions ClientOptions { get; }

    /// <summary>A client with these options.</summary>
    public KafkaClient Connect() => new(ClientOptions);

    /// <summary>A name for a topic or group that nobody else uses.</summary>
    public string NewName(string kind) => TestSettings.NewName(kind);

    /// <summary>Creates a topic, under a new name unless one is given; it can be used when this is back.</summary>
    public abstract Task<string> CreateTopic(
        int partitions = 1, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellation = default);

    /// <summary>
    /// Has a compacted topic (<see cref="TopicSettings.SoonCompacted"/>) cleaned: at once, or soon where brokers do so by themselves, once they have been
    /// written to again.
    /// </summary>
    public virtual void Compact(string topic)
    {
    }

    /// <summary>Skips the test where the target may create a topic that is only asked for.</summary>
    public virtual void RequireNoAutoCreation()
    {
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>An embedded Kafka of the test's own.</summary>
    public static KafkaTarget Embedded() => new EmbeddedTarget();

    /// <summary>A cluster; it stays when the target is disposed.</summary>
    public static KafkaTarget Real(KafkaCluster cluster) => new ClusterTarget(cluster);

    sealed class EmbeddedTarget : KafkaTarget
    {
        readonly EmbeddedKafka _kafka = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, AutoCreateTopics = false });

        public override KafkaClientOptions ClientOptions => new()
        {
            BootstrapServers = _kafka.BootstrapServers,
            ConnectCallback = _kafka.ConnectAsync,
        };

        public override Task<string> CreateTopic(int partitions, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellation)
        {
            var topic = NewName("topic");
            _kafka.CreateTopic(topic, partitions, configs: settings);
            return Task.FromResult(topic);
        }

        public override void Compact(string topic) => _kafka.Compact(topic, 0);

        public override ValueTask DisposeAsync() => _kafka.DisposeAsync();
    }

    sealed class ClusterTarget(KafkaCluster cluster) : KafkaTarget
    {
        public override KafkaClientOptions ClientOptions => new() { BootstrapServers = cluster.BootstrapServers };

        public override Task<string> CreateTopic(int partitions, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellation) =>
            cluster.CreateTopic(partitions, settings: settings, cancellation: cancellation);

        public override void RequireNoAutoCreation() => Assert.SkipWhen(
            cluster.IsNamed, "The cluster that NETKAFKA_BOOTSTRAP names may create topics that are only asked for (auto.create.topics.enable).");
    }
}
