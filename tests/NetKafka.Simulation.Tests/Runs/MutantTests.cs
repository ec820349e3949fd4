using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Machines;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>The simulation finds bugs: each one that is put back shows within two thousand seeds.</summary>
public sealed class MutantTests
{
    public static TheoryData<string> Bugs { get; } =
        [.. PlantedBugs.ShownBySeeds.Select(static bug => bug.ToString())];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Bug_that_is_put_back_is_found(string bug)
    {
        var hunt = new MutantHunt(Enum.Parse<Bug>(bug), 0, MutantHunt.MostSeeds);
        Assert.True(hunt.Run(), hunt.Summary);
    }

    [Fact]
    public void Client_as_it_is_shipped_shows_none() => Assert.False(new MutantHunt(Bug.None, 0, 300).Run());
}
