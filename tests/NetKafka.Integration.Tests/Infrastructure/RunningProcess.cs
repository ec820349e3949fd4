using System.Diagnostics;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A tool as a process of this machine.</summary>
sealed class RunningProcess : IRunningTool
{
    readonly Process _process;
    readonly string _command;
    readonly List<string> _lines = [];
    readonly Lock _gate = new();
    readonly Task<string> _error;

    RunningProcess(Process process, string command)
    {
        (_process, _command) = (process, command);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        _error = process.StandardError.ReadToEndAsync();
    }

    public static RunningProcess Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var command = $"{program} {string.Join(' ', start.ArgumentList)}";
        return new RunningProcess(Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start."), command);
    }

    public async Task<IReadOnlyList<string>> Lines(CancellationToken cancellation)
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"{_command} ended with {_process.ExitCode}.\nError:\n{await _error.WaitAsync(cancellation)}");
        lock (_gate)
            return [.. _lines];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
            _lines.Add(line);
    }
}
