using System.Diagnostics;
using System.Globalization;
using NetKafka.Load.Measuring;
using NetKafka.Load.Placing;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Compare;

/// <summary>
/// Runs all cases, block by block: each round does one block of every case, so that hours of the machine that are good or
/// bad fall on all rows alike, and a table that has to be cut short has the same number of blocks everywhere.
/// </summary>
sealed class Comparison(ComparePlan plan, Clients clients, IReadOnlyList<LoadCase> cases, string? kafkaFolder)
{
    readonly long _start = Stopwatch.GetTimestamp();
    int _blocksDone;
    int _blocksPlanned;

    /// <summary>Told after each block, so that what was measured so far is not lost.</summary>
    public Action<IReadOnlyList<CaseRuns>>? OnBlock { get; init; }

    public async Task<IReadOnlyList<CaseRuns>> RunAsync()
    {
        CaseRuns[] runs = [.. cases.Select(load => new CaseRuns(load, Participants(load), peer => WhyMissing(load, peer)))];
        _blocksPlanned = runs.Sum(run => run.Load.IsReal ? plan.RealBlocks : plan.Blocks);
        await RunOnNullBrokerAsync([.. runs.Where(run => !run.Load.IsReal)], runs);
        CaseRuns[] real = [.. runs.Where(run => run.Load.IsReal)];
        if (real.Length > 0 && kafkaFolder is not null)
            await RunOnRealBrokerAsync(real, runs, kafkaFolder);
        return runs;
    }

    string[] Participants(LoadCase load) =>
    [
        Clients.Ours,
        .. plan.IsNoiseCase(load) ? (string[])[Clients.Again] : [],
        .. load.Peers.Where(peer => WhyMissing(load, peer) is null),
    ];

    string? WhyMissing(LoadCase load, string peer) => clients.WhyMissing(peer) ?? plan.WhyLeftOut(load, peer);

    async Task RunOnNullBrokerAsync(CaseRuns[] runs, CaseRuns[] all)
    {
        using var broker = await BrokerProcess.StartAsync(Placement.CoreOfBroker(plan.Layout));
        // The first process of all finds nothing in the caches of the system.
        if (runs.Length > 0)
            await clients.RunAsync(Clients.Ours, plan.Apply(runs[0].Load.Settings) with { Bootstrap = broker.Bootstrap });
        for (var round = 0; round < plan.Blocks; round++)
        {
            foreach (var run in runs)
            {
                if (!IsInTime(run))
                    continue;
                await RunBlockAsync(
                    run, round, plan.Blocks, settings => Task.FromResult(settings with { Bootstrap = broker.Bootstrap }), () => broker.CpuSeconds);
                OnBlock?.Invoke(all);
            }
        }
    }

    async Task RunOnRealBrokerAsync(CaseRuns[] runs, CaseRuns[] all, string folder)
    {
        Console.WriteLine("starting a real broker");
        await using var broker = await RealBroker.StartAsync(folder, Placement.CoreOfBroker(plan.Layout));
        for (var round = 0; round < plan.RealBlocks; round++)
        {
            foreach (var run in runs)
            {
                if (!IsInTime(run))
                    continue;
                await RunBlockAsync(run, round, plan.RealBlocks, broker.PrepareAsync, () => broker.CpuSeconds);
                OnBlock?.Invoke(all);
            }
        }
    }

    bool IsInTime(CaseRuns run) => run.Blocks == 0 || Stopwatch.GetElapsedTime(_start) < plan.Budget;

    async Task RunBlockAsync(CaseRuns run, int round, int rounds, Func<LoadSettings, Task<LoadSettings>> prepare, Func<double> brokerCpu)
    {
        using var awake = plan.IsAwake && run.Load.IsLatency ? new AwakeCores() : null;
        Dictionary<string, List<RunReport>>? kept = null;
        var least = double.MaxValue;
        for (var attempt = 0; attempt <= plan.Redos; attempt++)
        {
            var interference = new Interference(brokerCpu);
            var block = new Dictionary<string, List<RunReport>>();
            foreach (var client in plan.Order(run.Participants, round))
            {
                var own = client is "self" or "bare" && run.Load.ForPeer is { } change ? change(run.Load.Settings) : run.Load.Settings;
                var report = await clients.RunAsync(client, await prepare(plan.Apply(own)));
                if (!block.TryGetValue(client, out var reports))
                    block[client] = reports = [];
                reports.Add(report);
                if (report.Error is not null)
                    Console.WriteLine($"    {run.Load.Id}, {client}: {report.Error.Split('\n')[0]}");
            }
            var taken = interference.Measure();
            if (taken.Foreign + taken.Stolen < least)
                (kept, least) = (block, taken.Foreign + taken.Stolen);
            var isDone = !Interference.IsTooMuch(taken) || attempt == plan.Redos || !IsAhead();
            Tell(run, round, rounds, block, taken, isDone);
            if (isDone)
                break;
        }
        run.Add(kept!);
        _blocksDone++;
    }

    /// <summary>Whether there is time to do a block again, judged by how long those so far took.</summary>
    bool IsAhead() => Stopwatch.GetElapsedTime(_start) / (_blocksDone + 1) * _blocksPlanned < plan.Budget;

    void Tell(
        CaseRuns run, int round, int rounds, Dictionary<string, List<RunReport>> block, (double Foreign, double Stolen) taken, bool isDone)
    {
        var metric = run.Load.Rows[0].Metric;
        var figures = block.Select(pair => pair.Value.Select(metric.Compared).OfType<double>().ToArray() is { Length: > 0 } values
            ? string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {Statistics.GeometricMean(values):G3}")
            : pair.Key + " –");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"[{Stopwatch.GetElapsedTime(_start):hh\\:mm\\:ss}] {round + 1}/{rounds} {run.Load.Id}: {string.Join(", ", figures)} {metric.Unit}")
            + (Interference.IsTooMuch(taken) ? string.Create(CultureInfo.InvariantCulture,
                $"  (others took {taken.Foreign:P0}, the host {taken.Stolen:P0}{(isDone ? "" : "; again")})") : ""));
    }
}
