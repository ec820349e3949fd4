#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Producing;

/// <summary>
/// Cuts a batch that the broker found too large into two, at the middle of its bytes. The halves keep the records, their
/// order, their callers and, together, their sequence numbers, so the batches behind them stay as they are.
/// </summary>
sealed class BatchSplitter(Accumulator accumulator)
{
    // How much longer a record may become where its offset and timestamp are relative to another first record.
    const int GrowthPerRecord = 16;

    /// <param name="batch">A batch of two or more records. The caller ends it.</param>
    /// <param name="stamp">Who writes.</param>
    public ProduceBatch[] Split(ProduceBatch batch, ProducerStamp stamp)
    {
        ReadOnlyMemory<byte> bytes = batch.Bytes;
        if (!RecordBatchHeader.TryRead(bytes.Span, 0, out var header))
            throw new InvalidOperationException("A batch of our own could not be read back.");
        var buffer = accumulator.Compression.RentBuffer();
        var body = RecordBatchReader.ReadBody(
            header, bytes, accumulator.Compression, buffer, new DecompressionLimits { MaxBytes = int.MaxValue, RatioFreeBytes = int.MaxValue });
        var first = CountOfFirst(header, body.Span, batch.Count);
        var left = MakePart(batch, header, body, 0, first, batch.Sequence, stamp, batch);
        var right = MakePart(
            batch, header, body, first, batch.Count - first, SequenceState.Add(batch.Sequence, first), stamp, left);
        accumulator.Compression.Return(buffer);
        var half = batch.Place.Length / 2;
        (left.Place, right.Place) = ((batch.Place.From, half), (batch.Place.From + half, half));
        return [left, right];
    }

    static int CountOfFirst(in RecordBatchHeader header, ReadOnlySpan<byte> body, int count)
    {
        var index = 0;
        foreach (var record in RecordBatchReader.Records(header, body))
        {
            index++;
            if (record.Slice.HeadersPosition >= body.Length / 2)
                break;
        }
        return Math.Clamp(index, 1, count - 1);
    }

    ProduceBatch MakePart(
        ProduceBatch whole, in RecordBatchHeader header, ReadOnlyMemory<byte> body, int first, int count, int sequence,
        ProducerStamp stamp, ProduceBatch place)
    {
        var capacity = RecordBatchWriter.HeaderSize + body.Length + GrowthPerRecord * whole.Count;
        var part = accumulator.MakePart(whole.Queue, capacity);
        var index = 0;
        foreach (var record in RecordBatchReader.Records(header, body.Span))
        {
            var at = index++ - first;
            if (at < 0 || at >= count)
                continue;
            var isIn = part.Writer.TryAppend(
                record.TimestampMs, record.Key, record.IsKeyNull, record.Value, record.IsValueNull, record.Slice.ReadHeaders(body));
            if (!isIn)
                throw new InvalidOperationException("A record did not fit into half of the batch it came from.");
        }
        part.TakeCompletions(whole, first, count);
        (part.IsTaken, part.Sequence, part.Attempts, part.LastProblem, part.LastCode) =
            (true, sequence, whole.Attempts, whole.LastProblem, whole.LastCode);
        part.MaybeWritten = part.IsDoubtful = whole.MaybeWritten;
        part.SentTo = whole.SentTo;
        accumulator.SealBytes(part);
        if (!stamp.IsNone)
            RecordBatchPatch.SetProducer(part.Bytes, stamp.Id, stamp.Epoch, sequence, header.IsTransactional);
        accumulator.Incomplete.AddAfter(place, part);
        return part;
    }
}
