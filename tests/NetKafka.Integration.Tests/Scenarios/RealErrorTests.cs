using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>The errors of a real cluster.</summary>
public sealed class RealErrorTests(KafkaClusters clusters) : ErrorScenarios
{
    protected override async Task<KafkaTarget> Target() => KafkaTarget.Real(await clusters.Shared());
}
