using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// Makes typed records of what was acquired. Offsets that were acquired and have no record are said to be gaps, batches that are damaged are
/// rejected, and records that came along without being acquired are left out. It runs on the thread of whoever reads.
/// </summary>
sealed class ShareReader<TKey, TValue>(
    ShareQueue queue, CompressionPool compression, RecordMaker<TKey, TValue> maker, bool isImplicit)
    : OpenedBatch(compression)
{
    readonly List<int> _given = [];
    readonly Lock _holds = new();
    AcquiredBatch? _givenOf;
    AcquiredBatch? _batch;
    HeldBatch? _hold;
    RecordCursor _cursor;
    KafkaException? _error;
    int _position;
    int _next;

    /// <summary>Whether bytes are kept for records that are still worked on when the next is asked for; see <see cref="TakeHold"/>.</summary>
    public bool KeepsBytes { get; set; }

    /// <summary>The next record; what was given before is accepted with this call, where the application does not say so itself.</summary>
    /// <returns>False if nothing is there yet.</returns>
    /// <exception cref="KafkaSerializationException">A key or value cannot be read; the next call goes on behind it.</exception>
    /// <exception cref="KafkaProtocolException">A batch is damaged, and was rejected; the next call goes on behind it.</exception>
    public bool TryNext(Instant now, out ShareRecord<TKey, TValue> record)
    {
        Finish(AcknowledgeType.Accept);
        return TryGive(now, isAnother: false, out record);
    }

    /// <summary>Records of one batch as a producer wrote it; what was given before is accepted with this call, where the application does not say so itself.</summary>
    /// <returns>None if nothing is there yet.</returns>
    public List<ShareRecord<TKey, TValue>> NextBatch(int mostRecords, Instant now)
    {
        Finish(AcknowledgeType.Accept);
        var records = new List<ShareRecord<TKey, TValue>>();
        try
        {
            while (records.Count < mostRecords && TryGive(now, isAnother: records.Count > 0, out var record))
            {
                if (records.Count == 0)
                    records.EnsureCapacity(Math.Min(mostRecords, Math.Max(1, Opened.RecordCount)));
                records.Add(record);
            }
        }
        catch (KafkaException error) when (records.Count > 0)
        {
            // Those before it come first; what was thrown is of no record of theirs.
            _error = error;
        }
        return records;
    }

    /// <summary>Says the same of all that was given last, where the application does not say so itself.</summary>
    public void Finish(AcknowledgeType type)
    {
#if NETKAFKA_CHECKED
        type = Planted.Has(Bug.RecordInHandIsAccepted) ? AcknowledgeType.Accept : type;
#endif
        if (isImplicit && _givenOf is not null)
        {
            foreach (var index in _given)
                queue.Acknowledge(_givenOf, index, (sbyte)type);
        }
        _given.Clear();
    }

    /// <summary>What a record that could not be read is known by.</summary>
    public (AcquiredBatch Batch, int Index)? Unreadable { get; private set; }

    /// <summary>Nothing is said of a record by itself: the reading loop decides on it.</summary>
    public void Forget() => _given.Clear();

    /// <summary>A share of the bytes of the record that was given last; given back by <see cref="LetGo"/>.</summary>
    public HeldBatch? TakeHold()
    {
        lock (_holds)
        {
            _hold?.Share();
            return _hold;
        }
    }

    public void LetGo(HeldBatch hold)
    {
        lock (_holds)
        {
            if (hold.Release(Compression))
                hold.Chunk.Return();
        }
    }

    /// <summary>Lets go of what is in hand: the consumer is over, or works no more.</summary>
    public void Abandon()
    {
        _given.Clear();
        EndChunk();
    }

    /// <param name="now">The time.</param>
    /// <param name="isAnother">Whether it is to be of the batch that is open.</param>
    /// <param name="record">The record.</param>
    bool TryGive(Instant now, bool isAnother, out ShareRecord<TKey, TValue> record)
    {
        record = default;
        if (!isAnother && Interlocked.Exchange(ref _error, null) is { } error)
            throw error;
        while (true)
        {
            if (_batch is null && (isAnother || !TryBegin(now)))
                return false;
            try
            {
                if (!IsOpen && (isAnother || !TryOpen()))
                {
                    if (isAnother)
                        return false;
                    continue;
                }
                if (TryGiveOpened(now, out record))
                    return true;
            }
            catch (InvalidRecordBatchException damage)
            {
                throw Damaged(damage);
            }
        }
    }

    bool TryBegin(Instant now)
    {
        while (queue.TryTake(out var batch))
        {
            (_batch, _position, _next) = (batch, 0, 0);
            if (batch.LockedUntil > now)
                return true;
            EndChunk();
        }
        return false;
    }

    /// <summary>Opens the next batch that holds something acquired.</summary>
    /// <returns>False once there is none: what is left has no records.</returns>
    bool TryOpen()
    {
        var batch = _batch!;
        while (_next < batch.Count)
        {
            if (batch.Chunk is not { } chunk || !RecordBatchHeader.TryRead(chunk.Bytes, _position, out Opened))
                break;
            _position += Opened.SizeInBytes;
            if (Opened.LastOffset < batch.OffsetOf(_next))
                continue;
            Header.CheckCrc(chunk.Bytes);
            if (Header.IsControl)
            {
                SayGaps(Header.NextOffset);
                continue;
            }
            ReadBody(batch.Owner, chunk.Source);
            _cursor = new RecordCursor(Header, Body);
            Hold(chunk);
            return IsOpen = true;
        }
        SayGaps(long.MaxValue);
        EndChunk();
        return false;
    }

    bool TryGiveOpened(Instant now, out ShareRecord<TKey, TValue> record)
    {
        var batch = _batch!;
        var body = Body;
        while (_cursor.TryRead(body, out var slice))
        {
            SayGaps(slice.Offset);
            var isAcquired = _next < batch.Count && batch.OffsetOf(_next) == slice.Offset;
#if NETKAFKA_CHECKED
            if (!isAcquired && Planted.Has(Bug.RecordsThatWereNotAcquiredAreGiven))
            {
                record = new ShareRecord<TKey, TValue>(maker.Make(this, body, slice), null, -1, 1);
                return true;
            }
#endif
            if (!isAcquired)
                continue;
            var index = _next++;
            if (!queue.TryGive(batch, index, now))
                continue;
            _givenOf = batch;
            try
            {
                record = new ShareRecord<TKey, TValue>(maker.Make(this, body, slice), batch, index, batch.DeliveryCountOf(index));
                _given.Add(index);
                return true;
            }
            catch (KafkaSerializationException)
            {
                Unreadable = (batch, index);
                throw;
            }
        }
        SayGaps(Header.NextOffset);
        CloseBatch();
        record = default;
        return false;
    }

    /// <summary>Says of what was acquired before an offset, and has not come by, that there is nothing.</summary>
    void SayGaps(long offset)
    {
        var batch = _batch!;
        while (_next < batch.Count && batch.OffsetOf(_next) < offset)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.GapIsNotAcknowledged))
            {
                _next++;
                continue;
            }
