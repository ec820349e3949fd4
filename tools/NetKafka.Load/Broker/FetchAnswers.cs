using System.Buffers.Binary;
using System.Collections.Concurrent;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>
/// Fetch, versions 4 to 12, from topics without an end: whatever offset is asked for, the next records begin there. There
/// are no sessions, so a client names its partitions in each request. Not thread-safe: one a connection.
/// </summary>
sealed class FetchAnswers(Topics topics, BrokerCounts counts, BrokerOptions options, ConcurrentDictionary<TopicShape, RecordSet> sets)
{
    public const short LowestVersion = 4;

    /// <summary>The last version that names topics and does not give their ids.</summary>
    public const short HighestVersion = 12;

    /// <summary>Far beyond what anybody reads.</summary>
    const long HighWatermark = 1L << 50;

    // What one call may be handed (IOV_MAX is 1,024).
    const int MaxPieces = 1000;

    byte[] _heads = [];

    /// <summary>Answers with the pieces of one send, in <paramref name="pieces"/>; they live until the next call.</summary>
    public void Answer(FetchRequest request, short version, int correlationId, KafkaWriter output, List<ArraySegment<byte>> pieces)
    {
        var isFlexible = version >= 12;
        output.Reset();
        output.WriteInt32(0);
        ResponseFrame.WriteHeader(output, FetchRequest.ResponseHeaderVersion(version), correlationId);
        output.WriteInt32(0);
        if (version >= 7)
        {
            output.WriteInt16(0);
            output.WriteInt32(0);
        }
        WriteLength(output, request.Topics.Length, isFlexible);
        var plan = new List<(int ControlEnd, RecordSet Set, int Batches, long Offset)>();
        var budget = (long)request.MaxBytes;
        var (pieceCount, dataBytes, records) = (1, 0L, 0L);
        foreach (var topic in request.Topics)
        {
            var log = topics[topic.Topic];
            var set = sets.GetOrAdd(log.Shape, shape => RecordSet.Build(shape, options.BatchBytes, options.SetBytes));
            if (isFlexible)
                output.WriteCompactString(topic.Topic, "Topic");
            else
                output.WriteString(topic.Topic, "Topic");
            WriteLength(output, topic.Partitions.Length, isFlexible);
            foreach (var partition in topic.Partitions)
            {
                var (batches, bytes, count) = Fit(set, Math.Min(budget, partition.PartitionMaxBytes), MaxPieces - pieceCount, dataBytes == 0);
                WritePartition(output, version, partition, bytes);
                if (batches > 0)
                    plan.Add((output.Length, set, batches, partition.FetchOffset));
                (budget, dataBytes, records) = (budget - bytes, dataBytes + bytes, records + count);
                pieceCount += batches == 0 ? 0 : (2 * batches) + 1;
                if (isFlexible)
                    output.WriteUnsignedVarint(0);
            }
            if (isFlexible)
                output.WriteUnsignedVarint(0);
        }
        if (isFlexible)
            output.WriteUnsignedVarint(0);
        output.PatchInt32(0, checked((int)(output.Length - 4 + dataBytes)));
        Compose(plan, output, pieces);
        counts.Fetched(records);
    }

    /// <summary>How many batches go into the bytes; the first batch of an answer goes in any case, as a broker does it.</summary>
    static (int Batches, int Bytes, int Records) Fit(RecordSet set, long budget, int pieces, bool isFirst)
    {
        var (batches, bytes, records) = (0, 0, 0);
        foreach (var batch in set.Batches)
        {
            var size = RecordSet.HeadBytes + batch.Rest.Count;
            if ((bytes + size > budget && !(isFirst && batches == 0)) || (2 * (batches + 1)) + 1 > pieces)
                break;
            (batches, bytes, records) = (batches + 1, bytes + size, records + batch.Records);
        }
        return (batches, bytes, records);
    }

    static void WritePartition(KafkaWriter output, short version, FetchRequest.FetchPartition partition, int bytes)
    {
        output.WriteInt32(partition.Partition);
        output.WriteInt16(0);
        output.WriteInt64(HighWatermark);
        output.WriteInt64(HighWatermark);
        if (version >= 5)
            output.WriteInt64(0);
        // No aborted transactions: a null array.
        if (version >= 12)
            output.WriteUnsignedVarint(0);
        else
            output.WriteInt32(-1);
        if (version >= 11)
            output.WriteInt32(-1);
        if (version >= 12)
            output.WriteUnsignedVarint((uint)bytes + 1);
        else
            output.WriteInt32(bytes);
    }

    /// <summary>Lays control bytes, heads and batches out in their order.</summary>
    void Compose(List<(int ControlEnd, RecordSet Set, int Batches, long Offset)> plan, KafkaWriter output, List<ArraySegment<byte>> pieces)
    {
        pieces.Clear();
        var headBytes = plan.Sum(part => part.Batches) * RecordSet.HeadBytes;
        if (_heads.Length < headBytes)
            _heads = new byte[headBytes];
        var (control, head) = (0, 0);
        foreach (var (controlEnd, set, batches, start) in plan)
        {
            pieces.Add(new ArraySegment<byte>(output.GetBuffer(), control, controlEnd - control));
            control = controlEnd;
            var offset = start;
            foreach (var batch in set.Batches.AsSpan(0, batches))
            {
                BinaryPrimitives.WriteInt64BigEndian(_heads.AsSpan(head), offset);
                BinaryPrimitives.WriteInt32BigEndian(_heads.AsSpan(head + sizeof(long)), batch.Length);
                pieces.Add(new ArraySegment<byte>(_heads, head, RecordSet.HeadBytes));
                pieces.Add(batch.Rest);
                head += RecordSet.HeadBytes;
                offset += batch.Records;
            }
        }
        if (control < output.Length)
            pieces.Add(new ArraySegment<byte>(output.GetBuffer(), control, output.Length - control));
    }

    static void WriteLength(KafkaWriter output, int length, bool isFlexible)
    {
        if (isFlexible)
            output.WriteUnsignedVarint((uint)length + 1);
        else
            output.WriteInt32(length);
    }
}
