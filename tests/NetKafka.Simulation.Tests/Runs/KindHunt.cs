using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Faults;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>
/// Asks which kinds of fault a bug needs to be found. A seed that shows it needs no kind that it did not plan: without that kind it is
/// the same seed. So only kinds that all such seeds planned are left out for real, in runs of their own.
/// </summary>
/// <param name="bug">The bug.</param>
/// <param name="from">The first seed.</param>
/// <param name="to">The first that is not run.</param>
sealed class KindHunt(Bug bug, ulong from, ulong to)
{
    readonly Lock _gate = new();
    readonly HashSet<FaultKind> _suspects = [.. Enum.GetValues<FaultKind>()];
    long _next = (long)from;
    volatile bool _isOver;

    /// <summary>Whether a seed showed it at all.</summary>
    public bool IsFound { get; private set; }

    /// <returns>The kinds without which no seed shows it; none where it is not found with all of them.</returns>
    public FaultKind[] Run()
    {
        SeedThreads.Run("kinds", Work);
        return IsFound ? [.. _suspects.Order().Where(kind => !new MutantHunt(bug, from, to, fault => fault.Kind != kind).Run())] : [];
    }

    void Work()
    {
        while (!_isOver)
        {
            var seed = (ulong)(Interlocked.Increment(ref _next) - 1);
            if (seed >= to)
                return;
            var result = SeedRun.Execute(seed, null, new RunOptions(Bug: bug));
            if (!result.HasFailed)
                continue;
            lock (_gate)
            {
                IsFound = true;
                _suspects.IntersectWith(result.Planned.Select(static fault => fault.Kind));
                // A kind that every seed plans is left in the end, and soon told from one that is needed.
                _isOver = _suspects.Count < 2;
            }
        }
    }
}
