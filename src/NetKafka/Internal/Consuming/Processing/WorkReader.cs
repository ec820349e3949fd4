using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Hashing;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>
/// Takes records into hand for a runner, partition by partition, as far as there is room: each partition is left in the middle of a batch
/// and gone on with there, so that none holds up the others. One thread reads at a time; it takes the gate of the queue twice for some
/// records, not for each.
/// </summary>
/// <param name="queue">Where chunks come from.</param>
/// <param name="plan">What takes the records.</param>
/// <param name="compression">Decompresses.</param>
/// <param name="isReadCommitted">Whether records of aborted transactions are left out.</param>
/// <param name="maker">Makes the records.</param>
/// <param name="callWorkers">Told how many more workers have something to do.</param>
sealed class WorkReader<TKey, TValue>(
    FetchQueue queue, WorkPlan plan, CompressionPool compression, bool isReadCommitted, RecordMaker<TKey, TValue> maker, Action<int> callWorkers)
{
    const int MostAtOnce = 32;

    readonly WorkItem?[] _items = new WorkItem?[MostAtOnce];
    readonly int?[] _keys = new int?[MostAtOnce];

    /// <summary>The end of a log before which all records are in hand, to be told; null if none is.</summary>
    public TopicPartitionOffset? End { get; set; }

    /// <summary>Reads what there is room for of one partition.</summary>
    /// <returns>False if no partition has anything for which there is room.</returns>
    /// <exception cref="KafkaException">What the application has to know; or a batch is damaged.</exception>
    public bool TryRead()
    {
        queue.CountRead();
        if (!queue.TryTake(plan, out var work, out var chunk))
            return false;
        var feed = work.Feed ??= new PartitionFeed(new ChunkReader(queue, compression, isReadCommitted) { OnMarker = maker.OnMarker });
        if (chunk is not null)
            feed.Chunks.Begin(chunk);
        while (feed.Batch is not null || TryOpen(feed))
        {
            if (!TryReadSome(work, feed))
                return true;
        }
        return true;
    }

    /// <summary>Lets go of what is open.</summary>
    public void Close()
    {
        foreach (var work in plan.Works)
        {
            if (work.Feed is { } feed)
                Abandon(feed);
        }
    }

    bool TryOpen(PartitionFeed feed)
    {
        if (!feed.Chunks.TryOpenMore())
        {
            (End, feed.Chunks.End) = (feed.Chunks.End, null);
            return false;
        }
        try
        {
            feed.Cursor = new RecordCursor(feed.Chunks.Header, feed.Chunks.Body);
        }
        catch (InvalidRecordBatchException error)
        {
            throw Damaged(feed, error);
        }
        feed.Batch = feed.Chunks.Keep();
        queue.Hold(plan, feed.Batch);
        return true;
    }

    /// <returns>False if there is no room for more.</returns>
    bool TryReadSome(PartitionWork work, PartitionFeed feed)
    {
        var chunk = feed.Chunks.Chunk!;
        var room = queue.Prepare(plan, work, chunk, _items);
        if (room == 0)
        {
            if (!chunk.IsStale)
                return false;
            Abandon(feed);
            return true;
        }
        var count = Fill(feed, room);
        if (count > 0)
        {
            ReadOnlySpan<WorkItem> taken = _items.AsSpan(0, count)!;
            if (!queue.TryTake(plan, work, chunk, taken, _keys.AsSpan(0, count), out var workers))
            {
                foreach (var item in taken)
                    item.Clear();
                Abandon(feed);
                return true;
            }
            _items.AsSpan(0, count).Clear();
            if (workers > 0)
                callWorkers(workers);
        }
        if (count < room)
        {
            feed.Chunks.FinishBatch();
            Release(feed);
        }
        return true;
    }

    /// <summary>Makes the next records of the open batch.</summary>
    /// <returns>How many; fewer than wanted at its end.</returns>
    int Fill(PartitionFeed feed, int wanted)
    {
        var chunks = feed.Chunks;
        var body = chunks.Body;
        var count = 0;
        try
        {
            while (count < wanted && feed.Cursor.TryRead(body, out var slice))
            {
                // Records of a batch may lie before the place that reading began at.
                if (slice.Offset < chunks.Chunk!.Finished)
                    continue;
                var item = (TypedWorkItem<TKey, TValue>)(_items[count] ??= new TypedWorkItem<TKey, TValue>());
                (item.Offset, item.Epoch, item.Batch) = (slice.Offset, chunks.Header.PartitionLeaderEpoch, feed.Batch);
                Make(item, chunks, body, slice);
                _keys[count++] = slice.IsKeyNull ? null : Murmur2.Hash(slice.Key(body));
            }
        }
        catch (InvalidRecordBatchException error)
        {
            throw Damaged(feed, error);
        }
        return count;
    }

    void Make(TypedWorkItem<TKey, TValue> item, ChunkReader chunks, ReadOnlySpan<byte> body, in RecordSlice slice)
    {
        try
        {
            item.Record = maker.MakeAny(chunks, body, slice);
            item.Pending = maker.TakePending();
        }
        catch (KafkaSerializationException error)
        {
            // Told when its turn comes, so that what lies before it is handled first.
            item.Unreadable = error;
        }
    }

    KafkaProtocolException Damaged(PartitionFeed feed, InvalidRecordBatchException error)
    {
        var damaged = feed.Chunks.Damaged(error);
        Abandon(feed);
        return damaged;
    }

    void Abandon(PartitionFeed feed)
    {
        Release(feed);
        feed.Chunks.Abandon();
    }

    void Release(PartitionFeed feed)
    {
        if (feed.Batch is not { } batch)
            return;
        feed.Batch = null;
        queue.Release(plan, batch);
    }
}
