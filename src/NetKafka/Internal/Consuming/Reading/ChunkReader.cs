using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// The reading thread's way through what was fetched, batch by batch: sums and decompresses each while it is hot, leaves out
/// what is not for the application, and writes down what is finished. One reader at a time.
/// </summary>
sealed class ChunkReader(FetchQueue queue, CompressionPool compression, bool isReadCommitted) : OpenedBatch(compression)
{
    readonly List<(FetchedSource Source, GrowingBuffer Buffer)> _kept = [];
    readonly AbortedFilter _filter = new();
    int _position;

    /// <summary>What is in hand; null between chunks.</summary>
    public FetchedChunk? Chunk { get; private set; }

    /// <summary>
    /// Whether batches that were read stay in hand, together with their bytes, until <see cref="Settle"/>: nothing is finished, and a chunk
    /// is not let go of, while records of it are.
    /// </summary>
    public bool KeepsBatches { get; init; }

    /// <summary>Told of each end of a transaction that is passed; null where nobody wants to know.</summary>
    public Action<TransactionMarker>? OnMarker { get; init; }

    /// <summary>Whether all of the chunk was read that is in hand still.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Up to where the chunk was read, and the epoch of what lies before.</summary>
    public (long Offset, int Epoch) Read { get; private set; } = (-1, -1);

    /// <summary>The first offset of the open batch that is for the application.</summary>
    public long FirstOffset => Math.Max(Chunk!.Finished, Header.BaseOffset);

    /// <summary>The end of a log that was reached, to be told before anything else is read; null if none is.</summary>
    public TopicPartitionOffset? End { get; set; }

    /// <summary>Opens the next batch that holds something for the application.</summary>
    /// <returns>False if nothing has been fetched yet, or an <see cref="End"/> is to be told.</returns>
    /// <exception cref="KafkaProtocolException">The next batch is damaged; it stays the next.</exception>
    /// <exception cref="KafkaException">What the loop has to tell.</exception>
    public bool TryOpen()
    {
        while (true)
        {
            if (Chunk is null)
            {
                if (End is not null || !queue.TryTake(out var chunk))
                    return false;
                Begin(chunk);
            }
            if (TryOpenMore())
                return true;
        }
    }

    /// <summary>Goes on with a chunk that was taken.</summary>
    public void Begin(FetchedChunk chunk)
    {
        Chunk = chunk;
        _position = 0;
        (IsRead, Read) = (false, (-1, -1));
        _filter.Begin(chunk.Aborted);
    }

    /// <summary>As <see cref="TryOpen"/>, in the chunk in hand alone.</summary>
    /// <returns>False once it has been let go of.</returns>
    public bool TryOpenMore()
    {
        while (Chunk is { } chunk && !IsRead)
        {
            if (chunk.IsStale)
                LetGo(isToBeFetchedAgain: false);
            else if (TryOpenInChunk())
                return true;
        }
        return false;
    }

    /// <summary>Keeps the bytes of the open batch for records that outlast the reading of it.</summary>
    public HeldBatch Keep()
    {
        var (decompressed, buffer, bytes) = TakeBytes();
        return new HeldBatch(Chunk!, decompressed, buffer, bytes);
    }

    /// <summary>The application is done with everything up to an offset.</summary>
    public void Finish(long offset) => queue.Finish(Chunk!, offset, Header.PartitionLeaderEpoch);

    /// <summary>The application is done with the open batch.</summary>
    public void FinishBatch()
    {
        if (KeepsBatches)
            PassTo(Header.NextOffset);
        else
            Finish(Header.NextOffset);
        Leave();
    }

    /// <summary>The application has been given everything up to an offset, and is not done with it.</summary>
    public void PassTo(long offset) => Read = (offset, Header.PartitionLeaderEpoch);

    /// <summary>The application is done with everything that it was given.</summary>
    public void FinishRead()
    {
        if (Read.Offset >= 0)
            queue.Finish(Chunk!, Read.Offset, Read.Epoch);
    }

    /// <summary>The application is done with everything that it was given, and its bytes: what was read to its end is let go of.</summary>
    public void Settle()
    {
        FinishRead();
        ReturnKept();
        if (IsRead)
            LetGo(isToBeFetchedAgain: false);
    }

