namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Kafka's own command-line tools, of the newest release, against one cluster. Each call ends by its deadline.</summary>
public sealed class JavaTools
{
    const string PerformanceTool = "org.apache.kafka.tools.ProducerPerformance";

    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    readonly IToolHost _host;
    readonly string _bootstrap;

    internal JavaTools(IToolHost host, string bootstrap)
    {
        _host = host;
        _bootstrap = bootstrap;
    }

    /// <summary>
    /// Writes lines with the console producer. Its reader's properties say what a line holds: parse.key=true, parse.headers=true,
    /// key.separator=…; its producer's are those of the Java producer: compression.type=zstd, …
    /// </summary>
    public async Task ConsoleProduce(
        string topic, IEnumerable<string> lines, IEnumerable<string>? readerProperties = null,
        IEnumerable<string>? producerProperties = null, CancellationToken cancellation = default) =>
        // It reports a record that failed and goes on, so an error in its log is a failure too.
        FailOnErrors(await Run("org.apache.kafka.tools.ConsoleProducer",
            ["--bootstrap-server", _bootstrap, "--topic", topic, .. Options("--reader-property", readerProperties),
                .. Options("--command-property", producerProperties)],
            string.Concat(lines.Select(line => line + "\n")), cancellation: cancellation));

    /// <summary>
    /// Reads a topic from its beginning with the console consumer until it has printed count records, one a line. Its
    /// formatter's properties say what a line shows: print.key=true, print.headers=true, print.timestamp=true,
    /// print.partition=true, print.offset=true, key.separator=…
    /// </summary>
    public async Task<IReadOnlyList<string>> ConsoleConsume(
        string topic, int count, IEnumerable<string>? formatterProperties = null, IEnumerable<string>? consumerProperties = null,
        CancellationToken cancellation = default)
    {
        var result = await Run("org.apache.kafka.tools.consumer.ConsoleConsumer",
            ["--bootstrap-server", _bootstrap, "--topic", topic, "--from-beginning", "--max-messages", $"{count}",
                "--timeout-ms", "60000", .. Options("--formatter-property", formatterProperties),
                .. Options("--command-property", consumerProperties)],
            cancellation: cancellation);
        return result.OrFail().Lines;
    }

    /// <summary>Reads as a member of a share group with the console share consumer until it has printed count records, one a line.</summary>
    public async Task<IReadOnlyList<string>> ConsoleShareConsume(
        string topic, string group, int count, bool rejects = false, CancellationToken cancellation = default)
    {
        var result = await Run("org.apache.kafka.tools.consumer.ConsoleShareConsumer",
            ["--bootstrap-server", _bootstrap, "--topic", topic, "--group", group, "--max-messages", $"{count}", "--timeout-ms", "60000",
                .. rejects ? ["--reject"] : Array.Empty<string>()],
            cancellation: cancellation);
        return result.OrFail().Lines;
    }

    /// <summary>
    /// Starts the console consumer and leaves it running; it prints "Partition:" with the number, a tab and the value of each record.
    /// </summary>
    public IRunningTool StartConsoleConsumer(string topic, IEnumerable<string> consumerProperties) =>
        _host.Start("org.apache.kafka.tools.consumer.ConsoleConsumer",
            ["--bootstrap-server", _bootstrap, "--topic", topic, "--from-beginning", "--formatter-property", "print.partition=true",
                .. Options("--command-property", consumerProperties)]);

    /// <summary>Starts the console share consumer and leaves it running; it prints the value of each record, which it accepts.</summary>
    public IRunningTool StartConsoleShareConsumer(string topic, string group) =>
        _host.Start("org.apache.kafka.tools.consumer.ConsoleShareConsumer", ["--bootstrap-server", _bootstrap, "--topic", topic, "--group", group]);

