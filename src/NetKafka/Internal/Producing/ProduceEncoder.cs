using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// Writes the body of a Produce request by hand, versions 3 to 13: large batches are lent to the send buffer and not copied.
/// Equal, byte for byte, to what the generated message writes.
/// </summary>
static class ProduceEncoder
{
    /// <summary>From this size a batch goes out from where it lies; below it a copy is cheaper than one more segment.</summary>
#if NETKAFKA_CHECKED
    public const int SmallestBorrowed = 128; // The simulation's batches are small.
#else
    public const int SmallestBorrowed = 8 * 1024;
#endif

    /// <summary>From this version on topics are named by their ids.</summary>
    public const short FirstWithTopicIds = 13;

    const short FirstFlexible = 9;

    /// <param name="buffer">Where the body goes.</param>
    /// <param name="version">The version.</param>
    /// <param name="transactionalId">The producer's name in transactions; null for none.</param>
    /// <param name="acks">The acks, as on the wire.</param>
    /// <param name="timeoutMs">How long the broker may wait for its replicas.</param>
    /// <param name="items">The batches, those of one topic together.</param>
    public static void Write(SendBuffer buffer, short version, string? transactionalId, short acks, int timeoutMs, ReadOnlySpan<ProduceItem> items)
    {
        var writer = buffer.Writer;
        var isFlexible = version >= FirstFlexible;
        if (isFlexible)
            writer.WriteNullableCompactString(transactionalId, "TransactionalId");
        else
            writer.WriteNullableString(transactionalId, "TransactionalId");
        writer.WriteInt16(acks);
        writer.WriteInt32(timeoutMs);
        WriteCount(writer, CountTopics(items), isFlexible);
        for (var first = 0; first < items.Length;)
        {
            var topic = items[first].Batch.Queue.Topic;
            var end = first + 1;
            while (end < items.Length && items[end].Batch.Queue.Topic == topic)
                end++;
            WriteTopic(buffer, version, topic, items[first..end]);
            first = end;
        }
        if (isFlexible)
            writer.WriteUnsignedVarint(0);
    }

    static void WriteTopic(SendBuffer buffer, short version, ProducerTopic topic, ReadOnlySpan<ProduceItem> items)
    {
        var writer = buffer.Writer;
        var isFlexible = version >= FirstFlexible;
        if (version >= FirstWithTopicIds)
            writer.WriteUuid(items[0].TopicId);
        else if (isFlexible)
            writer.WriteCompactString(topic.Name, "Name");
        else
            writer.WriteString(topic.Name, "Name");
        WriteCount(writer, items.Length, isFlexible);
        foreach (ref readonly var item in items)
        {
            var bytes = item.Batch.Bytes;
            writer.WriteInt32(item.Batch.Queue.Partition);
            if (isFlexible)
                writer.WriteUnsignedVarint((uint)bytes.Count + 1);
            else
                writer.WriteInt32(bytes.Count);
            if (bytes.Count >= SmallestBorrowed)
                buffer.Borrow(bytes);
            else
                writer.WriteRaw(bytes);
            if (isFlexible)
                writer.WriteUnsignedVarint(0);
        }
        if (isFlexible)
            writer.WriteUnsignedVarint(0);
    }

    static int CountTopics(ReadOnlySpan<ProduceItem> items)
    {
        var count = 0;
        for (var i = 0; i < items.Length; i++)
        {
            if (i == 0 || items[i].Batch.Queue.Topic != items[i - 1].Batch.Queue.Topic)
                count++;
        }
        return count;
    }

    static void WriteCount(KafkaWriter writer, int count, bool isFlexible)
    {
        if (isFlexible)
            writer.WriteUnsignedVarint((uint)count + 1);
        else
            writer.WriteInt32(count);
    }
}
