using System.Diagnostics;
using NetKafka.Protocol;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>Runs a range of seeds on all cores, each on one thread, and sums up.</summary>
/// <param name="scenario">The scenario; null for each in its turn.</param>
/// <param name="from">The first seed.</param>
/// <param name="to">The first that is not run.</param>
/// <param name="report">Takes failures and progress, line by line.</param>
sealed class SeedRange(string? scenario, ulong from, ulong to, Action<string> report)
{
    const int MaxReportedFailures = 20;
    static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    readonly Lock _gate = new();
    readonly List<SeedResult> _failures = [];
    readonly Dictionary<ulong, ulong> _traces = [];
    readonly Stopwatch _clock = Stopwatch.StartNew();
    long _next = (long)from;
    TimeSpan _reportedAt;

    public int Seeds { get; private set; }

    public long Records { get; private set; }

    public long Faults { get; private set; }

    /// <summary>By kind of fault: in how many seeds it struck.</summary>
    public int[] SeedsWithFault { get; } = new int[Enum.GetValues<Faults.FaultKind>().Length];

    /// <summary>How many illegal answers each API got.</summary>
    public SortedDictionary<ApiKey, int> IllegalAnswers { get; } = [];

    public int FewestRecords { get; private set; } = int.MaxValue;

    public (int Count, ulong Seed) FewestFaults { get; private set; } = (int.MaxValue, 0);

    public IReadOnlyList<SeedResult> Failures => _failures;

    /// <summary>Seeds that left another trace in a second process.</summary>
    public IReadOnlyList<ulong> Differing { get; private set; } = [];

    public int FailedSeeds { get; private set; }

    /// <summary>The line that sums up.</summary>
    public string Summary =>
        $"seeds={Seeds} records={Records} faults={Faults} violations={FailedSeeds} seeds_per_minute={Seeds / _clock.Elapsed.TotalMinutes:0}";

    public void Run()
    {
        SeedThreads.Run("seeds", Work);
    }

    /// <summary>Runs one of each hundred seeds again in a second process.</summary>
    public void RunAgain()
    {
        Differing = SecondProcess.Differing(scenario, from, to, _traces);
        foreach (var seed in Differing)
            report($"seed {seed} left another trace in a second process: something of it does not come from the seed");
    }

    void Work()
    {
        while (true)
        {
            var seed = (ulong)(Interlocked.Increment(ref _next) - 1);
            if (seed >= to)
                return;
            Add(SeedRun.Execute(seed, scenario));
        }
    }

    void Add(SeedResult result)
    {
        lock (_gate)
        {
            Seeds++;
            if (SecondProcess.Chooses(result.Seed))
                _traces[result.Seed] = result.TraceHash;
            Records += result.Records;
            Faults += result.Faults;
            FewestRecords = Math.Min(FewestRecords, result.Records);
            if (result.Faults < FewestFaults.Count)
                FewestFaults = (result.Faults, result.Seed);
            foreach (var (api, count) in result.IllegalAnswers)
                IllegalAnswers[api] = IllegalAnswers.GetValueOrDefault(api) + count;
            for (var i = 0; i < SeedsWithFault.Length; i++)
                SeedsWithFault[i] += result.Struck[i] > 0 ? 1 : 0;
            if (result.HasFailed && ++FailedSeeds <= MaxReportedFailures)
            {
                _failures.Add(result);
                report(result.Line);
            }
            if (_clock.Elapsed - _reportedAt < ProgressEvery)
                return;
            _reportedAt = _clock.Elapsed;
            report($"{Seeds} of {to - from} seeds, {FailedSeeds} with violations, {Seeds / _clock.Elapsed.TotalMinutes:0} a minute");
        }
    }
}
