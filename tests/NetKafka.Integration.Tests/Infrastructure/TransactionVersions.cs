namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>Clusters with a level of the feature transaction.version.</summary>
static class TransactionVersions
{
    /// <summary>A cluster for one test alone, whose coordinator looks for transactions that are late often enough for a test.</summary>
    public static async Task<KafkaCluster> OwnAtTransactionVersion(
        this KafkaClusters clusters, string version, int level, int brokers = 1, IReadOnlyDictionary<string, string>? settings = null,
        CancellationToken cancellation = default)
    {
        var cluster = await clusters.Own(
            version, brokers,
            new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["transaction.abort.timed.out.transaction.cleanup.interval.ms"] = "200" },
            cancellation);
        if (level == 1)
        {
            var result = await cluster.Tools.Run(
                "org.apache.kafka.tools.FeatureCommand", ["--bootstrap-server", cluster.Tools.BootstrapServers, "downgrade", "--feature", "transaction.version=1"], cancellation: cancellation);
            result.OrFail();
        }
        return cluster;
    }
}
