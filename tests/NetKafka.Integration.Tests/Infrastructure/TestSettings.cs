namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>What the environment says about the brokers to test with.</summary>
static class TestSettings
{
    static int _names;

    /// <summary>NETKAFKA_BOOTSTRAP: a running cluster, as host:port[,host:port…].</summary>
    public static string? Bootstrap => Read("NETKAFKA_BOOTSTRAP");

    /// <summary>NETKAFKA_KAFKA_HOME: a folder of Kafka's jars, or of folders of them, one a release.</summary>
    public static string? KafkaHome => Read("NETKAFKA_KAFKA_HOME");

    /// <summary>NETKAFKA_REQUIRE_BROKER=1: a test that finds no broker at all fails instead of being skipped.</summary>
    public static bool RequireBroker => Read("NETKAFKA_REQUIRE_BROKER") is "1" or "true";

    /// <summary>
    /// KAFKA_HEAP_OPTS, as Kafka's own scripts read it. A broker lives for seconds here, so it is compiled quickly and not well:
    /// that halves what its start costs.
    /// </summary>
    public static string[] HeapOptions => (Read("KAFKA_HEAP_OPTS") ?? "-Xmx512m -XX:TieredStopAtLevel=1").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>In every name that a test makes, so that runs on one cluster do not meet.</summary>
    public static string RunId { get; } = Guid.NewGuid().ToString("N")[..8];

    /// <summary>A name that no other test of this run or of another has.</summary>
    public static string NewName(string kind) => $"{kind}-{RunId}-{Interlocked.Increment(ref _names)}";

    static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
