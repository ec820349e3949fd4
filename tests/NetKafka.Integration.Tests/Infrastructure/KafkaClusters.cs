using System.Collections.Concurrent;
using NetKafka.Integration.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(KafkaClusters))]

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// Gives tests their Kafka: the cluster that NETKAFKA_BOOTSTRAP names, else brokers in Docker, else brokers from the jars of
/// NETKAFKA_KAFKA_HOME. Without any the test is skipped and says how to enable it. One a run, handed to the test classes that
/// take it in their constructor.
/// </summary>
public sealed class KafkaClusters : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, Lazy<Task<KafkaCluster>>> _shared = new();
    readonly Lazy<Task<(IReadOnlyList<JarFolder> Releases, string WhyNone)>> _jars = new(JarFolder.FindAll);
    readonly Lazy<Task<(DockerEngine? Engine, string WhyNone)>> _docker = new(() => DockerEngine.TryConnect(CancellationToken.None));
    readonly Lazy<Task<(IToolHost? Host, string WhyNone)>> _tools;

    readonly Lazy<Task<KafkaCluster>> _ofThree;

    public KafkaClusters() => (_tools, _ofThree) = (new(FindTools), new(() => Own(brokers: 3)));

    /// <summary>
    /// The cluster that all tests share; its brokers stay up. A test that names no version takes whatever cluster
    /// NETKAFKA_BOOTSTRAP names, and else the newest release.
    /// </summary>
    public async Task<KafkaCluster> Shared(string? version = null)
    {
        try
        {
            if (version is null && TestSettings.Bootstrap is null)
                version = KafkaRelease.Newest;
            return await _shared.GetOrAdd(version ?? "", _ => new(() => StartShared(version))).Value;
        }
        catch (NoBrokerException none)
        {
            none.GiveUp();
            throw;
        }
    }

    /// <summary>The cluster that all tests share which need three brokers, whose brokers stay up; of the older release, and of one that is named, as <see cref="Shared"/>.</summary>
    public async Task<KafkaCluster> SharedOfThree(string version = KafkaRelease.Newest) =>
        version == KafkaRelease.Newest && TestSettings.Bootstrap is null ? await _ofThree.Value : await Shared(version);

    /// <summary>
    /// A cluster for one test alone, which disposes it. The settings are lines of server.properties that replace those that
    /// the infrastructure writes. Brokers that are processes of this machine have the listeners that are named, such as SSL, beside the usual ones.
    /// </summary>
    public async Task<KafkaCluster> Own(
        string version = KafkaRelease.Newest, int brokers = 1, IReadOnlyDictionary<string, string>? settings = null,
        CancellationToken cancellation = default, IReadOnlyList<string>? listeners = null)
    {
        Assert.SkipUnless(TestSettings.Bootstrap is null,
            "This test stops and starts its brokers, and the cluster that NETKAFKA_BOOTSTRAP names is not its own. "
            + "Without that variable it takes brokers in Docker or from NETKAFKA_KAFKA_HOME.");
        settings ??= new Dictionary<string, string>();
        try
        {
            // Processes of this machine are quicker to start and to kill than containers.
            var jars = (await _jars.Value).Releases;
            return JarFolder.Best(jars, version) is { } release
                ? await Started(isOwned: true, inContainers: false, JarBroker.Several(release, brokers, settings, listeners), cancellation)
                : await StartedInDocker(version, isOwned: true, engine => engine.Several(version, brokers, settings), cancellation);
        }
        catch (NoBrokerException none)
        {
            none.GiveUp();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _shared.Values)
        {
            if (cluster.Value.IsCompletedSuccessfully)
                await cluster.Value.Result.DisposeAsync();
        }
        if (_ofThree is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await _ofThree.Value.Result.DisposeAsync();
        if (_tools.IsValueCreated && (await _tools.Value).Host is { } host)
            await host.DisposeAsync();
        if (_docker.IsValueCreated && (await _docker.Value).Engine is { } engine)
            await engine.DisposeAsync();
    }

    async Task<KafkaCluster> StartShared(string? version)
    {
        if (TestSettings.Bootstrap is { } bootstrap)
            return await Named(bootstrap, version);
        version ??= KafkaRelease.Newest;
        try
        {
            return await StartedInDocker(version, isOwned: false, engine => [engine.Single(version)], CancellationToken.None);
        }
        catch (NoBrokerException)
        {
            if (JarFolder.Best((await _jars.Value).Releases, version) is not { } release)
                throw;
            return await Started(
                isOwned: false, inContainers: false,
                JarBroker.Several(release, 1, new Dictionary<string, string>()), CancellationToken.None);
        }
    }

    async Task<KafkaCluster> Named(string bootstrap, string? version)
    {
        var (tools, whyNoTools) = await ToolsFor(inContainers: false);
        var cluster = new KafkaCluster(bootstrap, isOwned: false, [], tools, whyNoTools);
        await cluster.Learn(CancellationToken.None);
        var major = cluster.MajorVersion;
        return version is null || major == KafkaRelease.MajorOf(version)
            ? cluster
            : throw NoBrokerException.WantOfThisKind(
                $"This test needs a Kafka {version}; the cluster that NETKAFKA_BOOTSTRAP names is a {major}.x.");
    }

    async Task<KafkaCluster> StartedInDocker(
        string version, bool isOwned, Func<DockerEngine, IReadOnlyList<IBroker>> brokers, CancellationToken cancellation)
    {
        var (engine, whyNoEngine) = await _docker.Value;
        var (jars, whyNoJars) = await _jars.Value;
        if (engine is null && jars.Count > 0)
            throw NoBrokerException.WantOfThisKind($"This test needs a Kafka {version}; NETKAFKA_KAFKA_HOME holds none, and {whyNoEngine}");
        if (engine is null)
            throw NoBrokerException.WantOfAny(version, whyNoEngine, whyNoJars);
        try
        {
            return await Started(isOwned, inContainers: true, brokers(engine), cancellation);
        }
        catch (Docker.DotNet.DockerApiException error)
        {
            // An engine without the image, and no registry in reach to pull it from.
            throw NoBrokerException.WantOfAny(version, error.Message.ReplaceLineEndings(" "), whyNoJars);
        }
    }

    async Task<KafkaCluster> Started(
        bool isOwned, bool inContainers, IReadOnlyList<IBroker> brokers, CancellationToken cancellation)
    {
        var (tools, whyNoTools) = await ToolsFor(inContainers);
        var cluster = new KafkaCluster(named: null, isOwned, brokers, tools, whyNoTools);
        try
        {
            await cluster.StartAll(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kafka's own tools against servers in this process; skips the test where there are none on this machine.</summary>
    public async Task<JavaTools> ToolsAgainst(string bootstrap)
    {
        var (host, whyNone) = await ToolsFor(inContainers: false);
        Assert.SkipWhen(host is null, $"Kafka's own tools are needed here: {whyNone}.");
        return new JavaTools(host, bootstrap);
    }

    /// <summary>Tools in a container reach brokers in containers only.</summary>
    async Task<(IToolHost? Host, string WhyNone)> ToolsFor(bool inContainers)
    {
        var (jars, whyNoJars) = await _jars.Value;
        if (!inContainers && JarFolder.Best(jars, KafkaRelease.Newest) is null)
            return (null, jars.Count == 0 ? whyNoJars : $"NETKAFKA_KAFKA_HOME holds no Kafka {KafkaRelease.Newest}");
        return await _tools.Value;
    }

    async Task<(IToolHost? Host, string WhyNone)> FindTools()
    {
        var (jars, whyNoJars) = await _jars.Value;
        if (JarFolder.Best(jars, KafkaRelease.Newest) is { } release)
            return (new JarToolHost(release), "");
        var (engine, whyNoEngine) = await _docker.Value;
        if (engine is null)
            return (null, $"{whyNoJars}; {whyNoEngine}");
        try
        {
            return (await engine.StartTools(CancellationToken.None), "");
        }
        catch (Docker.DotNet.DockerApiException error)
        {
            return (null, $"{whyNoJars}; {error.Message}");
        }
    }
}
