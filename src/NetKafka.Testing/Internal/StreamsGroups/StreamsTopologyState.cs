using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.StreamsGroupHeartbeatRequest;

namespace NetKafka.Testing.Internal.StreamsGroups;

/// <summary>What the members of a streams group work on, held against the topics that there are.</summary>
sealed class StreamsTopologyState(Request.TopologyData topology, ClusterState cluster)
{
    internal Request.TopologyData Topology => topology;

    internal IEnumerable<string> SourceTopics => topology.Subtopologies.SelectMany(static part => part.SourceTopics).Distinct(StringComparer.Ordinal);

    /// <summary>All topics whose coming and growing changes the tasks.</summary>
    internal IEnumerable<string> AllTopics => SourceTopics.Concat(Internal.Select(static topic => topic.Name));

    internal IEnumerable<string> MissingSources => SourceTopics.Where(name => cluster.FindTopic(name) is null).Order(StringComparer.Ordinal);

    internal IEnumerable<Request.TopicInfo> MissingInternal => Internal.Where(topic => cluster.FindTopic(topic.Name) is null).OrderBy(static topic => topic.Name, StringComparer.Ordinal);

    internal bool IsReady => !MissingSources.Any() && !MissingInternal.Any();

    IEnumerable<Request.TopicInfo> Internal =>
        topology.Subtopologies.SelectMany(static part => part.RepartitionSourceTopics.Concat(part.StateChangelogTopics)).DistinctBy(static topic => topic.Name);

    /// <summary>Whether another says the same: topologies are not changed while a group lives.</summary>
    internal bool Equals(Request.TopologyData other) =>
        topology.Epoch == other.Epoch
        && topology.Subtopologies.OrderBy(static part => part.SubtopologyId, StringComparer.Ordinal).Select(Words)
            .SequenceEqual(other.Subtopologies.OrderBy(static part => part.SubtopologyId, StringComparer.Ordinal).Select(Words));

    /// <summary>The tasks: as many of a part as its widest topic has partitions.</summary>
    internal IEnumerable<StreamsTaskId> Tasks() => topology.Subtopologies
        .OrderBy(static part => part.SubtopologyId, StringComparer.Ordinal)
        .SelectMany(part => Enumerable.Range(0, WidthOf(part)), static (part, partition) => new StreamsTaskId(part.SubtopologyId, partition));

    /// <summary>Creates what the group keeps for itself, once what it reads is there.</summary>
    internal void CreateInternal()
    {
        if (MissingSources.Any())
            return;
        foreach (var part in topology.Subtopologies)
        {
            foreach (var topic in part.RepartitionSourceTopics)
                Create(topic, Math.Max(1, topology.Subtopologies.Where(writer => writer.RepartitionSinkTopics.Contains(topic.Name)).Select(WidthOf).DefaultIfEmpty(1).Max()));
        }
        foreach (var part in topology.Subtopologies)
        {
            foreach (var topic in part.StateChangelogTopics)
                Create(topic, Math.Max(1, WidthOf(part)));
        }
    }

    void Create(Request.TopicInfo topic, int partitions)
    {
        if (cluster.FindTopic(topic.Name) is not null)
            return;
        cluster.CreateTopic(new TopicOrder(topic.Name)
        {
            Partitions = topic.Partitions > 0 ? topic.Partitions : partitions,
            ReplicationFactor = topic.ReplicationFactor > 0 ? topic.ReplicationFactor : (short)-1,
            Configs = [.. topic.TopicConfigs.Select(static config => (config.Key, (string?)config.Value))],
        });
    }

    int WidthOf(Request.Subtopology part) => part.SourceTopics.Concat(part.RepartitionSourceTopics.Select(static topic => topic.Name))
        .Select(name => cluster.FindTopic(name)?.Partitions.Count ?? 0).DefaultIfEmpty(0).Max();

    static string Words(Request.Subtopology part) => string.Join(
        '|', part.SubtopologyId, string.Join(',', part.SourceTopics.Order(StringComparer.Ordinal)), string.Join(',', part.RepartitionSinkTopics.Order(StringComparer.Ordinal)),
        string.Join(',', part.RepartitionSourceTopics.Select(static topic => topic.Name).Order(StringComparer.Ordinal)),
        string.Join(',', part.StateChangelogTopics.Select(static topic => topic.Name).Order(StringComparer.Ordinal)));
}
