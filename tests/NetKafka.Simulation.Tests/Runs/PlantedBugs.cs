using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Machines;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>What shows each bug that can be put back.</summary>
static class PlantedBugs
{
    /// <summary>Bugs of share groups that scenarios take the way to never, or seldom: the tests of their machines show them (<see cref="ShareBugTests"/>).</summary>
    public static IReadOnlyList<Bug> ShownByTests { get; } =
    [
        Bug.GapIsNotAcknowledged, Bug.ShareEpochIsUsedAgain, Bug.RenewalIsToldAsAccept, Bug.EndedLockIsNotLookedAt,
        Bug.LocksEndWithAnIdleConnection,
    ];

    /// <summary>All others, which seeds show.</summary>
    public static IEnumerable<Bug> ShownBySeeds => Enum.GetValues<Bug>().Where(
        static bug => bug != Bug.None && !ShownByTests.Contains(bug) && !MachineBugs.Rules.ContainsKey(bug));
}
