using NetKafka.Integration.Tests.Infrastructure;

namespace NetKafka.Integration.Tests.Scenarios;

/// <summary>Payments through a real cluster.</summary>
public sealed class RealPaymentTests(KafkaClusters clusters) : PaymentScenarios
{
    protected override async Task<KafkaTarget> Target() => KafkaTarget.Real(await clusters.Shared());
}
