namespace NetKafka.Testing.Internal.Cluster;

/// <summary>The loggers that each broker has, and their levels.</summary>
static class LoggerLevels
{
    internal const string Root = "root";
    internal const string Default = "INFO";

    internal static readonly string[] Names =
    [
        "kafka.controller", "kafka.log.LogCleaner", "kafka.network.RequestChannel$", "kafka.server.KafkaApis", "kafka.server.ReplicaManager", Root,
    ];

    static readonly string[] Levels = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

    internal static string All => string.Join(", ", Levels);

    internal static bool IsLevel(string value) => Levels.Contains(value.ToUpperInvariant());
}
