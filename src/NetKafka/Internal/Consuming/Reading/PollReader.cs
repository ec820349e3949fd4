using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// Makes many records at a time of what was fetched, one chunk of each partition at most, and keeps their bytes until it is asked for more:
/// only then they are finished. The way of <see cref="RecordReader{TKey, TValue}"/> is the faster one.
/// </summary>
sealed class PollReader<TKey, TValue>(
    FetchQueue queue, CompressionPool compression, bool isReadCommitted, RecordMaker<TKey, TValue> maker)
{
    readonly List<Feed> _feeds = [];
    readonly Stack<Feed> _spares = new();
    readonly Queue<TopicPartitionOffset> _ends = new();

    /// <summary>The application asks for more: what it was given is finished.</summary>
    public void Settle()
    {
        queue.CountRead();
        for (var i = 0; i < _feeds.Count; i++)
        {
            var feed = _feeds[i];
            feed.Count = 0;
            feed.Chunks.Settle();
            if (feed.Chunks.Chunk is null)
                Leave(i--);
        }
    }

    /// <summary>Takes records into hand, behind those that a call before has left.</summary>
    /// <param name="records">Where they go.</param>
    /// <param name="maxRecords">How many, at most.</param>
    /// <exception cref="KafkaSerializationException">
    /// The next record cannot be read. It is in hand until it is skipped or let go of.
    /// </exception>
    /// <exception cref="KafkaException">What the application has to know, or a batch is damaged.</exception>
    public void Take(List<ConsumerRecord<TKey, TValue>> records, int maxRecords)
    {
        var index = 0;
        while (records.Count < maxRecords && !maker.IsPending && (_ends.Count == 0 || records.Count > 0))
        {
            if (index == _feeds.Count && !TryTakeChunk(isFirst: records.Count == 0))
                return;
            var feed = _feeds[index];
            if (!TakeOf(feed, records, maxRecords))
                return;
            // What holds no record is not in hand.
            if (feed.Chunks.IsRead && feed.Count == 0)
                feed.Chunks.Settle();
            if (feed.Chunks.Chunk is null)
                Leave(index);
            else
                index++;
        }
    }

    /// <summary>Whether the end of a log is to be told.</summary>
    public bool HasEnd => _ends.Count > 0;

    /// <summary>Takes the end of a log that is to be told; asked before records are taken.</summary>
    public bool TryTakeEnd(out TopicPartitionOffset end) => _ends.TryDequeue(out end);

    /// <summary>
    /// The record that was taken last could not be read, as has shown since: it is to be told of behind the records before it.
    /// </summary>
    public void Refuse(KafkaSerializationException unreadable)
    {
        foreach (var feed in _feeds)
        {
            if (feed.Chunks.Chunk!.Owner.Partition != unreadable.Partition)
                continue;
            feed.Error = unreadable;
            feed.Count--;
            feed.Chunks.PassTo(unreadable.Offset);
        }
    }

    /// <summary>A record that could not be read is finished.</summary>
    public void Skip(KafkaSerializationException unreadable)
    {
        foreach (var feed in _feeds)
        {
            if (feed.Error != unreadable)
                continue;
            feed.Error = null;
            feed.Chunks.PassTo(unreadable.Offset + 1);
        }
    }

    /// <summary>Says of a record, and of all before it in its partition, that the application is done with it.</summary>
    /// <returns>False if it is not in hand.</returns>
    public bool MarkFinished(in ConsumerRecord<TKey, TValue> record)
    {
        foreach (var feed in _feeds)
        {
            var chunk = feed.Chunks.Chunk!;
            if (chunk.Owner.Partition != record.TopicPartition || record.Offset >= feed.Chunks.Read.Offset)
                continue;
            if (record.Offset >= chunk.Finished)
                queue.Finish(chunk, record.Offset + 1, record.LeaderEpoch);
            return true;
        }
        return false;
    }

    /// <summary>Says of all that is in hand that the application is done with it.</summary>
    /// <returns>False if nothing is in hand.</returns>
    public bool MarkFinished()
    {
        foreach (var feed in _feeds)
            feed.Chunks.FinishRead();
        return _feeds.Count > 0;
    }

    /// <summary>Lets go of what is in hand; what was not finished is read again.</summary>
    public void Abandon()
    {
        foreach (var feed in _feeds)
        {
            feed.Chunks.Abandon();
            _spares.Push(feed);
        }
        _feeds.Clear();
    }

    bool TryTakeChunk(bool isFirst)
    {
        if (!(isFirst ? queue.TryTake(out var chunk) : queue.TryTakeMore(out chunk)))
            return false;
        if (!_spares.TryPop(out var feed))
            feed = new Feed(new ChunkReader(queue, compression, isReadCommitted) { KeepsBatches = true, OnMarker = maker.OnMarker });
        feed.Begin(chunk!);
        _feeds.Add(feed);
        return true;
    }

    /// <returns>False if something is to be told before more is read.</returns>
    bool TakeOf(Feed feed, List<ConsumerRecord<TKey, TValue>> records, int maxRecords)
    {
        if (feed.Error is { } error)
            return Tell(error, records);
        try
        {
            while (records.Count < maxRecords && !maker.IsPending && TryNext(feed, out var record))
            {
                records.Add(record);
                feed.Count++;
            }
            return true;
        }
        catch (Exception thrown)
        {
            feed.Error = thrown;
            return Tell(thrown, records);
        }
    }

    static bool Tell(Exception error, List<ConsumerRecord<TKey, TValue>> records) => records.Count > 0 ? false : throw error;

    bool TryNext(Feed feed, out ConsumerRecord<TKey, TValue> record)
    {
        var chunks = feed.Chunks;
        try
        {
            // One that is not to be read any more stays in hand while records of it are.
            while (feed.Count == 0 || !chunks.Chunk!.IsStale)
            {
                if (chunks.IsOpen && !chunks.Chunk!.IsStale)
                {
                    var body = chunks.Body;
                    while (feed.Cursor.TryRead(body, out var slice))
                    {
                        if (slice.Offset < chunks.Chunk.Finished)
                            continue;
                        record = maker.MakeAny(chunks, body, slice);
                        chunks.PassTo(slice.Offset + 1);
#if NETKAFKA_CHECKED
                        if (Planted.Has(Bug.PolledRecordsAreFinishedAtOnce))
                            chunks.FinishRead();
#endif
                        return true;
                    }
                    chunks.FinishBatch();
                }
                if (!chunks.TryOpenMore())
                    break;
                feed.Cursor = new RecordCursor(chunks.Header, chunks.Body);
            }
        }
        catch (InvalidRecordBatchException error)
        {
            throw chunks.Damaged(error);
        }
        record = default;
        return false;
    }

    void Leave(int index)
    {
        var feed = _feeds[index];
        if (feed.Chunks.End is { } end)
            _ends.Enqueue(end);
        feed.Chunks.End = null;
        _feeds.RemoveAt(index);
        _spares.Push(feed);
    }

    /// <summary>A chunk in hand, and how far it was read.</summary>
    sealed class Feed(ChunkReader chunks)
    {
        RecordCursor _cursor;

        public ChunkReader Chunks => chunks;

        public ref RecordCursor Cursor => ref _cursor;

        /// <summary>How many records of it were taken last.</summary>
        public int Count { get; set; }

        /// <summary>What is to be thrown behind the records that were taken last.</summary>
        public Exception? Error { get; set; }

        public void Begin(FetchedChunk chunk)
        {
            (Count, Error) = (0, null);
            chunks.Begin(chunk);
        }
    }
}