    /// <summary>Lets go of what is in hand: the rest of it is not to be read.</summary>
    public void LeaveRest() => LetGo(isToBeFetchedAgain: false);

    /// <summary>Lets go of what is in hand; what was not finished of it comes again.</summary>
    public void Abandon()
    {
        var isToBeFetchedAgain = true;
#if NETKAFKA_CHECKED
        isToBeFetchedAgain &= !Planted.Has(Bug.RecordInHandIsSkipped);
        if (Planted.Has(Bug.RecordInHandIsSkipped) && Chunk is not null && IsOpen)
            Finish(Header.NextOffset);
#endif
        if (Chunk is not null)
            LetGo(isToBeFetchedAgain);
    }

    /// <summary>What a damaged batch is reported as. It stays the next; a seek leads past it.</summary>
    public KafkaProtocolException Damaged(InvalidRecordBatchException error)
    {
        var partition = Chunk!.Owner.Partition;
        var offset = Math.Max(error.BaseOffset, Chunk.Finished);
        return new KafkaProtocolException(
            $"{partition} cannot be read at offset {offset}: {error.Message} It is read again with the next call; to go on "
                + "behind it, seek to a later offset.",
            error)
        {
            Code = error.Reason == InvalidRecordBatchReason.CrcMismatch ? ErrorCode.CorruptMessage : ErrorCode.None,
            Partition = partition,
        };
    }

    bool TryOpenInChunk()
    {
        var chunk = Chunk!;
        try
        {
            if (!RecordBatchHeader.TryRead(chunk.Bytes, _position, out Opened))
            {
                IsRead = KeepsBatches;
                if (!KeepsBatches)
                    LetGo(isToBeFetchedAgain: false);
                return false;
            }
            // Before anything that the header says is believed: also what is left out moves the position.
#if NETKAFKA_CHECKED
            if (!Planted.Has(Bug.DamageIsNotNoticed))
#endif
            Header.CheckCrc(chunk.Bytes);
            _position += Header.SizeInBytes;
            // Batches may begin before the offset that was asked for, and one may lie before it as a whole.
            if (Header.NextOffset <= chunk.Finished)
                return false;
            if (Header.IsControl)
            {
                var body = ReadBody(chunk.Owner, chunk.Source);
                if (OnMarker is not null)
                    TellMarker(OnMarker, chunk, body);
                _filter.Pass(Header, body);
                FinishBatch();
                return false;
            }
            if (isReadCommitted && _filter.IsAborted(Header))
            {
                FinishBatch();
                return false;
            }
            ReadBody(chunk.Owner, chunk.Source);
            return IsOpen = true;
        }
        catch (InvalidRecordBatchException error)
        {
            var damaged = Damaged(error);
            if (!KeepsBatches)
                LetGo(isToBeFetchedAgain: true);
            throw damaged;
        }
    }

    void TellMarker(Action<TransactionMarker> tell, FetchedChunk chunk, ReadOnlySpan<byte> body)
    {
        foreach (var record in RecordBatchReader.Records(Header, body))
        {
            if (ControlRecord.TryRead(record.Key, record.Value, out var control) && control.Type is ControlRecordType.Abort or ControlRecordType.Commit)
                tell(new TransactionMarker(
                    chunk.Owner.Partition.Topic, chunk.Owner.Partition.Partition, record.Offset, record.TimestampMs, Header.ProducerId, Header.ProducerEpoch,
                    control.Type == ControlRecordType.Commit, control.CoordinatorEpoch));
            return;
        }
    }

    void LetGo(bool isToBeFetchedAgain)
    {
        var chunk = Chunk!;
        var (partition, end) = (chunk.Owner.Partition, chunk.End);
        Leave();
        ReturnKept();
        Chunk = null;
        if (queue.LetGo(chunk, isToBeFetchedAgain))
            End = new TopicPartitionOffset(partition, end);
    }

    /// <summary>Leaves the open batch: views of what was decompressed for it end.</summary>
    void Leave()
    {
        if (KeepsBatches && TakeBytes() is ({ } decompressed, { } buffer, _))
            _kept.Add((decompressed, buffer));
        Close();
    }

    void ReturnKept()
    {
        foreach (var (source, buffer) in _kept)
        {
            source.End();
            Compression.Return(buffer);
        }
        _kept.Clear();
    }
}
