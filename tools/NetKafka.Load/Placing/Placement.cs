using System.Diagnostics;
using System.Numerics;
using NetKafka.Load.Commands;

namespace NetKafka.Load.Placing;

/// <summary>
/// Binds processes to cores by <c>taskset</c>, before they begin: a runtime counts its processors when it starts, and sizes
/// its pools by them.
/// </summary>
static class Placement
{
    /// <summary>
    /// A runtime that finds one processor waits ten times as long before it compiles hot code anew, so that a run of seconds
    /// would measure code that was never optimized.
    /// </summary>
    const string SoonerCompiling = "DOTNET_TC_DelaySingleProcMultiplier=1";

    public static int? CoreOfClient(CpuLayout layout) => layout == CpuLayout.Free ? null : Core(0);

    public static int? CoreOfBroker(CpuLayout layout) => layout switch
    {
        CpuLayout.Pinned => Core(1),
        CpuLayout.OneCore => Core(0),
        _ => null,
    };

    public static string Describe(CpuLayout layout) => layout switch
    {
        CpuLayout.Pinned => $"client on core {CoreOfClient(layout)}, broker on core {CoreOfBroker(layout)}",
        CpuLayout.OneCore => $"client and broker on core {CoreOfClient(layout)}",
        _ => "clients and broker unpinned on all processors",
    };

    /// <summary>A command that runs on one core; as it is without one.</summary>
    public static (string File, string[] Words) Bind(string file, IEnumerable<string> words, int? core) =>
        core is { } number ? ("taskset", ["-c", $"{number}", "env", SoonerCompiling, file, .. words]) : (file, [.. words]);

    /// <summary>The processors that this process may use, in order.</summary>
    public static int[] Cores()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return [.. Enumerable.Range(0, Environment.ProcessorCount)];
        using var process = Process.GetCurrentProcess();
        var mask = (nuint)process.ProcessorAffinity;
        var cores = new int[BitOperations.PopCount(mask)];
        for (var i = 0; i < cores.Length; i++, mask &= mask - 1)
            cores[i] = BitOperations.TrailingZeroCount(mask);
        return cores;
    }

    static int Core(int index)
    {
        if (!OperatingSystem.IsLinux())
            throw new UsageException("--layout other than free needs taskset, and so Linux.");
        var cores = Cores();
        return index < cores.Length
            ? cores[index]
            : throw new UsageException($"--layout pinned needs two processors, and there is {cores.Length}.");
    }
}
