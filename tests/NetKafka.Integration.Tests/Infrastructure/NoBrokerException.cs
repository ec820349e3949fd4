namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>No Kafka for a test: none at all, or none of the kind that the test needs.</summary>
sealed class NoBrokerException(string message, bool isWantOfAny) : Exception(message)
{
    public static NoBrokerException WantOfAny(string version, string whyNoDocker, string whyNoJars) => new(
        $"No Kafka {version}. Enable by NETKAFKA_BOOTSTRAP=host:port of a running cluster, or Docker with apache/kafka:{version} "
        + $"(here {whyNoDocker}), or NETKAFKA_KAFKA_HOME=a folder of Kafka's jars, with Java 17 (here {whyNoJars}).", isWantOfAny: true);

    public static NoBrokerException WantOfThisKind(string message) => new(message, isWantOfAny: false);

    /// <summary>Skips the test, or fails it where a broker is required and there is none of any kind.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void GiveUp()
    {
        if (isWantOfAny && TestSettings.RequireBroker)
            Assert.Fail($"NETKAFKA_REQUIRE_BROKER is set. {Message}");
        Assert.Skip(Message);
    }
}
