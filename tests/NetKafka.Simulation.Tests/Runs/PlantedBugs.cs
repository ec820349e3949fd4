using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Machines;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>What shows each bug that can be put back.</summary>
static class PlantedBugs
{
    /// <summary>Bugs of share groups, which no scenario has: the tests of their machines show them (<see cref="ShareBugTests"/>).</summary>
    public static IReadOnlyList<Bug> ShownByTests { get; } =
    [
        Bug.AcknowledgementIsLostWithItsSession, Bug.GapIsNotAcknowledged, Bug.RecordsThatWereNotAcquiredAreGiven, Bug.ShareEpochIsUsedAgain,
        Bug.RenewalIsToldAsAccept, Bug.RecordInHandIsAccepted, Bug.EndedLockIsNotLookedAt,
    ];

    /// <summary>All others, which seeds show.</summary>
    public static IEnumerable<Bug> ShownBySeeds => Enum.GetValues<Bug>().Where(
        static bug => bug != Bug.None && !ShownByTests.Contains(bug) && !MachineBugs.Rules.ContainsKey(bug));
}
