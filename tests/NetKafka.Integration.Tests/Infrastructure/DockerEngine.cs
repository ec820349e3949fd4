using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;
using Testcontainers.Kafka;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Brokers in containers of the local Docker engine, all in one network of the run.</summary>
sealed class DockerEngine : IAsyncDisposable
{
    readonly INetwork _network;

    DockerEngine(INetwork network) => _network = network;

    /// <summary>The engine, or why there is none.</summary>
    public static async Task<(DockerEngine? Engine, string WhyNone)> TryConnect(CancellationToken cancellation)
    {
        try
        {
            var network = new NetworkBuilder().WithName($"netkafka-{TestSettings.RunId}").Build();
            await network.CreateAsync(cancellation);
            return (new DockerEngine(network), "");
        }
        catch (DockerUnavailableException)
        {
            return (null, "no engine answers; an older one wants DOCKER_API_VERSION, say 1.41");
        }
        catch (Docker.DotNet.DockerApiException error)
        {
            return (null, $"the Docker engine makes no network: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    public Task<DockerToolHost> StartTools(CancellationToken cancellation) => DockerToolHost.Start(_network, cancellation);

    /// <summary>One broker as Testcontainers starts it.</summary>
    public IBroker Single(string version)
    {
        var builder = new KafkaBuilder($"apache/kafka:{version}")
            .WithNetwork(_network)
            .WithEnvironment("KAFKA_HEAP_OPTS", string.Join(' ', TestSettings.HeapOptions))
            .WithEnvironment("KAFKA_LOG_DIRS", DockerBroker.DataFolder)
            .WithEnvironment(BrokerSettings.AsEnvironment(BrokerSettings.Common(version, 1)));
        var container = builder.Build();
        return new DockerBroker(container, 1, () => container.GetBootstrapAddress().Replace("plaintext://", "", StringComparison.OrdinalIgnoreCase).TrimEnd('/'),
            () => $"{container.IpAddress}:{KafkaBuilder.BrokerPort}");
    }

    /// <summary>Brokers with ports of this machine that stay the same while they are stopped and started.</summary>
    public IReadOnlyList<IBroker> Several(string version, int brokers, IReadOnlyDictionary<string, string> settings)
    {
        const int ClientPort = 9092, ControllerPort = 9093, InnerPort = 19092;
        var cluster = Guid.NewGuid().ToString("N")[..8];
        var ports = FreePorts.Take(brokers);
        var voters = string.Join(',', Enumerable.Range(1, brokers).Select(id => $"{id}@{HostOf(cluster, id)}:{ControllerPort}"));
        return [.. Enumerable.Range(1, brokers).Select(id =>
        {
            var node = BrokerSettings.Node(version, id, brokers,
                $"PLAINTEXT://:{ClientPort},INTERNAL://:{InnerPort},CONTROLLER://:{ControllerPort}",
                $"PLAINTEXT://127.0.0.1:{ports[id - 1]},INTERNAL://{HostOf(cluster, id)}:{InnerPort}", voters, DockerBroker.DataFolder);
            foreach (var (key, value) in settings)
                node[key] = value.Replace(BrokerSettings.DataPlace, DockerBroker.DataFolder, StringComparison.Ordinal);
            var container = new ContainerBuilder($"apache/kafka:{version}")
                .WithNetwork(_network)
                .WithNetworkAliases(HostOf(cluster, id))
                .WithPortBinding(ports[id - 1], ClientPort)
                .WithEnvironment("CLUSTER_ID", BrokerSettings.ClusterId)
                .WithEnvironment("KAFKA_HEAP_OPTS", string.Join(' ', TestSettings.HeapOptions))
                .WithEnvironment(BrokerSettings.AsEnvironment(node))
                .Build();
            return new DockerBroker(container, id, () => $"127.0.0.1:{ports[id - 1]}", () => $"{HostOf(cluster, id)}:{InnerPort}");
        })];
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    static string HostOf(string cluster, int id) => $"kafka-{cluster}-{id}";
}
