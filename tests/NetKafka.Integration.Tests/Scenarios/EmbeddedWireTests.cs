using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>The answers of the embedded Kafka, of which the simulation's cluster is made.</summary>
public sealed class EmbeddedWireTests : WireScenarios
{
    protected override Task<KafkaTarget> Target() => Task.FromResult(KafkaTarget.Embedded());
}
