using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Groups;

namespace NetKafka.Testing.Internal.ConsumerGroups;

/// <summary>
/// What consumers of the classic protocol put into its opaque fields, which the coordinator reads where both protocols meet. A version
/// from the future is read as the newest one known.
/// </summary>
static class EmbeddedProtocol
{
    internal const string Type = "consumer";

    /// <exception cref="MalformedMessageException">It is no subscription.</exception>
    internal static ConsumerProtocolSubscription ReadSubscription(byte[] metadata)
    {
        var reader = new KafkaReader(metadata, ConsumerProtocolSubscription.Name, ConsumerProtocolSubscription.HighestVersion);
        var version = Math.Min(reader.ReadInt16(), ConsumerProtocolSubscription.HighestVersion);
        return ConsumerProtocolSubscription.Read(ref reader, version);
    }

    /// <summary>The partitions of an assignment, as far as their topics exist; none where there is no assignment yet.</summary>
    /// <exception cref="MalformedMessageException">It is no assignment.</exception>
    internal static IEnumerable<TopicIdPartition> ReadAssignment(byte[] assignment, ClusterState cluster)
    {
        if (assignment.Length == 0)
            return [];
        var reader = new KafkaReader(assignment, ConsumerProtocolAssignment.Name, ConsumerProtocolAssignment.HighestVersion);
        var version = Math.Min(reader.ReadInt16(), ConsumerProtocolAssignment.HighestVersion);
        var read = ConsumerProtocolAssignment.Read(ref reader, version);
        return [.. read.AssignedPartitions.SelectMany(topic => Identify(topic.Topic, topic.Partitions, cluster))];
    }

    /// <summary>What a member says that it has.</summary>
    internal static ConsumerGroupHeartbeatRequest.TopicPartitionsData[] OwnedOf(ConsumerProtocolSubscription subscription, ClusterState cluster) =>
        [.. subscription.OwnedPartitions
            .Select(topic => (cluster.FindTopic(topic.Topic)?.Id, topic.Partitions))
            .Where(topic => topic.Id is not null)
            .Select(topic => new ConsumerGroupHeartbeatRequest.TopicPartitionsData { TopicId = topic.Id!.Value, Partitions = topic.Partitions })];

    /// <summary>An assignment in the version in which its member speaks.</summary>
    internal static byte[] WriteAssignment(IEnumerable<TopicIdPartition> partitions, byte[] metadata, ClusterState cluster)
    {
        var version = new KafkaReader(metadata, ConsumerProtocolSubscription.Name, ConsumerProtocolSubscription.HighestVersion).ReadInt16();
        var writer = new KafkaWriter();
        writer.WriteInt16(version);
        new ConsumerProtocolAssignment
        {
            AssignedPartitions = [.. partitions.GroupBy(partition => partition.TopicId)
                .Where(topic => cluster.FindTopic(topic.Key) is not null)
                .Select(topic => new ConsumerProtocolAssignment.TopicPartition
                {
                    Topic = cluster.FindTopic(topic.Key)!.Name, Partitions = [.. topic.Select(partition => partition.Partition)],
                })],
        }.Write(writer, Math.Min(version, ConsumerProtocolAssignment.HighestVersion));
        return writer.WrittenSpan.ToArray();
    }

    static IEnumerable<TopicIdPartition> Identify(string name, int[] partitions, ClusterState cluster) =>
        cluster.FindTopic(name) is { } topic ? partitions.Select(partition => new TopicIdPartition(topic.Id, partition)) : [];
}
