using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A broker that runs as a Java process of this machine, from a folder of jars.</summary>
sealed partial class JarBroker(
    JarFolder jars, int id, int port, IReadOnlyDictionary<string, int> morePorts, string folder, IReadOnlyDictionary<string, string> settings) : IBroker
{
    const int LinesKept = 200;
    const int SignalTerm = 15;

    static readonly TimeSpan FormatLimit = TimeSpan.FromSeconds(120);
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    readonly ConcurrentQueue<string> _lines = new();
    Process? _process;
    Process? _guard;

    /// <summary>Brokers of one cluster, each with three ports of loopback that stay its own, and one more for each of the listeners.</summary>
    public static IReadOnlyList<IBroker> Several(
        JarFolder jars, int brokers, IReadOnlyDictionary<string, string> settings, IReadOnlyList<string>? listeners = null)
    {
        var root = Directory.CreateTempSubdirectory("netkafka-brokers-").FullName;
        listeners ??= [];
        var ports = FreePorts.Take(brokers * (3 + listeners.Count));
        var voters = string.Join(',', Enumerable.Range(1, brokers).Select(id => $"{id}@127.0.0.1:{ports[(id * 3) - 1]}"));
        return [.. Enumerable.Range(1, brokers).Select(id =>
        {
            var (client, inner, controller) = (ports[(id * 3) - 3], ports[(id * 3) - 2], ports[(id * 3) - 1]);
            var more = listeners.Select((name, i) => (Name: name, Port: ports[(brokers * 3) + (listeners.Count * (id - 1)) + i])).ToArray();
            var moreListeners = string.Concat(more.Select(static listener => $",{listener.Name}://127.0.0.1:{listener.Port}"));
            var folder = Path.Combine(root, $"broker-{id}");
            var node = BrokerSettings.Node(jars.Version, id, brokers,
                $"PLAINTEXT://127.0.0.1:{client},INTERNAL://127.0.0.1:{inner},CONTROLLER://127.0.0.1:{controller}{moreListeners}",
                $"PLAINTEXT://127.0.0.1:{client},INTERNAL://127.0.0.1:{inner}{moreListeners}", voters, DataFolder(folder));
            foreach (var (key, value) in settings)
                node[key] = value.Replace(BrokerSettings.DataPlace, DataFolder(folder), StringComparison.Ordinal);
            return new JarBroker(jars, id, client, more.ToDictionary(static listener => listener.Name, static listener => listener.Port), folder, node);
        })];
    }

    public int Id => id;

    public string Address => $"127.0.0.1:{port}";

    public string AddressForTools => Address;

    public string? AddressOf(string listener) => morePorts.TryGetValue(listener, out var at) ? $"127.0.0.1:{at}" : null;

    public static string DataFolder(string folder) => Path.Combine(folder, "data");

    public async Task Start(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var properties = Path.Combine(folder, "server.properties");
        await File.WriteAllLinesAsync(properties, settings.Select(setting => $"{setting.Key}={setting.Value}"), cancellation);
        if (!File.Exists(Path.Combine(DataFolder(folder), "meta.properties")))
        {
            var formatted = await ChildProcess.Run(jars.Java,
                [JarLogging.Option(jars.Version, folder, "ERROR"), "-cp", jars.ClassPath, "kafka.tools.StorageTool",
                    "format", "-t", BrokerSettings.ClusterId, "-c", properties],
                FormatLimit, cancellation: cancellation);
            formatted.OrFail();
        }
        _process?.Dispose();
        _process = StartProcess(jars.Java,
            [.. TestSettings.HeapOptions, "-XX:+UseSerialGC", JarLogging.Option(jars.Version, folder, "INFO"),
                "-cp", jars.ClassPath, "kafka.Kafka", properties]);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Guard(_process.Id);
    }

    public async Task Stop(CancellationToken cancellation)
    {
        if (_process is not { HasExited: false } process)
            return;
        if (SendSignal(process.Id, SignalTerm) != 0)
            throw new InvalidOperationException($"Broker {id} (process {process.Id}) could not be asked to stop.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StopLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await Kill(cancellation);
            throw new TimeoutException($"Broker {id} did not stop within {StopLimit.TotalSeconds} s.\n{(await Log()).Text}");
        }
        EndGuard();
    }

    public async Task Kill(CancellationToken cancellation)
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync(cancellation);
        }
        EndGuard();
    }

    public Task<(bool HasEnded, string Text)> Log() => Task.FromResult((_process is not { HasExited: false }, string.Join('\n', _lines)));

    public Task CopyData(string path, string target, CancellationToken cancellation)
    {
        File.Copy(Path.Combine(DataFolder(folder), path), target);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill(CancellationToken.None);
        _process?.Dispose();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var root = Path.GetDirectoryName(folder)!;
        if (Directory.Exists(root) && !Directory.EnumerateFileSystemEntries(root).Any())
            Directory.Delete(root);
    }

    static Process StartProcess(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    /// <summary>
    /// Ends the broker when this process ends without having disposed it: the guard waits for the end of its input, which the
    /// system closes with this process however it ends.
    /// </summary>
    void Guard(int broker)
    {
        EndGuard();
        _guard = StartProcess("/bin/sh", ["-c", $"cat > /dev/null; kill -KILL {broker}"]);
    }

    void EndGuard()
    {
        if (_guard is not { } guard)
            return;
        guard.Kill(entireProcessTree: true);
        guard.WaitForExit();
        guard.Dispose();
        _guard = null;
    }

    void Keep(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        if (_lines.Count > LinesKept)
            _lines.TryDequeue(out _);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
