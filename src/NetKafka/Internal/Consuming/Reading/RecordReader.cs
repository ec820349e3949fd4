using System.Runtime.CompilerServices;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// Makes typed records of fetched batches, one by one or a batch at a time. It runs on the thread of whoever reads, and takes
/// the gate of the queue once a chunk, not once a record.
/// </summary>
sealed class RecordReader<TKey, TValue>(
    FetchQueue queue, CompressionPool compression, bool isReadCommitted, IDeserializer<TKey> keys, IDeserializer<TValue> values)
    : OpenBatch<TKey, TValue>
{
    readonly ChunkReader _chunks = new(queue, compression, isReadCommitted);
    readonly bool _keysAreViews = keys is MemorySerde;
    readonly bool _valuesAreViews = values is MemorySerde;
    RecordCursor _cursor;
    long _handedOut = -1;

    public override TopicPartition Partition => _chunks.Chunk!.Owner.Partition;

    public override long FirstOffset => _chunks.FirstOffset;

    public override long LastOffset => _chunks.Header.LastOffset;

    public override int RecordCount => _chunks.Header.RecordCount;

    public override int LeaderEpoch => _chunks.Header.PartitionLeaderEpoch;

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
                record = Make(body, slice);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ConsumerRecord<TKey, TValue> Make(ReadOnlySpan<byte> body, in RecordSlice slice)
    {
        var key = _keysAreViews
            ? View<TKey>(slice.KeyPosition, slice.KeyLength)
            : Read(keys, body, slice.KeyPosition, slice.KeyLength, slice, isKey: true);
        var value = _valuesAreViews
            ? View<TValue>(slice.ValuePosition, slice.ValueLength)
            : Read(values, body, slice.ValuePosition, slice.ValueLength, slice, isKey: false);
        return new ConsumerRecord<TKey, TValue>(
            _chunks.Source, slice, _chunks.BodyStart, _chunks.Header.PartitionLeaderEpoch, _chunks.Header.TimestampType, key, value);
    }

    /// <summary>
    /// The bytes where they lie. Only for T = ReadOnlyMemory&lt;byte&gt;, whose serde it is that was asked for.
    /// </summary>
    T View<T>(int position, int length)
    {
        var view = length < 0 ? default : _chunks.Source.Slice(_chunks.BodyStart + position, length);
        return Unsafe.As<ReadOnlyMemory<byte>, T>(ref view);
    }

    T Read<T>(IDeserializer<T> format, ReadOnlySpan<byte> body, int position, int length, in RecordSlice slice, bool isKey)
    {
        try
        {
            return length < 0 ? format.DeserializeNull() : format.Deserialize(body.Slice(position, length));
        }
        catch (Exception error)
        {
            throw Unreadable(error, body, slice, isKey);
        }
    }

    KafkaSerializationException Unreadable(Exception error, ReadOnlySpan<byte> body, in RecordSlice slice, bool isKey)
    {
        var partition = Partition;
        return new KafkaSerializationException(
            $"The {(isKey ? "key" : "value")} of the record at {partition}, offset {slice.Offset}, could not be read: {error.Message} "
            + "It is read again with the next call; SkipAsync with this exception goes on behind it.", error)
        {
            Partition = partition,
            Offset = slice.Offset,
            KeyBytes = slice.IsKeyNull ? null : slice.Key(body).ToArray(),
            ValueBytes = slice.IsValueNull ? null : slice.Value(body).ToArray(),
        };
    }
}
