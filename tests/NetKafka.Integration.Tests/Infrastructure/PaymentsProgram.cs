using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>samples/Payments, run as a process of its own, as a user runs it.</summary>
sealed partial class PaymentsProgram : IAsyncDisposable
{
    const int SignalInt = 2;

    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly List<string> _lines = [];
    readonly Lock _gate = new();
    readonly Task<string> _error;

    PaymentsProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has printed so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    static string Program => Path.Combine(AppContext.BaseDirectory, "Payments.dll");

    static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    /// <summary>Runs it to its end.</summary>
    public static async Task<ToolResult> Run(IEnumerable<string> arguments, CancellationToken cancellation) =>
        (await ChildProcess.Run(Dotnet, [Program, .. arguments], Deadline, cancellation: cancellation)).OrFail();

    /// <summary>Starts it and leaves it running.</summary>
    public static PaymentsProgram Start(IEnumerable<string> arguments)
    {
        // A process that is started in the background of a script ignores SIGINT, and its children with it, unless told otherwise.
        var start = OperatingSystem.IsLinux() ? new ProcessStartInfo("env", ["--default-signal=INT", Dotnet]) : new ProcessStartInfo(Dotnet);
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return new PaymentsProgram(Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start."));
    }

    /// <summary>Ctrl+C; back with what it printed once it has ended.</summary>
    public async Task<ToolResult> Interrupt(CancellationToken cancellation)
    {
        Assert.Equal(0, SendSignal(_process.Id, SignalInt));
        await _process.WaitForExitAsync(cancellation).WaitAsync(Deadline, cancellation);
        return new ToolResult("Payments", _process.ExitCode, string.Join('\n', Lines), await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
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

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
