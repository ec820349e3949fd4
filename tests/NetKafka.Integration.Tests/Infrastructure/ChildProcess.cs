using System.ComponentModel;
using System.Diagnostics;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>A program that is run to its end, or to its deadline: then it is killed, and the failure shows what it wrote.</summary>
static class ChildProcess
{
    public static async Task<ToolResult> Run(
        string program, IEnumerable<string> arguments, TimeSpan deadline, string? input = null, CancellationToken cancellation = default,
        IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var command = $"{program} {string.Join(' ', start.ArgumentList)}";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(deadline);
        // Both are read while the process runs: a full pipe would stop it. They end when the process has ended.
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await WriteInput(process, input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException(
                $"{command} did not end within {deadline.TotalSeconds} s.\nOutput:\n{await output}\nError:\n{await error}");
        }
        return new ToolResult(command, process.ExitCode, await output, await error);
    }

    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0)
            .SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, program + ".exe") })
            .FirstOrDefault(File.Exists);

    /// <summary>What a program says of itself, or null when it cannot be run.</summary>
    public static async Task<ToolResult?> TryRun(string program, params string[] arguments)
    {
        try
        {
            return await Run(program, arguments, TimeSpan.FromSeconds(30));
        }
        catch (Exception error) when (error is Win32Exception or TimeoutException)
        {
            return null;
        }
    }

    static async Task WriteInput(Process process, string? input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: its exit code and what it wrote say why.
        }
    }
}
