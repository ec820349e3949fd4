using System.Collections.Concurrent;

namespace NetKafka.Integration.Tests.Infrastructure;

/// <summary>
/// For each version one cluster of three brokers with two log directories each, which the tests of one class share: they may stop a broker, and start
/// it again before they end.
/// </summary>
public sealed class AdminClusters(KafkaClusters clusters) : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, Lazy<Task<KafkaCluster>>> _clusters = new();

    public Task<KafkaCluster> Get(string version) => _clusters.GetOrAdd(version, _ => new(() => clusters.Own(
        version, brokers: 3, new Dictionary<string, string>
        {
            ["log.dirs"] = $"{BrokerSettings.DataPlace},{BrokerSettings.DataPlace}-more",
            // Leaders are elected by the tests alone.
            ["auto.leader.rebalance.enable"] = "false",
        }))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters.Values)
        {
            if (cluster.Value.IsCompletedSuccessfully)
                await cluster.Value.Result.DisposeAsync();
        }
    }
}
