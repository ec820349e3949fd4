using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// Makes typed records of fetched batches, one by one or a batch at a time. It runs on the thread of whoever reads, and takes
/// the gate of the queue once a chunk, not once a record.
/// </summary>
sealed class RecordReader<TKey, TValue>(
    FetchQueue queue, CompressionPool compression, bool isReadCommitted, RecordMaker<TKey, TValue> maker)
    : OpenBatch<TKey, TValue>
{
    readonly ChunkReader _chunks = new(queue, compression, isReadCommitted) { OnMarker = maker.OnMarker };
    readonly RecordExtension<TKey, TValue>? _extension = maker.Extension;
    RecordCursor _cursor;
    long _handedOut = -1;

    public override TopicPartition Partition => _chunks.Chunk!.Owner.Partition;

    public override long FirstOffset => _chunks.FirstOffset;

    public override long LastOffset => _chunks.Header.LastOffset;

    public override int RecordCount => _chunks.Header.RecordCount;

    public override int LeaderEpoch => _chunks.Header.PartitionLeaderEpoch;

    /// <summary>Whether a record that cannot be read stays in hand when that is thrown, so that the reading loop may decide on it.</summary>
    public bool KeepsUnreadable { get; init; }

    /// <summary>What is in hand.</summary>
    public FetchedChunk Chunk => _chunks.Chunk!;

    /// <summary>The next record; the one before it is finished with this call.</summary>
    /// <returns>False if nothing is there yet.</returns>
    public bool TryNext(out ConsumerRecord<TKey, TValue> record)
    {
        queue.CountRead();
        if (_handedOut >= 0)
        {
            _chunks.Finish(_handedOut + 1);
            _handedOut = -1;
        }
        while (true)
        {
            if (_chunks.IsOpen && !_chunks.Chunk!.IsStale)
            {
                if (TryReadGuarded(out record))
                {
                    _handedOut = record.Offset;
#if NETKAFKA_CHECKED
                    if (Planted.Has(Bug.CommitNamesTheRecordInHand))
                        _chunks.Finish(record.Offset + 1);
#endif
                    return true;
                }
                _chunks.FinishBatch();
            }
            if (!OpenNext())
            {
                record = default;
                return false;
            }
        }
    }

    /// <summary>The next batch; the one before it is finished with this call.</summary>
    /// <returns>False if nothing is there yet.</returns>
    public bool TryNextBatch()
    {
        queue.CountRead();
        _handedOut = -1;
        if (_chunks.IsOpen)
            _chunks.FinishBatch();
        return OpenNext();
    }

    /// <summary>Leaves out the record that was handed out last and all behind it in what is in hand; reading has come to an offset before it.</summary>
    public void PassRest(long bound)
    {
        _handedOut = -1;
        _chunks.Finish(bound);
        _chunks.LeaveRest();
    }

    /// <summary>Takes the end of a log that is to be told; asked where there is nothing to read.</summary>
    public bool TryTakeEnd(out TopicPartitionOffset end)
    {
        end = _chunks.End.GetValueOrDefault();
        var isEnd = _chunks.End is not null;
        _chunks.End = null;
        return isEnd;
    }

    /// <summary>Says of a record in hand, and of all before it in its partition, that the application is done with it.</summary>
    /// <returns>False if it is not in hand any more.</returns>
    public bool MarkFinished(TopicPartition partition, long offset)
    {
        if (_chunks.Chunk is not { } chunk || chunk.Owner.Partition != partition || offset >= _chunks.Header.NextOffset || !_chunks.IsOpen)
            return false;
        if (offset >= chunk.Finished)
            _chunks.Finish(offset + 1);
        return true;
    }

    /// <summary>Says of all that is in hand that the application is done with it.</summary>
    public void MarkFinished()
    {
        if (_chunks.IsOpen)
            _chunks.Finish(_handedOut >= 0 ? _handedOut + 1 : _chunks.Header.NextOffset);
    }

    /// <summary>Lets go of what is in hand; what was not finished is read again.</summary>
    public void Abandon()
    {
        _handedOut = -1;
        Version++;
        _chunks.Abandon();
    }

    public override RecordCursor Begin() => new(_chunks.Header, _chunks.Body);

    public override bool TryRead(ref RecordCursor cursor, out ConsumerRecord<TKey, TValue> record)
    {
        try
        {
            var body = _chunks.Body;
            while (cursor.TryRead(body, out var slice))
            {
                // Records of a batch may lie before the place that reading began at.
                var isBefore = slice.Offset < _chunks.Chunk!.Finished;
#if NETKAFKA_CHECKED
                isBefore &= !Planted.Has(Bug.BatchIsGivenFromItsBeginning);
#endif
                if (isBefore)
                    continue;
                // Two ways into one place: a record is large, and would be copied from where they meet.
                if (_extension is null)
                    record = maker.Make(_chunks, body, slice);
                else
                    record = _extension.Make(_chunks, body, slice);
                return true;
            }
        }
        catch (InvalidRecordBatchException error)
        {
            throw _chunks.Damaged(error);
        }
        record = default;
        return false;
    }

    bool TryReadGuarded(out ConsumerRecord<TKey, TValue> record)
    {
        try
        {
            return TryRead(ref _cursor, out record);
        }
        catch (KafkaSerializationException error) when (KeepsUnreadable)
        {
            // In hand until it is decided on: it is finished with the next call, or comes again once this one is left.
            _handedOut = error.Offset;
            throw;
        }
        catch (KafkaException)
        {
            // The record stays the next one: it comes again unless a seek leads past it.
            _chunks.Abandon();
            throw;
        }
    }

    bool OpenNext()
    {
        Version++;
        if (!_chunks.TryOpen())
            return false;
        try
        {
            _cursor = Begin();
            return true;
        }
        catch (InvalidRecordBatchException error)
        {
            var damaged = _chunks.Damaged(error);
            _chunks.Abandon();
            throw damaged;
        }
    }
}
