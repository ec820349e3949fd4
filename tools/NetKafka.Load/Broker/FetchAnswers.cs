using System.Buffers.Binary;
using System.Collections.Concurrent;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Load.Broker;

/// <summary>
/// Fetch, versions 4 to 12, from topics without an end: whatever offset is asked for, the next records begin there. Not
/// thread-safe: one a connection.
/// </summary>
sealed class FetchAnswers(
    Topics topics, BrokerCounts counts, BrokerOptions options, ConcurrentDictionary<TopicShape, RecordSet> sets, FetchSessions sessions)
{
    public const short LowestVersion = 4;

    /// <summary>The last version that names topics and does not give their ids.</summary>
    public const short HighestVersion = 12;

    /// <summary>Far beyond what anybody reads.</summary>
    const long HighWatermark = 1L << 50;

    // What one call may be handed (IOV_MAX is 1,024).
    const int MaxPieces = 1000;

    readonly List<Part> _parts = [];
    readonly List<int> _ends = [];
    byte[] _heads = [];

    /// <summary>Answers with the pieces of one send, in <paramref name="pieces"/>; they live until the next call.</summary>
    public void Answer(FetchRequest request, short version, int correlationId, KafkaWriter output, List<ArraySegment<byte>> pieces)
    {
        var error = sessions.Find(request, version, out var session);
        _parts.Clear();
        var id = 0;
        if (error == ErrorCode.None)
        {
            lock (session)
            {
                session.Update(request, topics);
                Choose(session, request.MaxBytes, isFull: request.SessionEpoch <= FetchSessions.FirstEpoch);
                session.Rotate();
                id = session.Id;
                // One without partitions is of no use to anybody, and the client is told that it has none.
                if (session.Partitions.Count == 0 && id != 0)
                {
                    sessions.Close(session);
                    id = 0;
                }
            }
        }
        output.Reset();
        output.WriteInt32(0);
        ResponseFrame.WriteHeader(output, FetchRequest.ResponseHeaderVersion(version), correlationId);
        output.WriteInt32(0);
        if (version >= 7)
        {
            output.WriteErrorCode(error);
            output.WriteInt32(id);
        }
        WriteTopics(output, version);
        if (version >= 12)
            output.WriteUnsignedVarint(0);
        output.PatchInt32(0, output.Length - 4 + _parts.Sum(static part => part.Bytes));
        Compose(output, pieces);
        counts.Fetched(_parts.Sum(static part => (long)part.Records));
    }

    /// <summary>
    /// Chooses what goes out: in a full answer every partition stands, in an incremental one those that have records and those
    /// of which nothing was said yet.
    /// </summary>
    void Choose(FetchSession session, long budget, bool isFull)
    {
        var (pieces, isFirst) = (1, true);
        foreach (var partition in session.Partitions)
        {
            var set = sets.GetOrAdd(partition.Topic.Shape, shape => RecordSet.Build(shape, options.BatchBytes, options.SetBytes));
            var part = Fit(partition, set, Math.Min(budget, partition.MaxBytes), MaxPieces - pieces, isFirst);
            partition.IsServed = part.Batches > 0;
            if (!isFull && partition.IsTold && !partition.IsServed)
                continue;
            partition.IsTold = true;
            _parts.Add(part);
            budget -= part.Bytes;
            pieces += part.Batches == 0 ? 0 : (2 * part.Batches) + 1;
            isFirst &= part.Batches == 0;
        }
    }

    /// <summary>How many batches go into the bytes; the first batch of an answer goes in any case, as a broker does it.</summary>
    static Part Fit(FetchedPartition partition, RecordSet set, long budget, int pieces, bool isFirst)
    {
        var (batches, bytes, records) = (0, 0, 0);
        foreach (var batch in set.Batches)
        {
            var size = RecordSet.HeadBytes + batch.Rest.Count;
            if ((bytes + size > budget && !(isFirst && batches == 0)) || (2 * (batches + 1)) + 1 > pieces)
                break;
            (batches, bytes, records) = (batches + 1, bytes + size, records + batch.Records);
        }
        return new Part(partition.Topic, partition.Index, partition.Offset, set, batches, bytes, records);
    }

    void WriteTopics(KafkaWriter output, short version)
    {
        var isFlexible = version >= 12;
        _ends.Clear();
        var topicCount = 0;
        for (var at = 0; at < _parts.Count; at += LengthOfTopic(at))
            topicCount++;
        WriteLength(output, topicCount, isFlexible);
        for (var at = 0; at < _parts.Count;)
        {
            var length = LengthOfTopic(at);
            if (isFlexible)
                output.WriteCompactString(_parts[at].Topic.Name, "Topic");
            else
                output.WriteString(_parts[at].Topic.Name, "Topic");
            WriteLength(output, length, isFlexible);
            for (var end = at + length; at < end; at++)
            {
                WritePartition(output, version, _parts[at]);
                _ends.Add(output.Length);
                if (isFlexible)
                    output.WriteUnsignedVarint(0);
            }
            if (isFlexible)
                output.WriteUnsignedVarint(0);
        }
    }

    /// <summary>How many parts from one on are of one topic.</summary>
    int LengthOfTopic(int start)
    {
        var end = start + 1;
        while (end < _parts.Count && _parts[end].Topic == _parts[start].Topic)
            end++;
        return end - start;
    }

    /// <summary>All of a partition but its records.</summary>
    static void WritePartition(KafkaWriter output, short version, in Part part)
    {
        output.WriteInt32(part.Index);
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
            output.WriteUnsignedVarint((uint)part.Bytes + 1);
        else
            output.WriteInt32(part.Bytes);
    }

    /// <summary>Lays control bytes, heads and batches out in their order.</summary>
    void Compose(KafkaWriter output, List<ArraySegment<byte>> pieces)
    {
        pieces.Clear();
        var headBytes = _parts.Sum(static part => part.Batches) * RecordSet.HeadBytes;
        if (_heads.Length < headBytes)
            _heads = new byte[headBytes];
        var (control, head) = (0, 0);
        for (var i = 0; i < _parts.Count; i++)
        {
            var part = _parts[i];
            if (part.Batches == 0)
                continue;
            pieces.Add(new ArraySegment<byte>(output.GetBuffer(), control, _ends[i] - control));
            control = _ends[i];
            var offset = part.Offset;
            foreach (var batch in part.Set.Batches.AsSpan(0, part.Batches))
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

    /// <summary>What an answer says of one partition.</summary>
    readonly record struct Part(TopicLog Topic, int Index, long Offset, RecordSet Set, int Batches, int Bytes, int Records);
}
