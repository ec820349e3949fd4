using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Assignors;

/// <summary>
/// What members of Java's StickyAssignor say beside their subscriptions: an array of topics, each a name and an array of partition numbers,
/// and behind it, from version 1 on, the generation. No version is named; version 0 ends before the generation.
/// </summary>
static class StickyUserData
{
    const string Name = "the sticky assignor's user data";
    const short Version = 1;
    const int LeastTopicBytes = sizeof(short) + sizeof(int);
    const int TopicCharge = 40;

    public static byte[] Write(Ownership owned)
    {
        var writer = new KafkaWriter();
        List<IGrouping<string, TopicPartition>> topics = [.. owned.Partitions.GroupBy(partition => partition.Topic)];
        writer.WriteInt32(topics.Count);
        foreach (var topic in topics)
        {
            writer.WriteString(topic.Key, "topic");
            int[] numbers = [.. topic.Select(partition => partition.Partition)];
            writer.WriteInt32(numbers.Length);
            writer.WriteInt32s(numbers);
        }
        writer.WriteInt32(owned.Generation);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>What a member had; nothing, of no generation, where there is no user data or it cannot be read.</summary>
    public static Ownership Read(ReadOnlySpan<byte> userData)
    {
        if (userData.Length == 0)
            return Ownership.None;
        try
        {
            var reader = new KafkaReader(userData.ToArray(), Name, Version);
            var partitions = new List<TopicPartition>();
            for (var topics = reader.ReadArrayLength(LeastTopicBytes, TopicCharge); topics > 0; topics--)
            {
                var topic = reader.ReadString();
                for (var count = reader.ReadArrayLength(sizeof(int), sizeof(int)); count > 0; count--)
                    partitions.Add(new TopicPartition(topic, reader.ReadInt32()));
            }
            return new Ownership(partitions, reader.Remaining >= sizeof(int) ? Math.Max(-1, reader.ReadInt32()) : -1);
        }
        catch (MalformedMessageException)
        {
            return Ownership.None;
        }
    }
}
