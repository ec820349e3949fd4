using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>One of the samples, run as a process of its own, as a user runs it.</summary>
sealed partial class SampleProgram : IAsyncDisposable
{
    public const string Payments = "Payments";
    public const string ExactlyOnce = "ExactlyOnce";
    public const string Tenant = "Tenant";

    const int SignalInt = 2;
    const int SignalCont = 18;
    const int SignalStop = 19;

    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    readonly string _name;
    readonly Process _process;
    readonly List<string> _lines = [];
    readonly Lock _gate = new();
    readonly Task<string> _error;

    SampleProgram(string name, Process process)
    {
        (_name, _process) = (name, process);
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

    static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    /// <summary>Runs it to its end, with variables in its environment beside those of the tests.</summary>
    public static async Task<ToolResult> Run(
        string name, IEnumerable<string> arguments, CancellationToken cancellation, IReadOnlyDictionary<string, string>? variables = null) =>
        (await ChildProcess.Run(Dotnet, [FileOf(name), .. arguments], Deadline, variables: variables, cancellation: cancellation)).OrFail();

    /// <summary>Starts it and leaves it running.</summary>
    public static SampleProgram Start(string name, IEnumerable<string> arguments)
    {
        // A process that is started in the background of a script ignores SIGINT, and its children with it, unless told otherwise.
        var start = OperatingSystem.IsLinux() ? new ProcessStartInfo("env", ["--default-signal=INT", Dotnet]) : new ProcessStartInfo(Dotnet);
        start.ArgumentList.Add(FileOf(name));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return new SampleProgram(name, Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start."));
    }

    /// <summary>Ctrl+C; back with what it printed once it has ended.</summary>
    public async Task<ToolResult> Interrupt(CancellationToken cancellation)
    {
        Assert.Equal(0, SendSignal(_process.Id, SignalInt));
        return await Ended(cancellation);
    }

    /// <summary>What it printed, once it has ended.</summary>
    public async Task<ToolResult> Ended(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation).WaitAsync(Deadline, cancellation);
        return new ToolResult(_name, _process.ExitCode, string.Join('\n', Lines), await _error);
    }

    /// <summary>Whether it has ended, by itself or not.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>STOP: it stands still until <see cref="Thaw"/>. The numbers of this signal and of CONT are Linux's.</summary>
    public void Freeze() => Assert.Equal(0, SendSignal(_process.Id, SignalStop));

    /// <summary>CONT: it goes on.</summary>
    public void Thaw() => Assert.Equal(0, SendSignal(_process.Id, SignalCont));

    /// <summary>KILL; back once it has ended.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }

    static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");

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
