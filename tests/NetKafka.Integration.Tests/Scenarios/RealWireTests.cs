using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>The answers of a real cluster.</summary>
public sealed class RealWireTests(KafkaClusters clusters) : WireScenarios
{
    protected override async Task<KafkaTarget> Target() => KafkaTarget.Real(await clusters.Shared());
}
