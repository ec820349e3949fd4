namespace NetKafka.Simulation.Tests.Runs;

/// <summary>Looks for the fewest faults of a failing seed that make it fail still: leaves out halves, quarters, single ones.</summary>
static class Shrinker
{
    /// <returns>The numbers of the faults, or null where the seed does not fail.</returns>
    public static IReadOnlyList<int>? Shrink(ulong seed, string? scenario)
    {
        var whole = SeedRun.Execute(seed, scenario);
        if (!whole.HasFailed)
            return null;
        var kept = whole.Planned.Select(fault => fault.Index).ToList();
        for (var size = Math.Max(1, kept.Count / 2); ; size = Math.Max(1, size / 2))
        {
            var hasShrunk = false;
            for (var at = 0; at < kept.Count;)
            {
                var fewer = kept.Where((_, index) => index < at || index >= at + size).ToList();
                if (Fails(seed, scenario, fewer))
                    (kept, hasShrunk) = (fewer, true);
                else
                    at += size;
            }
            if (size == 1 && !hasShrunk)
                return kept;
        }
    }

    static bool Fails(ulong seed, string? scenario, List<int> kept) =>
        SeedRun.Execute(seed, scenario, new RunOptions(Keeps: fault => kept.Contains(fault.Index))).HasFailed;
}
