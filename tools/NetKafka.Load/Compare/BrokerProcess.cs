using System.Diagnostics;
using NetKafka.Load.Measuring;

namespace NetKafka.Load.Compare;

/// <summary>A null broker in a process of its own, which ends when its input does.</summary>
sealed class BrokerProcess : IDisposable
{
    readonly Process _process;

    BrokerProcess(Process process, string bootstrap) => (_process, Bootstrap) = (process, bootstrap);

    public string Bootstrap { get; }

    public double CpuSeconds => ResourceUsage.OfProcess(_process.Id);

    /// <param name="core">The core it runs on; null for all.</param>
    /// <param name="options">The command's options.</param>
    /// <exception cref="InvalidOperationException">It did not come up.</exception>
    public static async Task<BrokerProcess> StartAsync(int? core, params string[] options)
    {
        var process = ChildRun.Start(ChildRun.Self.File, [.. ChildRun.Self.Words, "broker", "--attached", .. options], isInputOpen: true, core);
        const string Greeting = "listening on ";
        var line = await process.StandardOutput.ReadLineAsync() ?? "";
        if (!line.StartsWith(Greeting, StringComparison.Ordinal))
            throw new InvalidOperationException($"The null broker did not start: {line} {await process.StandardError.ReadToEndAsync()}");
        // Faults are told there; a pipe that nobody reads would block the broker.
        _ = PassOnAsync(process);
        return new BrokerProcess(process, line[Greeting.Length..]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        _process.Dispose();
    }

    static async Task PassOnAsync(Process process)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
            Console.Error.WriteLine("null broker: " + line);
    }
}
