using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Faults;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>Runs seeds of a client with one bug put back, on all cores, until one of them shows it.</summary>
/// <param name="bug">The bug.</param>
/// <param name="from">The first seed.</param>
/// <param name="to">The first that is not run.</param>
/// <param name="keeps">Which faults strike; null for all.</param>
sealed class MutantHunt(Bug bug, ulong from, ulong to, Func<PlannedFault, bool>? keeps = null)
{
    /// <summary>Within so many seeds every bug has to show.</summary>
    public const ulong MostSeeds = 2_000;

    readonly Lock _gate = new();
    long _next = (long)from;
    SeedResult? _found;

    /// <summary>The first seed that showed it, as one line.</summary>
    public string Summary => _found is { } found
        ? $"{bug}: seed {found.Seed} of {found.Scenario}: {found.Violations[0].ToString().Split('\n')[0]}"
        : $"{bug}: NOT found by the seeds {from}..{to}";

    /// <returns>Whether it was found.</returns>
    public bool Run()
    {
        SeedThreads.Run("mutants", Work);
        return _found is not null;
    }

    void Work()
    {
        while (Volatile.Read(ref _found) is null)
        {
            var seed = (ulong)(Interlocked.Increment(ref _next) - 1);
            if (seed >= to)
                return;
            var result = SeedRun.Execute(seed, null, new RunOptions(Keeps: keeps, Bug: bug));
            if (!result.HasFailed)
                continue;
            lock (_gate)
            {
                // Seeds run side by side; the lowest one is told.
                if (_found is null || result.Seed < _found.Seed)
                    _found = result;
            }
        }
    }
}
