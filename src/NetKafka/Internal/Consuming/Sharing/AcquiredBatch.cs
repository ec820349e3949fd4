using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// What one fetch has acquired of one partition, and what is to be said of each of its records: data, not a machine. All that changes does so
/// under the gate of the <see cref="ShareQueue"/>.
/// </summary>
sealed class AcquiredBatch : AcquiredRecords
{
    /// <summary>Nothing is to be said.</summary>
    public const sbyte Nothing = -1;

    /// <summary>There is no record at this offset: it was compacted away, or tells of a transaction.</summary>
    public const sbyte Gap = 0;

    public const sbyte Renew = (sbyte)AcknowledgeType.Renew;

    readonly AcquiredRange[] _ranges;
    readonly RecordStage[] _stages;

    // What is to be sent of each record, and what is on its way.
    readonly sbyte[] _wanted;
    readonly sbyte[] _sent;

    public AcquiredBatch(AssignedPartition owner, Guid topicId, ShareSession session, AcquiredRange[] ranges, Instant lockedAt, TimeSpan lockTime)
    {
        (Owner, TopicId, Session, _ranges, LockedAt, LockTime) = (owner, topicId, session, ranges, lockedAt, lockTime);
        Count = ranges is [.., var last] ? last.FirstIndex + (int)(last.LastOffset - last.FirstOffset + 1) : 0;
        (_stages, _wanted, _sent, OpenCount) = (new RecordStage[Count], new sbyte[Count], new sbyte[Count], Count);
        Array.Fill(_wanted, Nothing);
        Array.Fill(_sent, Nothing);
    }

    public AssignedPartition Owner { get; }

    public TopicPartition Partition => Owner.Partition;

    public Guid TopicId { get; }

    /// <summary>The session that it was acquired in, which is the only one to acknowledge it in.</summary>
    public ShareSession Session { get; }

    /// <summary>The bytes that came with it; null where none did, or the reader is through with them.</summary>
    public FetchedChunk? Chunk { get; set; }

    /// <summary>How many offsets there are.</summary>
    public int Count { get; }

    /// <summary>How many of them the broker may still hold locked for this consumer.</summary>
    public int OpenCount { get; private set; }

    /// <summary>Of how many something is to be said that was not sent.</summary>
    public int WantedCount { get; private set; }

    /// <summary>Of how many of these the lock is to be renewed.</summary>
    public int RenewalCount { get; private set; }

    public int SentCount { get; private set; }

    /// <summary>Since when the locks last for <see cref="LockTime"/>.</summary>
    public Instant LockedAt { get; set; }

    public TimeSpan LockTime { get; }

    public Instant LockedUntil => LockedAt + LockTime;

    public bool HasPending => WantedCount + SentCount > 0;

    public override short DeliveryCountOf(int index) => RangeOf(index).DeliveryCount;

    public long OffsetOf(int index)
    {
        ref readonly var range = ref RangeOf(index);
        return range.FirstOffset + (index - range.FirstIndex);
    }

    public RecordStage StageOf(int index) => _stages[index];

    /// <summary>The application is given a record.</summary>
    /// <returns>False if it is not this consumer's any more.</returns>
    public bool TryGive(int index)
    {
        if (_stages[index] != RecordStage.Waiting)
            return false;
        _stages[index] = RecordStage.Given;
        return true;
    }

    /// <summary>Something is to be said of a record. Its last word has not been said before.</summary>
    /// <returns>False if it has, or if the record is not this consumer's any more.</returns>
    public bool TryWant(int index, sbyte type)
    {
        if (_stages[index] is RecordStage.Ended or RecordStage.Lost || IsFinal(_wanted[index]) || IsFinal(_sent[index]))
            return false;
        Forget(index);
        Want(index, type);
        return true;
    }

    /// <summary>Every lock that is held, and of which nothing else is to be said, is to be renewed.</summary>
    public void WantRenewal()
    {
        for (var i = 0; i < Count; i++)
        {
            if (_stages[i] is RecordStage.Waiting or RecordStage.Given && _wanted[i] == Nothing && _sent[i] == Nothing)
                TryWant(i, Renew);
        }
    }

