using System.Diagnostics;
using NetKafka.Load.Measuring;
using NetKafka.Load.Placing;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Compare;

/// <summary>Runs a client in a process of its own.</summary>
static class ChildRun
{
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(60);

    /// <summary>This program again: the command and its first words.</summary>
    public static (string File, string[] Words) Self { get; } = OfAssembly(typeof(ChildRun).Assembly.Location);

    public static (string File, string[] Words) OfAssembly(string path) => (Environment.ProcessPath is { } host
        && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [path]);

    /// <summary>Starts a process, on one core where one is given.</summary>
    public static Process Start(string file, IEnumerable<string> words, bool isInputOpen = false, int? core = null)
    {
        var command = Placement.Bind(file, words, core);
        var start = new ProcessStartInfo(command.File, command.Words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command.File} did not start.");
        if (!isInputOpen)
            process.StandardInput.Close();
        return process;
    }

    /// <summary>One run; what went wrong stands in the report.</summary>
    public static async Task<RunReport> RunAsync((string File, string[] Words) program, string client, LoadSettings settings, int? core)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Start(program.File, [.. program.Words, "run", "--client", client, .. settings.ToArguments()], core: core);
        using var late = new CancellationTokenSource(settings.Warm + settings.Window + Slack);
        var errors = process.StandardError.ReadToEndAsync(late.Token);
        RunReport? report = null;
        double? startMillis = null;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(late.Token) is { } line)
            {
                if (line == "first")
                    startMillis = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                else if (line.StartsWith('{'))
                    report = RunReport.Parse(line);
            }
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return new RunReport { Client = client, Error = "it did not end in time" };
        }
        return report is not null
            ? report with { StartMillis = startMillis }
            : new RunReport { Client = client, Error = $"it ended with {process.ExitCode}: {LastLine(await errors)}" };
    }

    static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.Trim() ?? "";
}
