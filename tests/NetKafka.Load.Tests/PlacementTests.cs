using NetKafka.Load.Compare;
using NetKafka.Load.Placing;

namespace NetKafka.Load.Tests;

public sealed class PlacementTests
{
    [Fact]
    public void Command_is_bound_before_it_begins()
    {
        var (file, words) = Placement.Bind("java", ["-version"], core: 3);

        Assert.Equal(("taskset", "-c 3 env DOTNET_TC_DelaySingleProcMultiplier=1 java -version"), (file, string.Join(' ', words)));
    }

    [Fact]
    public void Free_layout_leaves_a_command_as_it_is()
    {
        var (file, words) = Placement.Bind("java", ["-version"], Placement.CoreOfClient(CpuLayout.Free));

        Assert.Equal(("java", "-version"), (file, string.Join(' ', words)));
    }

    [Fact]
    public void Client_and_broker_share_a_core_in_the_layout_of_one_core_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Placement.Cores().Length > 1, "Processes are bound on Linux, and two cores are wanted.");

        Assert.Equal(Placement.CoreOfClient(CpuLayout.OneCore), Placement.CoreOfBroker(CpuLayout.OneCore));
        Assert.NotEqual(Placement.CoreOfClient(CpuLayout.Pinned), Placement.CoreOfBroker(CpuLayout.Pinned));
    }

    [Theory]
    [InlineData("round-trip", true)]
    [InlineData("open-500", true)]
    [InlineData("end-to-end", true)]
    [InlineData("fire-100", false)]
    [InlineData("one-a-second", false)]
    public void Load_is_one_of_latency_if_a_time_is_read_off(string id, bool isLatency) =>
        Assert.Equal(isLatency, RowCatalog.Cases.Single(load => load.Id == id).IsLatency);
}
