using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Machines;

/// <summary>Bugs that are put back in a machine show there.</summary>
public sealed class MachineBugTests
{
    public static TheoryData<string> Bugs { get; } = [.. MachineBugs.Rules.Keys.Select(static bug => bug.ToString())];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Rule_holds_and_does_not_hold_with_its_bug(string name)
    {
        var bug = Enum.Parse<Bug>(name);
        var rule = MachineBugs.Rules[bug];
        Assert.True(rule());
        Planted.Bug = bug;
        try
        {
            Assert.False(rule());
        }
        finally
        {
            Planted.Bug = Bug.None;
        }
    }
}
