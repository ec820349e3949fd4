using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// Runs the tools in a container of their own, of the newest release, in the network of the brokers' containers. It knows the
/// published image, which has Kafka's scripts, and a smaller one with a kafka-tool in their place.
/// </summary>
sealed class DockerToolHost : IToolHost
{
    const string RunClass =
        "in=$1; shift; if [ -x /bin/kafka-tool ]; then exec /bin/kafka-tool \"$@\" < $in; else exec /opt/kafka/bin/kafka-run-class.sh \"$@\" < $in; fi";

    readonly IContainer _container;
    int _files;

    DockerToolHost(IContainer container) => _container = container;

    public bool RunsBesideContainers => true;

    public static async Task<DockerToolHost> Start(INetwork network, CancellationToken cancellation)
    {
        var container = new ContainerBuilder($"apache/kafka:{KafkaRelease.Newest}")
            .WithNetwork(network)
            .WithEntrypoint("/bin/sh", "-c")
            // A shell that waits for its child answers TERM at once; a sleep as process 1 would not.
            .WithCommand("trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done")
            .Build();
        await container.StartAsync(cancellation);
        return new DockerToolHost(container);
    }

    public async Task<ToolResult> Run(
        string className, IReadOnlyList<string> arguments, string? input, TimeSpan deadline, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(deadline);
        var command = $"{className} {string.Join(' ', arguments)}";
        try
        {
            var source = input is null ? "/dev/null" : await Copy(System.Text.Encoding.UTF8.GetBytes(input), "input", limit.Token);
            var result = await _container.ExecAsync(["/bin/sh", "-c", RunClass, "tool", source, className, .. arguments], limit.Token);
            return new ToolResult(command, (int)(result.ExitCode ?? -1), result.Stdout, result.Stderr);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{command} did not end within {deadline.TotalSeconds} s in its container, which ends it with the run.");
        }
    }

    public IRunningTool Start(string className, IReadOnlyList<string> arguments) => new RunningExec(
        _container, $"/tmp/netkafka-tool-{Interlocked.Increment(ref _files)}", RunClass, ["tool", "/dev/null", className, .. arguments]);

    public async Task<string> Bring(string file, CancellationToken cancellation) =>
        await Copy(await File.ReadAllBytesAsync(file, cancellation), Path.GetFileName(file), cancellation);

    public ValueTask DisposeAsync() => _container.DisposeAsync();

    async Task<string> Copy(byte[] bytes, string name, CancellationToken cancellation)
    {
        var path = $"/tmp/netkafka-{Interlocked.Increment(ref _files)}/{name}";
        await _container.CopyAsync(bytes, path, ct: cancellation);
        return path;
    }
}