    /// <summary>Takes what is to be said, to be sent now. What is said of a record waits for the answer to what was said before.</summary>
    public void Collect(List<SentRange> sent)
    {
        if (WantedCount == 0)
            return;
        foreach (ref readonly var range in _ranges.AsSpan())
        {
            var end = range.FirstIndex + (int)(range.LastOffset - range.FirstOffset) + 1;
            for (var i = range.FirstIndex; i < end;)
            {
                var (first, type) = (i, _wanted[i]);
                for (; i < end && type != Nothing && _wanted[i] == type && _sent[i] == Nothing; i++)
                    (_sent[i], _wanted[i]) = (type, Nothing);
                if (i == first)
                {
                    i++;
                    continue;
                }
                sent.Add(new SentRange(this, first, i - first, type));
                WantedCount -= i - first;
                RenewalCount -= type == Renew ? i - first : 0;
                SentCount += i - first;
            }
        }
    }

    /// <summary>The broker has taken what was sent.</summary>
    public void Accept(in SentRange sent, Instant sentAt)
    {
        ClearSent(sent);
        if (sent.Type == Renew)
            LockedAt = Instant.Later(LockedAt, sentAt);
        else
            End(sent, RecordStage.Ended);
    }

    /// <summary>What was sent is to be sent again, unless something else is by now.</summary>
    public void SendAgain(in SentRange sent)
    {
        ClearSent(sent);
        for (var i = sent.Index; i < sent.Index + sent.Count; i++)
        {
            if (_stages[i] is RecordStage.Ended or RecordStage.Lost || _wanted[i] != Nothing)
                continue;
            Want(i, sent.Type);
        }
    }

    /// <summary>What was sent does not count. A record whose last word it was, or whose lock is gone, has ended with it.</summary>
    public void Refuse(in SentRange sent, bool isLost)
    {
        ClearSent(sent);
        if (isLost)
            End(sent, RecordStage.Lost);
        else if (sent.Type != Renew)
            End(sent, RecordStage.Ended);
    }

    /// <summary>The records of these indexes are not this consumer's any more.</summary>
    /// <param name="first">The first index.</param>
    /// <param name="count">How many.</param>
    /// <param name="lost">Takes those of which the application has said something that is to be sent, or on its way.</param>
    public void Lose(int first, int count, List<int> lost)
    {
        for (var i = first; i < first + count; i++)
        {
            if (_stages[i] is RecordStage.Ended or RecordStage.Lost)
                continue;
            if (IsOfApplication(_wanted[i]) || IsOfApplication(_sent[i]))
                lost.Add(i);
            EndOne(i, RecordStage.Lost);
            if (_sent[i] != Nothing)
                SentCount--;
            _sent[i] = Nothing;
        }
    }

    /// <summary>The first index whose offset is not below one; <see cref="Count"/> where there is none.</summary>
    public int IndexFrom(long offset)
    {
        foreach (ref readonly var range in _ranges.AsSpan())
        {
            if (range.LastOffset >= offset)
                return range.FirstIndex + (int)Math.Max(0, offset - range.FirstOffset);
        }
        return Count;
    }

    static bool IsFinal(sbyte type) => type is not (Nothing or Renew);

    static bool IsOfApplication(sbyte type) => type is not (Nothing or Gap);

    void ClearSent(in SentRange sent)
    {
        for (var i = sent.Index; i < sent.Index + sent.Count; i++)
        {
            SentCount -= _sent[i] == Nothing ? 0 : 1;
            _sent[i] = Nothing;
        }
    }

    void End(in SentRange sent, RecordStage stage)
    {
        for (var i = sent.Index; i < sent.Index + sent.Count; i++)
        {
            if (_stages[i] is RecordStage.Waiting or RecordStage.Given)
                EndOne(i, stage);
        }
    }

    void EndOne(int index, RecordStage stage)
    {
        _stages[index] = stage;
        OpenCount--;
        Forget(index);
    }

    void Want(int index, sbyte type)
    {
        _wanted[index] = type;
        WantedCount++;
        RenewalCount += type == Renew ? 1 : 0;
    }

    void Forget(int index)
    {
        if (_wanted[index] == Nothing)
            return;
        WantedCount--;
        RenewalCount -= _wanted[index] == Renew ? 1 : 0;
        _wanted[index] = Nothing;
    }

    ref readonly AcquiredRange RangeOf(int index)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_ranges[middle].FirstIndex <= index)
                low = middle;
            else
                high = middle - 1;
        }
        return ref _ranges[low];
    }
}
