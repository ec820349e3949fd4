namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// A running Kafka: shared by the tests of a version, or owned by one test, which then may stop, kill and start its brokers.
/// Topics and groups carry the run's id, so that nothing of another run is met.
/// </summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    const short FetchKey = 1;

    readonly IReadOnlyList<IBroker> _brokers;
    readonly IToolHost? _tools;
    readonly string _whyNoTools;
    readonly string? _named;
    readonly Lazy<DirectoryInfo> _copies = new(() => Directory.CreateTempSubdirectory("netkafka-copies-"));
    IReadOnlyDictionary<short, (short Lowest, short Highest)> _apis = new Dictionary<short, (short, short)>();

    internal KafkaCluster(
        string? named, bool isOwned, IReadOnlyList<IBroker> brokers, IToolHost? tools, string whyNoTools)
    {
        _named = named;
        IsOwned = isOwned;
        _brokers = brokers;
        _tools = tools;
        _whyNoTools = whyNoTools;
    }

    /// <summary>3 or 4, as the cluster's answers tell: Kafka 4.0 took the fetch versions below 4 away (KIP-896).</summary>
    public int MajorVersion => _apis[FetchKey].Lowest >= 4 ? 4 : 3;

    /// <summary>host:port of every broker, with commas between.</summary>
    public string BootstrapServers => _named ?? string.Join(',', _brokers.Select(broker => broker.Address));

    /// <summary>host:port of a listener that the brokers have beside the usual ones. The test is skipped where they have none.</summary>
    public string AddressOf(string listener)
    {
        var addresses = _brokers.Select(broker => broker.AddressOf(listener)).OfType<string>().ToArray();
        Assert.SkipWhen(addresses.Length == 0, $"A listener {listener} is needed here, which only brokers from the jars of NETKAFKA_KAFKA_HOME have.");
        return string.Join(',', addresses);
    }

    /// <summary>Whether it is the cluster that NETKAFKA_BOOTSTRAP names, whose settings are not the tests' own.</summary>
    public bool IsNamed => _named is not null;

    /// <summary>Whether this test may stop, kill and start the brokers.</summary>
    public bool IsOwned { get; }

    /// <summary>Ids of the brokers that an owner may stop and start: from 1.</summary>
    public IEnumerable<int> Nodes => _brokers.Select(broker => broker.Id);

    /// <summary>Kafka's own tools. The test is skipped where there are none.</summary>
    public JavaTools Tools
    {
        get
        {
            Assert.SkipWhen(_tools is null, $"Kafka's own tools are needed here: {_whyNoTools}.");
            return new JavaTools(_tools, _tools.RunsBesideContainers
                ? string.Join(',', _brokers.Select(broker => broker.AddressForTools))
                : BootstrapServers);
        }
    }

    /// <summary>A name for a topic, group or transaction that nobody else uses.</summary>
    public string NewName(string kind) => TestSettings.NewName(kind);

    /// <summary>
    /// Creates a topic with a name of its own, with as many replicas as there are brokers, up to three; back once every broker
    /// knows all its leaders.
    /// </summary>
    public async Task<string> CreateTopic(
        int partitions = 1, short? replicas = null, IReadOnlyDictionary<string, string>? settings = null, string kind = "topic",
        CancellationToken cancellation = default)
    {
        var topic = NewName(kind);
        await Eventually($"create topic {topic}", cancellation, async limit =>
        {
            using var wire = await PlainWire.Connect(BootstrapServers, limit);
            var copies = replicas ?? (short)Math.Min(3, (await wire.Metadata(null, limit)).Brokers.Count);
            await wire.CreateTopic(topic, partitions, copies, settings ?? new Dictionary<string, string>(), limit);
            return true;
        });
        await WaitForLeaders(topic, partitions, cancellation);
        return topic;
    }

    /// <summary>Skips the test when the cluster does not answer a version of an API, say 78 for share groups.</summary>
    public void Require(short apiKey, short version, string feature) => Assert.SkipUnless(
        _apis.TryGetValue(apiKey, out var range) && version >= range.Lowest && version <= range.Highest,
        $"{feature} needs API {apiKey} in version {version}, which the cluster at {BootstrapServers} does not answer.");

    /// <summary>Starts a broker, at first or again with its data; back once it answers and knows itself.</summary>
    public async Task Start(int node, CancellationToken cancellation = default)
    {
        await Owned(node).Start(cancellation);
        await WaitUntilUp(Owned(node), cancellation);
    }

    /// <summary>TERM; back once the broker has ended.</summary>
    public Task Stop(int node, CancellationToken cancellation = default) => Owned(node).Stop(cancellation);

    /// <summary>KILL; back once the broker has ended.</summary>
    public Task Kill(int node, CancellationToken cancellation = default) => Owned(node).Kill(cancellation);

    /// <summary>The broker that leads a partition now, -1 for none.</summary>
    public async Task<int> LeaderOf(string topic, int partition, CancellationToken cancellation = default)
    {
        using var wire = await PlainWire.Connect(BootstrapServers, cancellation);
        var (_, leaders) = await wire.Metadata(topic, cancellation);
        return leaders is not null && partition < leaders.Count ? leaders[partition] : -1;
    }

    /// <summary>A copy of the first segment of a partition's log, for <see cref="JavaTools.DumpLog"/>.</summary>
    public async Task<string> CopyOfSegment(string topic, int partition, CancellationToken cancellation = default)
    {
        Assert.SkipWhen(_brokers.Count == 0, $"The log of {BootstrapServers} is not in reach: it is a cluster named by NETKAFKA_BOOTSTRAP.");
        var leader = await LeaderOf(topic, partition, cancellation);
        // The name is part of what the tools read: it holds the first offset.
        var segment = $"{0:D20}.log";
        var copy = Path.Combine(Directory.CreateDirectory(Path.Combine(_copies.Value.FullName, NewName("copy"))).FullName, segment);
        await _brokers.Single(broker => broker.Id == leader).CopyData($"{topic}-{partition}/{segment}", copy, cancellation);
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
            await broker.DisposeAsync();
        if (_copies.IsValueCreated)
            _copies.Value.Delete(recursive: true);
    }

    /// <summary>Starts every broker and waits until each knows all of them.</summary>
    internal async Task StartAll(CancellationToken cancellation)
    {
        foreach (var broker in _brokers)
            await broker.Start(cancellation);
        foreach (var broker in _brokers)
            await WaitUntilUp(broker, cancellation);
        await Learn(cancellation);
    }

    /// <summary>Asks which versions of each API the cluster answers.</summary>
    internal Task Learn(CancellationToken cancellation) => Eventually("ask for the versions", cancellation, async limit =>
    {
        using var wire = await PlainWire.Connect(BootstrapServers, limit);
        _apis = await wire.ApiVersions(limit);
        return true;
    });

    IBroker Owned(int node) => IsOwned
        ? _brokers.Single(broker => broker.Id == node)
        : throw new InvalidOperationException("Brokers of a shared cluster are not stopped or started; own one by KafkaClusters.Own.");

    async Task WaitUntilUp(IBroker broker, CancellationToken cancellation)
    {
        try
        {
            await Eventually($"have broker {broker.Id} up", cancellation, async limit =>
            {
                if ((await broker.Log()).HasEnded)
                    throw new InvalidOperationException($"Broker {broker.Id} ended.");
                using var wire = await PlainWire.Connect(broker.Address, limit);
                var (brokers, _) = await wire.Metadata(null, limit);
                return brokers.ContainsKey(broker.Id);
            });
        }
        catch (Exception error) when (error is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{error.Message} Its log ends with:\n{(await broker.Log()).Text}", error);
        }
    }

    async Task WaitForLeaders(string topic, int partitions, CancellationToken cancellation)
    {
        using var first = await PlainWire.Connect(BootstrapServers, cancellation);
        var (brokers, _) = await first.Metadata(null, cancellation);
        foreach (var address in brokers.Values)
        {
            using var wire = await PlainWire.Connect(address, cancellation);
            await Eventually($"have leaders of {topic} at {address}", cancellation, async limit =>
                (await wire.Metadata(topic, limit)).Leaders is { } leaders && leaders.Count == partitions && leaders.All(leader => leader >= 0));
        }
    }

    /// <summary>Looks again and again until it is so; errors of connections that are not there yet are looked past until the deadline.</summary>
    static async Task Eventually(string what, CancellationToken cancellation, Func<CancellationToken, Task<bool>> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StartLimit);
        using var looks = new PeriodicTimer(BetweenLooks);
        Exception? last = null;
        try
        {
            do
            {
                try
                {
                    if (await isSo(limit.Token))
                        return;
                }
                catch (IOException error)
                {
                    last = error;
                }
            }
            while (await looks.WaitForNextTickAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"Could not {what} within {StartLimit.TotalSeconds} s. {last?.Message}", last);
        }
    }
}
