using System.Diagnostics;

namespace NetKafka.Architecture.Tests.Model;

/// <summary>Runs the dotnet command, or what it has built, to its end or to its deadline.</summary>
static class Dotnet
{
    public static Task<(int ExitCode, string Output, string Error)> Run(TimeSpan deadline, string folder, params string[] arguments) =>
        RunProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", deadline, folder, arguments);

    public static async Task<(int ExitCode, string Output, string Error)> RunProgram(
        string program, TimeSpan deadline, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // A build inside a test inherits nothing of the build that runs the tests, and leaves no server behind that outlives it.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(deadline);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw new TimeoutException(
                $"{program} {string.Join(' ', arguments)} did not end within {deadline.TotalSeconds} s.\n{await output}\n{await error}");
        }
        return (process.ExitCode, await output, await error);
    }
}
