using NetKafka.Protocol;
using NetKafka.Protocol.Records;

namespace NetKafka.Load.Broker;

/// <summary>
/// Produce, versions 3 to 12, read by hand as far as topic, partition and the header of each batch. Not thread-safe: one a
/// connection.
/// </summary>
sealed class ProduceAnswers(Topics topics, BrokerCounts counts, BatchCheck? check)
{
    public const short LowestVersion = 3;

    /// <summary>The last version that names topics and does not give their ids.</summary>
    public const short HighestVersion = 12;

    readonly List<TopicLog> _seen = [];
    readonly byte[] _header = new byte[RecordBatchWriter.HeaderSize];
    byte[] _batch = [];

    /// <summary>Reads a request behind its header, and writes the whole answer.</summary>
    /// <returns>False if the client wants no answer (acks = 0).</returns>
    public bool TryAnswer(FrameInput input, short version, int correlationId, KafkaWriter output)
    {
        var isFlexible = version >= 9;
        var before = output.Length;
        output.WriteInt32(0);
        output.WriteInt32(correlationId);
        if (isFlexible)
            output.WriteUnsignedVarint(0);

        SkipString(input, isFlexible);
        var acks = input.ReadInt16();
        input.ReadInt32();
        var batches = 0;
        long records = 0, bytes = 0;
        var topicCount = ReadLength(input, isFlexible);
        WriteLength(output, topicCount, isFlexible);
        for (var i = 0; i < topicCount; i++)
        {
            var nameLength = isFlexible ? input.ReadUnsignedVarint() - 1 : input.ReadInt16();
            var topic = topics.Find(input.Take(nameLength), _seen);
            WriteName(output, topic, isFlexible);
            var partitionCount = ReadLength(input, isFlexible);
            WriteLength(output, partitionCount, isFlexible);
            for (var j = 0; j < partitionCount; j++)
            {
                var partition = input.ReadInt32();
                var size = ReadLength(input, isFlexible);
                var count = size > 0 ? TakeBatch(input, topic, partition, size) : 0;
                SkipTags(input, isFlexible);
                WritePartition(output, version, partition, topic.Append(partition, count));
                (batches, records, bytes) = (batches + 1, records + count, bytes + size);
            }
            SkipTags(input, isFlexible);
            if (isFlexible)
                output.WriteUnsignedVarint(0);
        }
        output.WriteInt32(0);
        if (isFlexible)
            output.WriteUnsignedVarint(0);
        output.PatchInt32(before, output.Length - before - 4);
        counts.Produced(batches, records, bytes);
        if (acks != 0)
            return true;
        output.Truncate(before);
        return false;
    }

    int TakeBatch(FrameInput input, TopicLog topic, int partition, int size)
    {
        if (check is null)
        {
            input.Read(_header);
            input.Skip(size - _header.Length);
            return BatchCheck.CountOf(_header);
        }
        if (_batch.Length < size)
            _batch = new byte[size];
        input.Read(_batch.AsSpan(0, size));
        return check.Check(topic, partition, _batch.AsMemory(0, size));
    }

    static void WritePartition(KafkaWriter output, short version, int partition, long baseOffset)
    {
        var isFlexible = version >= 9;
        output.WriteInt32(partition);
        output.WriteErrorCode(baseOffset < 0 ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        output.WriteInt64(baseOffset);
        output.WriteInt64(-1);
        if (version >= 5)
            output.WriteInt64(0);
        if (version >= 8)
        {
            WriteLength(output, 0, isFlexible);
            // No message: the length of a null string.
            if (isFlexible)
                output.WriteUnsignedVarint(0);
            else
                output.WriteInt16(-1);
        }
        if (isFlexible)
            output.WriteUnsignedVarint(0);
    }

    static void WriteName(KafkaWriter output, TopicLog topic, bool isFlexible)
    {
        if (isFlexible)
            output.WriteUnsignedVarint((uint)topic.NameBytes.Length + 1);
        else
            output.WriteInt16((short)topic.NameBytes.Length);
        output.WriteRaw(topic.NameBytes);
    }

    static int ReadLength(FrameInput input, bool isFlexible) => isFlexible ? input.ReadUnsignedVarint() - 1 : input.ReadInt32();

    static void WriteLength(KafkaWriter output, int length, bool isFlexible)
    {
        if (isFlexible)
            output.WriteUnsignedVarint((uint)length + 1);
        else
            output.WriteInt32(length);
    }

    static void SkipString(FrameInput input, bool isFlexible)
    {
        var length = isFlexible ? input.ReadUnsignedVarint() - 1 : input.ReadInt16();
        if (length > 0)
            input.Skip(length);
    }

    static void SkipTags(FrameInput input, bool isFlexible)
    {
        if (!isFlexible)
            return;
        for (var tags = input.ReadUnsignedVarint(); tags > 0; tags--)
        {
            input.ReadUnsignedVarint();
            input.Skip(input.ReadUnsignedVarint());
        }
    }
}
