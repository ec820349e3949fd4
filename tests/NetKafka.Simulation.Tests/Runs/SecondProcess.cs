using System.Diagnostics;
using System.Globalization;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>
/// One of each hundred seeds again, of every scenario in its turn, in another process: it must leave the same trace there, or a seed would not say what happened.
/// What differs between processes (hashes of strings, addresses, the order of what is built on them) shows here.
/// </summary>
static class SecondProcess
{
    const ulong Every = 100;

    /// <summary>Whether a seed runs twice. Scenarios follow the last digits, so that the one chosen moves on by one.</summary>
    public static bool Chooses(ulong seed) => seed % Every == seed / Every % Every;

    /// <summary>Runs the seeds here, for the first process, a line each.</summary>
    public static void Tell(string? scenario, ulong from, ulong to, TextWriter output)
    {
        foreach (var seed in Seeds(from, to))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seed} {SeedRun.Execute(seed, scenario).TraceHash:x16}"));
    }

    /// <summary>Lets a second process run them.</summary>
    /// <param name="scenario">The scenario; null for each in its turn.</param>
    /// <param name="from">The first seed.</param>
    /// <param name="to">The first that is not run.</param>
    /// <param name="traces">The traces of the first process, by seed.</param>
    /// <returns>The seeds that left another trace, or none.</returns>
    public static IReadOnlyList<ulong> Differing(string? scenario, ulong from, ulong to, IReadOnlyDictionary<ulong, ulong> traces)
    {
        var host = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(host) == "dotnet";
        string[] words =
        [
            .. isHost ? (string[])[typeof(SecondProcess).Assembly.Location] : [],
            .. scenario is null ? (string[])[] : ["--scenario", scenario],
            "--traces", string.Create(CultureInfo.InvariantCulture, $"{from}..{to}"),
        ];
        using var process = Process.Start(new ProcessStartInfo(host, words) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The second process did not start.");
        var told = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => ulong.Parse(parts[0], CultureInfo.InvariantCulture), parts => Convert.ToUInt64(parts[1], 16));
        process.WaitForExit();
        return [.. Seeds(from, to).Where(seed => told.GetValueOrDefault(seed) != traces.GetValueOrDefault(seed, 1ul))];
    }

    static IEnumerable<ulong> Seeds(ulong from, ulong to)
    {
        for (var seed = from; seed < to; seed++)
        {
            if (Chooses(seed))
                yield return seed;
        }
    }
}
