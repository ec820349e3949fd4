using DotNet.Testcontainers.Containers;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A tool in the container of the tools. It writes to a file there, since what is attached to a container shows only at its end.</summary>
sealed class RunningExec : IRunningTool
{
    // The shell's process becomes the tool's, so its number is the tool's.
    const string IntoFile = "echo $$ > $0.pid; run=$1; shift; exec /bin/sh -c \"$run\" \"$@\" > $0.out 2> $0.err";

    readonly IContainer _container;
    readonly string _path;
    readonly Task<ExecResult> _run;

    public RunningExec(IContainer container, string path, string script, IEnumerable<string> arguments)
    {
        (_container, _path) = (container, path);
        _run = container.ExecAsync(["/bin/sh", "-c", IntoFile, path, script, .. arguments]);
    }

    public async Task<IReadOnlyList<string>> Lines(CancellationToken cancellation)
    {
        if (_run.IsCompleted)
            throw new InvalidOperationException($"The tool has ended: {(await _run).ExitCode}\n{await Read("err", cancellation)}");
        var text = await Read("out", cancellation);
        // The last line may be half written.
        return text.LastIndexOf('\n') is >= 0 and var end ? text[..end].ReplaceLineEndings("\n").Split('\n') : [];
    }

    public async ValueTask DisposeAsync()
    {
        await _container.ExecAsync(["/bin/sh", "-c", $"kill -9 $(cat {_path}.pid)"]);
        await _run;
    }

    async Task<string> Read(string kind, CancellationToken cancellation) =>
        (await _container.ExecAsync(["/bin/sh", "-c", $"cat {_path}.{kind} 2>/dev/null || true"], cancellation)).Stdout;
}
