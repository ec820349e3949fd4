using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Testing.Internal.Groups;

/// <summary>Notices that topics to which a group subscribes came, went or grew, which raises its epoch.</summary>
sealed class TopicWatch(ClusterState cluster)
{
    (Guid Id, int Partitions)[] known = [];
    int knownEpoch = -1;

    /// <summary>The topics of these names that exist, in the order of their names.</summary>
    internal IEnumerable<Topic> Existing(IEnumerable<string> names) =>
        names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(cluster.FindTopic).OfType<Topic>();

    /// <summary>Whether any of the topics has changed since the last look; cheap while no topic of the cluster has.</summary>
    internal bool HasChanged(IEnumerable<string> names) => knownEpoch != cluster.TopicsEpoch && Look(names);

    /// <summary>Remembers the topics as they are.</summary>
    /// <returns>Whether they are others than before.</returns>
    internal bool Look(IEnumerable<string> names)
    {
        (Guid, int)[] topics = [.. Existing(names).Select(topic => (topic.Id, topic.Partitions.Count))];
        var hasChanged = !topics.AsSpan().SequenceEqual(known);
        (known, knownEpoch) = (topics, cluster.TopicsEpoch);
        return hasChanged;
    }
}
