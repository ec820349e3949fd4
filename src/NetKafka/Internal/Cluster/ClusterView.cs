using System.Diagnostics.CodeAnalysis;

namespace NetKafka.Internal.Cluster;

/// <summary>What is known of the cluster at one moment. Immutable: a newer view replaces it, and may be read from any thread.</summary>
/// <param name="Generation">Grows with every view.</param>
/// <param name="ClusterId">The cluster's id, once known.</param>
/// <param name="ControllerId">The node to send controller requests to; −1 while unknown.</param>
/// <param name="Brokers">The brokers by node id; those of the bootstrap list are not in it.</param>
/// <param name="Topics">The topics of interest by name.</param>
sealed record ClusterView(
    long Generation, string? ClusterId, int ControllerId,
    IReadOnlyDictionary<int, BrokerView> Brokers, IReadOnlyDictionary<string, TopicView> Topics)
{
    /// <summary>Nothing is known yet.</summary>
    public static readonly ClusterView Empty =
        new(0, null, -1, new SortedDictionary<int, BrokerView>(), new Dictionary<string, TopicView>());

    /// <summary>Whether <see cref="Topics"/> are all that the cluster has told of, and not those of interest alone.</summary>
    public bool HasAllTopics { get; init; }

    /// <summary>The partition, if its topic and it are known.</summary>
    public bool TryGetPartition(string topic, int partition, [NotNullWhen(true)] out PartitionView? view)
    {
        view = Topics.TryGetValue(topic, out var found) && (uint)partition < (uint)found.Partitions.Length
            ? found.Partitions[partition]
            : null;
        return view is not null;
    }
}
