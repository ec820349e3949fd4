using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>The errors of the embedded Kafka.</summary>
public sealed class EmbeddedErrorTests : ErrorScenarios
{
    protected override Task<KafkaTarget> Target() => Task.FromResult(KafkaTarget.Embedded());
}
