using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// Reads the answer to a Produce request by hand, versions 3 to 13, into the items that were sent: an answer without errors
/// allocates nothing.
/// </summary>
static class ProduceDecoder
{
    const short FirstFlexible = 9;
    const short FirstWithLeaders = 10;

    /// <param name="body">The body of the answer.</param>
    /// <param name="version">Its version.</param>
    /// <param name="items">The batches that were sent; those of one topic together.</param>
    /// <param name="endpoints">Where brokers listen that the answer names (KIP-951); null where it names none.</param>
    /// <returns>For how long the broker wants to be left alone, in milliseconds.</returns>
    /// <exception cref="MalformedMessageException">The bytes are no such answer.</exception>
    public static int Read(ReadOnlyMemory<byte> body, short version, Span<ProduceItem> items, out List<NodeEndpoint>? endpoints)
    {
        var reader = new KafkaReader(body, "ProduceResponse", version);
        var isFlexible = version >= FirstFlexible;
        endpoints = null;
        var topics = isFlexible ? reader.ReadCompactArrayLength(3, 0) : reader.ReadArrayLength(6, 0);
        for (var i = 0; i < topics; i++)
            ReadTopic(ref reader, version, items);
        var throttleMs = reader.ReadInt32();
        if (!isFlexible)
            return throttleMs;
        var tags = reader.BeginTags();
        while (reader.NextTag(ref tags))
        {
            if (tags.Tag == 0 && version >= FirstWithLeaders)
                endpoints = ReadEndpoints(ref reader);
            else
                reader.SkipTag();
        }
        return throttleMs;
    }

    static void ReadTopic(ref KafkaReader reader, short version, Span<ProduceItem> items)
    {
        var isFlexible = version >= FirstFlexible;
        Span<ProduceItem> own;
        if (version >= ProduceEncoder.FirstWithTopicIds)
        {
            var id = reader.ReadUuid();
            own = OfTopic(items, id, default);
        }
        else
        {
            var name = isFlexible ? reader.ReadCompactRecords() : reader.ReadSlice(reader.ReadInt16());
            own = OfTopic(items, default, name.Span);
        }
        var partitions = isFlexible ? reader.ReadCompactArrayLength(33, 0) : reader.ReadArrayLength(22, 0);
        var unknown = default(ProduceItem);
        for (var i = 0; i < partitions; i++)
        {
            var index = reader.ReadInt32();
            var at = i < own.Length && own[i].Batch.Queue.Partition == index ? i : Find(own, index);
            // Partitions that were not asked for are read and dropped.
            ReadPartition(ref reader, version, ref at >= 0 ? ref own[at] : ref unknown);
        }
        if (isFlexible)
            reader.SkipTags();
    }

    static void ReadPartition(ref KafkaReader reader, short version, ref ProduceItem item)
    {
        var isFlexible = version >= FirstFlexible;
        item.Error = reader.ReadErrorCode();
        item.BaseOffset = reader.ReadInt64();
        item.LogAppendTimeMs = reader.ReadInt64();
        item.LogStartOffset = version >= 5 ? reader.ReadInt64() : -1;
        item.LeaderId = item.LeaderEpoch = -1;
        if (version >= 8)
        {
            var errors = isFlexible ? reader.ReadCompactArrayLength(6, 80) : reader.ReadArrayLength(6, 80);
            for (var i = 0; i < errors; i++)
            {
                var index = reader.ReadInt32();
                var message = isFlexible ? reader.ReadNullableCompactString() : reader.ReadNullableString();
                if (isFlexible)
                    reader.SkipTags();
                (item.RecordMessages ??= [])[index] = message ?? "refused by the broker";
            }
            item.Message = isFlexible ? reader.ReadNullableCompactString() : reader.ReadNullableString();
        }
        if (isFlexible)
        {
            var tags = reader.BeginTags();
            while (reader.NextTag(ref tags))
            {
                if (tags.Tag == 0 && version >= FirstWithLeaders)
                {
                    item.LeaderId = reader.ReadInt32();
                    item.LeaderEpoch = reader.ReadInt32();
                    reader.SkipTags();
                }
                else
                {
                    reader.SkipTag();
                }
            }
        }
        item.IsAnswered = true;
    }

    static List<NodeEndpoint> ReadEndpoints(ref KafkaReader reader)
    {
        var count = reader.ReadCompactArrayLength(11, 48);
        var endpoints = new List<NodeEndpoint>(count);
        for (var i = 0; i < count; i++)
        {
            endpoints.Add(new NodeEndpoint(
                reader.ReadInt32(), reader.ReadCompactString(), reader.ReadInt32(), reader.ReadNullableCompactString()));
            reader.SkipTags();
        }
        return endpoints;
    }

    static Span<ProduceItem> OfTopic(Span<ProduceItem> items, Guid id, ReadOnlySpan<byte> name)
    {
        for (var first = 0; first < items.Length;)
        {
            var topic = items[first].Batch.Queue.Topic;
            var end = first + 1;
            while (end < items.Length && items[end].Batch.Queue.Topic == topic)
                end++;
            if (name.IsEmpty ? items[first].TopicId == id : name.SequenceEqual(topic.Utf8Name))
                return items[first..end];
            first = end;
        }
        return default;
    }

    static int Find(Span<ProduceItem> items, int partition)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i].Batch.Queue.Partition == partition)
                return i;
        }
        return -1;
    }
}