    /// <summary>The tool for share groups, with its own arguments: --describe --group G --members, …</summary>
    public async Task<ToolResult> ShareGroups(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.consumer.group.ShareGroupCommand",
            ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>Sets configurations of a group, as share.auto.offset.reset=earliest.</summary>
    public async Task ConfigureGroup(string group, IEnumerable<string> settings, CancellationToken cancellation = default) =>
        (await Run("kafka.admin.ConfigCommand",
            ["--bootstrap-server", _bootstrap, "--alter", "--entity-type", "groups", "--entity-name", group, "--add-config", string.Join(',', settings)],
            cancellation: cancellation)).OrFail();

    /// <summary>The tool for topics, with its own arguments: --describe --topic T, …</summary>
    public async Task<ToolResult> Topics(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.TopicCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for configurations, with its own arguments: --describe --entity-type topics --entity-name T, …</summary>
    public async Task<ToolResult> Configs(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("kafka.admin.ConfigCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for ACLs, with its own arguments: --list --topic T, …</summary>
    public async Task<ToolResult> Acls(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.AclCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for configurations, as a client with properties of its own, such as sasl.mechanism=…, at a listener that they fit.</summary>
    public Task<ToolResult> ConfigsAs(
        string bootstrap, IEnumerable<string> properties, IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        RunAs("kafka.admin.ConfigCommand", bootstrap, properties, arguments, cancellation);

    /// <summary>The tool for delegation tokens, as a client with properties of its own, at a listener that they fit: --describe, …</summary>
    public Task<ToolResult> DelegationTokensAs(
        string bootstrap, IEnumerable<string> properties, IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        RunAs("org.apache.kafka.tools.DelegationTokenCommand", bootstrap, properties, arguments, cancellation);

    /// <summary>The tool for elections of leaders, with its own arguments: --election-type preferred --topic T --partition 0, …</summary>
    public async Task<ToolResult> Elections(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.LeaderElectionCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for reassignments, with its own arguments: --list, …</summary>
    public async Task<ToolResult> Reassignments(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for log directories, with its own arguments: --describe --topic-list T, …</summary>
    public async Task<ToolResult> LogDirs(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.LogDirsCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for features, with its own arguments: describe, …</summary>
    public async Task<ToolResult> Features(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.FeatureCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for the controllers, with its own arguments: describe --replication, …</summary>
    public async Task<ToolResult> MetadataQuorum(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.MetadataQuorumCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for the cluster, with its own command: list-endpoints --include-fenced-brokers, …</summary>
    public async Task<ToolResult> Cluster(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.ClusterTool", [arguments[0], "--bootstrap-server", _bootstrap, .. arguments.Skip(1)], cancellation: cancellation)).OrFail();

    /// <summary>The tool for subscriptions to client metrics, with its own arguments: --describe, …</summary>
    public async Task<ToolResult> ClientMetrics(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.ClientMetricsCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for offsets of partitions, with its own arguments: --topic T --time -2, …; for each "topic-partition" its offset.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Offsets(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.GetOffsetShell", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail().Lines
            .Select(static line => line.Split(':')).Where(static parts => parts.Length == 3)
            .ToDictionary(static parts => $"{parts[0]}-{parts[1]}", static parts => long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Writes records of random bytes as fast as it can; its last line says how many and how fast.</summary>
    public async Task<string> ProducerPerf(
        string topic, int records, int recordBytes, IEnumerable<string>? producerProperties = null, CancellationToken cancellation = default)
    {
        var result = await Run(PerformanceTool,
            ["--bootstrap-server", _bootstrap, "--topic", topic, "--num-records", $"{records}", "--record-size", $"{recordBytes}",
                "--throughput", "-1", .. Options("--command-property", producerProperties)],
            cancellation: cancellation);
        return result.OrFail().Lines[^1];
    }

    /// <summary>As <see cref="ProducerPerf"/>, in transactions of so many milliseconds.</summary>
    public async Task TransactionalPerf(
        string topic, string transactionalId, int records, int throughput, int millisecondsOfOne, CancellationToken cancellation = default) =>
        (await Run(PerformanceTool, TransactionalPerf(topic, transactionalId, records, throughput, millisecondsOfOne, []), cancellation: cancellation)).OrFail();

    /// <summary>Starts such a producer and leaves it running; the coordinator aborts what it leaves open after the timeout.</summary>
    public IRunningTool StartTransactionalPerf(string topic, string transactionalId, int throughput, int millisecondsOfOne, int timeoutMs) =>
        _host.Start(PerformanceTool, TransactionalPerf(topic, transactionalId, int.MaxValue, throughput, millisecondsOfOne, [$"transaction.timeout.ms={timeoutMs}"]));

    string[] TransactionalPerf(
        string topic, string transactionalId, int records, int throughput, int millisecondsOfOne, IEnumerable<string> properties) =>
    [
        "--bootstrap-server", _bootstrap, "--topic", topic, "--num-records", $"{records}", "--record-size", "100", "--throughput", $"{throughput}",
        "--transactional-id", transactionalId, "--transaction-duration-ms", $"{millisecondsOfOne}", .. Options("--command-property", properties),
    ];

    /// <summary>Deletes the records of a partition before an offset.</summary>
    public async Task DeleteRecords(string topic, int partition, long before, CancellationToken cancellation = default)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file, $$"""{"version": 1, "partitions": [{"topic": "{{topic}}", "partition": {{partition}}, "offset": {{before}}}]}""", cancellation);
            (await Run("org.apache.kafka.tools.DeleteRecordsCommand",
                ["--bootstrap-server", _bootstrap, "--offset-json-file", await _host.Bring(file, cancellation)], cancellation: cancellation)).OrFail();
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// What the group has committed: for each "topic-partition" its offset. A group that is unknown, or has committed nothing,
    /// has none.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, long>> CommittedOffsets(string group, CancellationToken cancellation = default)
    {
        var lines = (await Groups(["--describe", "--group", group], cancellation)).Lines;
        var header = Columns(lines.FirstOrDefault(line => line.StartsWith("GROUP ", StringComparison.Ordinal)) ?? "");
        var (topic, partition, offset) = (Array.IndexOf(header, "TOPIC"), Array.IndexOf(header, "PARTITION"), Array.IndexOf(header, "CURRENT-OFFSET"));
        return lines.Select(Columns)
            .Where(columns => offset >= 0 && columns.Length > offset && columns[0] == group && columns[offset] != "-")
            .ToDictionary(columns => $"{columns[topic]}-{columns[partition]}", columns => long.Parse(columns[offset], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The tool for consumer groups, with its own arguments: --describe --group G --members, --reset-offsets, …</summary>
    public async Task<ToolResult> Groups(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for streams groups, with its own arguments: --describe --group G, …</summary>
    public async Task<ToolResult> StreamsGroups(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.streams.StreamsGroupCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>The tool for transactions, with its own arguments: list, describe --transactional-id T, …</summary>
    public async Task<ToolResult> Transactions(IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        (await Run("org.apache.kafka.tools.TransactionsCommand", ["--bootstrap-server", _bootstrap, .. arguments], cancellation: cancellation)).OrFail();

    /// <summary>Prints the batches and records of a segment, as <see cref="KafkaCluster.CopyOfSegment"/> gives it.</summary>
    public async Task<IReadOnlyList<string>> DumpLog(string segment, CancellationToken cancellation = default)
    {
        var file = await _host.Bring(segment, cancellation);
        var result = await Run("org.apache.kafka.tools.DumpLogSegments", ["--files", file, "--print-data-log"], cancellation: cancellation);
        return result.OrFail().Lines;
    }

    /// <summary>Any class of the release, without the bootstrap servers, whatever its exit code.</summary>
    public Task<ToolResult> Run(
        string className, IReadOnlyList<string> arguments, string? input = null, CancellationToken cancellation = default) =>
        _host.Run(className, arguments, input, Deadline, cancellation);

    /// <summary>The servers as the tools reach them; in containers this differs from what the tests connect to.</summary>
    public string BootstrapServers => _bootstrap;

    async Task<ToolResult> RunAs(
        string className, string bootstrap, IEnumerable<string> properties, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, properties, cancellation);
            return (await Run(className,
                ["--bootstrap-server", bootstrap, "--command-config", await _host.Bring(file, cancellation), .. arguments], cancellation: cancellation)).OrFail();
        }
        finally
        {
            File.Delete(file);
        }
    }

    static void FailOnErrors(ToolResult result)
    {
        result.OrFail();
        if (result.Error.Contains(" ERROR ", StringComparison.Ordinal))
            throw new InvalidOperationException($"{result.Command} reported errors:\n{result.Error}");
    }

    static IEnumerable<string> Options(string option, IEnumerable<string>? values) =>
        (values ?? []).SelectMany(value => new[] { option, value });

    static string[] Columns(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