#endif
            queue.Acknowledge(batch, _next++, AcquiredBatch.Gap);
        }
    }

    /// <summary>Rejects what was acquired of a damaged batch; where not even its end is known, the rest is released.</summary>
    KafkaProtocolException Damaged(InvalidRecordBatchException damage)
    {
        var batch = _batch!;
        var offset = Math.Max(damage.BaseOffset, _next < batch.Count ? batch.OffsetOf(_next) : damage.BaseOffset);
        var isKnown = Opened.BaseOffset == damage.BaseOffset;
        var end = batch.Count;
        if (isKnown)
            end = Math.Min(batch.IndexFrom(Opened.NextOffset), NextBatchIndex(batch));
        queue.Acknowledge(batch, _next, Math.Max(0, end - _next), (sbyte)(isKnown ? AcknowledgeType.Reject : AcknowledgeType.Release));
        _next = Math.Max(_next, end);
        CloseBatch();
        if (!isKnown)
            EndChunk();
        return new KafkaProtocolException(
            $"{batch.Partition} cannot be read at offset {offset}: {damage.Message} Its records were {(isKnown ? "rejected" : "released")}; a new loop goes on behind them.",
            damage)
        {
            Code = damage.Reason == InvalidRecordBatchReason.CrcMismatch ? ErrorCode.CorruptMessage : ErrorCode.None, Partition = batch.Partition,
        };
    }

    /// <summary>Where the batch behind a damaged one begins, which its own header may not say truly.</summary>
    int NextBatchIndex(AcquiredBatch batch)
    {
        try
        {
            return batch.Chunk is { } chunk && RecordBatchHeader.TryRead(chunk.Bytes, _position, out var following)
                ? batch.IndexFrom(following.BaseOffset)
                : batch.Count;
        }
        catch (InvalidRecordBatchException)
        {
            return batch.Count;
        }
    }

    void Hold(FetchedChunk chunk)
    {
        if (!KeepsBytes)
            return;
        chunk.Share();
        var (decompressed, buffer, bytes) = TakeBytes();
        _hold = new HeldBatch(chunk, decompressed, buffer, bytes);
    }

    void CloseBatch()
    {
        Close();
        if (_hold is null)
            return;
        LetGo(_hold);
        _hold = null;
    }

    void EndChunk()
    {
        CloseBatch();
        _batch?.Chunk?.Return();
        if (_batch is not null)
            _batch.Chunk = null;
        _batch = null;
    }
}
