using System.Diagnostics;
using System.Globalization;
using NetKafka.Load.Compare;
using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;
using NetKafka.Protocol.Compression;

namespace NetKafka.Load.Peers;

/// <summary>
/// Java's own client by the performance tools of a Kafka release: two processes, N and 4N messages, whose difference is
/// what 3N cost.
/// </summary>
sealed class JavaTools
{
    readonly string _classPath;

    JavaTools(string libraries) => _classPath = Path.Combine(libraries, "*");

    /// <summary>The tools of a folder: jars in it, in its <c>libs</c>, or in the newest release below it; null if there are none.</summary>
    public static JavaTools? Find(string? folder) => Libraries(folder) is { } libraries ? new JavaTools(libraries) : null;

    /// <summary>The folder of jars.</summary>
    public static string? Libraries(string? folder) => folder is null || !Directory.Exists(folder) ? null
        : new[] { folder }.Concat(Directory.GetDirectories(folder).OrderDescending())
            .SelectMany(place => new[] { place, Path.Combine(place, "libs") })
            .FirstOrDefault(place => Directory.Exists(place) && Directory.GetFiles(place, "kafka-clients-*.jar").Length > 0);

    /// <summary>Runs both lengths.</summary>
    /// <param name="settings">What every client does.</param>
    /// <param name="messages">N.</param>
    /// <param name="core">The core they run on; null for all.</param>
    public async Task<RunReport> RunAsync(LoadSettings settings, long messages, int? core)
    {
        try
        {
            var (shortCpu, shortWall) = await RunOnceAsync(settings, messages, core);
            var (longCpu, longWall) = await RunOnceAsync(settings, 4 * messages, core);
            var slope = new Slope(
                3 * messages, longWall - shortWall, longCpu.User - shortCpu.User, longCpu.System - shortCpu.System, 0, 0, 0, 0, 0);
            return new RunReport
            {
                Client = "java",
                Messages = slope.Messages,
                WallSeconds = slope.WallSeconds,
                UserSeconds = slope.UserSeconds,
                SystemSeconds = slope.SystemSeconds,
                CpuMicros = slope.CpuMicrosPerMessage,
                WallMicros = slope.WallMicrosPerMessage,
            };
        }
        catch (InvalidOperationException error)
        {
            return new RunReport { Client = "java", Error = error.Message };
        }
    }

    async Task<((double User, double System) Cpu, double WallSeconds)> RunOnceAsync(LoadSettings settings, long messages, int? core)
    {
        var payloads = Path.GetTempFileName();
        try
        {
            await WritePayloadsAsync(payloads, settings);
            var words = settings.Kind switch
            {
                LoadKind.Fire => Produce(settings, messages, payloads),
                LoadKind.Consume when settings.Style == ReadStyle.Share => Share(settings, messages),
                LoadKind.Consume => Consume(settings, messages),
                _ => throw new InvalidOperationException($"Java's tools have no load like {settings.Kind}."),
            };
            var before = ResourceUsage.OfChildren();
            var start = Stopwatch.GetTimestamp();
            using var process = ChildRun.Start("java", ["-Xmx512m", "-cp", _classPath, .. words], core: core);
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var text = await output;
            if (process.ExitCode != 0 || !Says(text, messages))
                throw new InvalidOperationException($"java ended with {process.ExitCode}: {(text + errors).Trim().Split('\n')[^1]}");
            var after = ResourceUsage.OfChildren();
            return ((after.User - before.User, after.System - before.System), wall);
        }
        finally
        {
            File.Delete(payloads);
        }
    }

    /// <summary>Whether the tool's own summary tells of all messages: fewer must not pass for cheap ones.</summary>
    static bool Says(string output, long messages) =>
        output.Contains($"{messages} records sent", StringComparison.Ordinal)
        || output.Split('\n').Select(static line => line.Split(',')).Any(columns => columns.Length >= 7
            // The consumer's line has the count of messages before their rate, the share consumer's behind it.
            && long.TryParse(columns[columns.Length == 7 ? 5 : 4].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var read) && read >= messages);

    static async Task WritePayloadsAsync(string path, LoadSettings settings)
    {
        await using var file = File.Create(path);
        foreach (var payload in Payloads.For(settings.ValueBytes, settings.Codec))
        {
            await file.WriteAsync(payload);
            file.WriteByte((byte)'\n');
        }
    }

    static string[] Produce(LoadSettings settings, long messages, string payloads) =>
    [
        "org.apache.kafka.tools.ProducerPerformance", "--bootstrap-server", settings.Bootstrap, "--topic", settings.Topic,
        "--num-records", Say(messages), "--throughput", "-1", "--payload-file", payloads, "--command-property",
        $"linger.ms={Say(settings.Linger.TotalMilliseconds)}", $"batch.size={Say(settings.BatchBytes)}",
        $"buffer.memory={Say(settings.BufferBytes)}", "acks=all", "enable.idempotence=true",
        $"max.request.size={Say(Math.Max(1_048_576, settings.ValueBytes + 4096))}",
        $"compression.type={(settings.Codec == CompressionCodec.None ? "none" : settings.Codec.ToString().ToLowerInvariant())}",
    ];

    static string[] Consume(LoadSettings settings, long messages) =>
    [
        "org.apache.kafka.tools.ConsumerPerformance", "--bootstrap-server", settings.Bootstrap, "--topic", settings.Topic,
        "--num-records", Say(messages), "--group", $"load-{Guid.NewGuid():N}", "--timeout", "60000",
        "--command-property", "fetch.max.bytes=52428800",
        // The tool itself turns it off.
        "--command-property", "check.crcs=true",
        "--command-property", $"group.protocol={(settings.Style == ReadStyle.ConsumerGroup ? "consumer" : "classic")}",
    ];

    static string[] Share(LoadSettings settings, long messages) =>
    [
        "org.apache.kafka.tools.ShareConsumerPerformance", "--bootstrap-server", settings.Bootstrap, "--topic", settings.Topic,
        "--num-records", Say(messages), "--group", settings.Group, "--timeout", "60000",
    ];

    static string Say(double value) => value.ToString(CultureInfo.InvariantCulture);
}
