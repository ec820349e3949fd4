using NetKafka.Protocol;
using NetKafka.Simulation.Tests.Checkers;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Faults;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>What became of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="TraceHash">Stands for every event; equal in two runs of one seed.</param>
/// <param name="Records">How many records were sent.</param>
/// <param name="Struck">How often each kind of fault has struck.</param>
/// <param name="IllegalAnswers">How many illegal answers each API got.</param>
/// <param name="Planned">The faults that were planned.</param>
/// <param name="Violations">What did not hold.</param>
/// <param name="Story">Every event, where it was asked for.</param>
/// <param name="Steps">How many pieces of work were run.</param>
sealed record SeedResult(
    ulong Seed, string Scenario, ulong TraceHash, int Records, int[] Struck, IReadOnlyDictionary<ApiKey, int> IllegalAnswers,
    IReadOnlyList<PlannedFault> Planned,
    IReadOnlyList<Violation> Violations, Story? Story, long Steps)
{
    public int Faults => Struck.Sum();

    public bool HasFailed => Violations.Count > 0;

    /// <summary>The line that tells of a failure and how to see it again.</summary>
    public string Line =>
        $"seed {Seed} of {Scenario}: {Violations[0].ToString().Split('\n')[0]}{(Violations.Count > 1 ? $" (and {Violations.Count - 1} more)" : "")}\n"
        + $"    dotnet run -c Release --project tests/NetKafka.Simulation.Tests -- --scenario {Scenario} --replay {Seed}";
}
