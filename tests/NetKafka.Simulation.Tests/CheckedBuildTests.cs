using System.Reflection;

namespace NetKafka.Simulation.Tests;

public sealed class CheckedBuildTests
{
    /// <summary>Lease checks and poisoned buffers are what a simulated run can trip over; the plain build has neither.</summary>
    [Theory]
    [InlineData("NetKafka.Protocol")]
    [InlineData("NetKafka")]
    [InlineData("NetKafka.Testing")]
    public void Simulation_runs_the_checked_build(string assembly) => Assert.Contains(
        Assembly.Load(assembly).GetCustomAttributes<AssemblyMetadataAttribute>(),
        mark => mark is { Key: "NetKafkaChecked", Value: "true" });
}
