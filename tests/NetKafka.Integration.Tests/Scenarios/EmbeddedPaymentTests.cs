using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>Payments through the embedded Kafka.</summary>
public sealed class EmbeddedPaymentTests : PaymentScenarios
{
    protected override Task<KafkaTarget> Target() => Task.FromResult(KafkaTarget.Embedded());
}
