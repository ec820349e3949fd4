using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetKafka.Administration;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Compare;

/// <summary>A Kafka of one node from the jars of a release, with its data in memory where the system has a place for that.</summary>
sealed class RealBroker : IAsyncDisposable
{
    const string MemoryFolder = "/dev/shm";
    const string Running = "Transitioning from RECOVERY to RUNNING";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // As Kafka's own start script has it. A heap that begins small is collected six times a second, for 5 ms each, and the 99th
    // percentile of every client is then the length of that pause.
    static readonly string[] JvmOptions =
    [
        "-server", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
        "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true",
    ];

    readonly Process _process;
    readonly string _folder;
    readonly string _libraries;
    readonly KafkaClient _client;
    readonly HashSet<string> _seeded = [];
    string? _topic;

    RealBroker(Process process, string folder, string libraries, string bootstrap)
    {
        (_process, _folder, _libraries, Bootstrap) = (process, folder, libraries, bootstrap);
        _client = new KafkaClient(bootstrap);
    }

    public string Bootstrap { get; }

    public double CpuSeconds => ResourceUsage.OfProcess(_process.Id);

    /// <param name="kafkaFolder">Where the jars are.</param>
    /// <param name="core">The core it runs on; null for all.</param>
    /// <exception cref="InvalidOperationException">It did not come up.</exception>
    public static async Task<RealBroker> StartAsync(string kafkaFolder, int? core)
    {
        var libraries = JavaTools.Libraries(kafkaFolder)
            ?? throw new InvalidOperationException($"{kafkaFolder} has no kafka-clients-*.jar, neither in libs nor in a folder below.");
        var folder = Directory.CreateDirectory(Path.Combine(
            Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), $"netkafka-load-{Guid.NewGuid():N}")).FullName;
        var (port, controller) = (FreePort(), FreePort());
        var properties = Path.Combine(folder, "server.properties");
        await File.WriteAllTextAsync(properties, Properties(folder, port, controller));
        await RunAsync("java", ["-cp", Path.Combine(libraries, "*"), "kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw",
            "-c", properties, "--ignore-formatted"]);
        await File.WriteAllTextAsync(Path.Combine(folder, "log4j2.xml"), Logging);
        var process = ChildRun.Start("java", [.. JvmOptions,
            $"-Dlog4j2.configurationFile={Path.Combine(folder, "log4j2.xml")}", "-cp", Path.Combine(libraries, "*"), "kafka.Kafka", properties], core: core);
        var isUp = new TaskCompletionSource();
        _ = ReadAsync(process.StandardOutput, isUp);
        _ = ReadAsync(process.StandardError, isUp);
        await isUp.Task.WaitAsync(Patience);
        return new RealBroker(process, folder, libraries, $"127.0.0.1:{port}");
    }

    /// <summary>A topic of its own for one run; the last one is deleted first.</summary>
    public async Task<LoadSettings> PrepareAsync(LoadSettings settings)
    {
        settings = settings with { Bootstrap = Bootstrap, IsCounted = false };
        // Reading leaves a topic as it was, so that every client reads the same one.
        if (settings.Kind == LoadKind.Consume)
            return await GroupAsync(await SeedAsync(settings));
        await using var admin = _client.CreateAdmin();
        if (_topic is not null)
            await admin.DeleteTopicsAsync([_topic]);
        _topic = $"load-{Guid.NewGuid():N}";
        await admin.CreateTopicsAsync([new NewTopic(_topic, settings.Partitions)]);
        return settings with { GivenTopic = _topic };
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Fills a topic with more than the longest run reads.</summary>
    async Task<LoadSettings> SeedAsync(LoadSettings settings)
    {
        var topic = $"seeded-{settings.ValueBytes}";
        if (_seeded.Add(topic))
        {
            await using var admin = _client.CreateAdmin();
            await admin.CreateTopicsAsync([new NewTopic(topic, settings.Partitions)]);
            var seed = settings with { Kind = LoadKind.Fire, GivenTopic = topic, Messages = settings.Messages * 3 / 2 };
            var report = await LoadRun.RunAsync(new NetKafkaPeer(), seed);
            if (report.Error is not null)
                throw new InvalidOperationException("The topic could not be filled: " + report.Error);
        }
        return settings with { GivenTopic = topic };
    }

    /// <summary>A group of its own for one run, which begins with the earliest records.</summary>
    async Task<LoadSettings> GroupAsync(LoadSettings settings)
    {
        var group = $"load-{Guid.NewGuid():N}";
        if (settings.Style == ReadStyle.Share)
        {
            await RunAsync("java", ["-cp", Path.Combine(_libraries, "*"), "kafka.admin.ConfigCommand", "--bootstrap-server", Bootstrap, "--alter",
                "--entity-type", "groups", "--entity-name", group, "--add-config", "share.auto.offset.reset=earliest"]);
        }
        return settings with { Group = group };
    }

    static string Properties(string folder, int port, int controller) => string.Create(CultureInfo.InvariantCulture, $"""
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:{controller}
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port}
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=PLAINTEXT
        log.dirs={folder}/data
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=3
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        share.coordinator.state.topic.num.partitions=3
        group.initial.rebalance.delay.ms=0
        log.segment.delete.delay.ms=100
        log.retention.bytes=1073741824
        """);

    const string Logging = """
        <Configuration status="error">
          <Appenders><Console name="out" target="SYSTEM_OUT"><PatternLayout pattern="%m%n"/></Console></Appenders>
          <Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers>
        </Configuration>
        """;

    static async Task ReadAsync(StreamReader output, TaskCompletionSource isUp)
    {
        var last = "";
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.Contains(Running, StringComparison.Ordinal))
                isUp.TrySetResult();
            last = line;
        }
        isUp.TrySetException(new InvalidOperationException("Kafka ended before it was up: " + last));
    }

    static async Task RunAsync(string file, string[] words)
    {
        using var process = ChildRun.Start(file, words);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{words[2]} ended with {process.ExitCode}: {errors}{await output}");
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
