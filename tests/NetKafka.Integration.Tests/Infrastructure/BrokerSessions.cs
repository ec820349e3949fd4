namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Settings of brokers that are taken for dead soon, so that what they led moves.</summary>
static class BrokerSessions
{
    public static IReadOnlyDictionary<string, string> Short { get; } = new Dictionary<string, string>
    {
        ["broker.session.timeout.ms"] = "2000",
        ["broker.heartbeat.interval.ms"] = "500",
    };
}
