using System.Buffers.Binary;
using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// What a broker checks before it appends a client's batch: one batch of format 2, its size and CRC, its counts, its records,
/// their timestamps, and keys where the topic is compacted. It is stricter in one thing: a broker takes records whose offset
/// deltas leave gaps as long as they are not compressed.
/// </summary>
ref struct BatchCheck(ReadOnlyMemory<byte> records, BatchRules rules, RecordBytes opener)
{
    const int ZstdCode = 4;
    const int SmallestFrame = 17;

    /// <summary>The batch alone: bytes behind it that are no whole batch are dropped, as on a broker.</summary>
    internal ReadOnlyMemory<byte> Batch { get; private set; } = records;

    /// <summary>
    /// The largest timestamp of the records, whatever the batch says of it; known after a check without a problem.
    /// </summary>
    internal long MaxTimestamp { get; private set; } = -1;

    internal BatchProblem Run()
    {
        var frame = CheckFrame();
        if (frame.Error != ErrorCode.None)
            return frame;
        var header = new BatchHeader(Batch.Span);
        var head = CheckHeader(header);
        return head.Error != ErrorCode.None ? head : CheckRecords(header);
    }

    /// <summary>The size of the whole batch at the start of the bytes; 0 if there is none.</summary>
    static int SizeOfBatch(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SmallestFrame)
            return 0;
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        return length < 0 || length > bytes.Length - BatchHeader.LogOverhead ? 0 : length + BatchHeader.LogOverhead;
    }

    BatchProblem CheckFrame()
    {
        var span = Batch.Span;
        var size = SizeOfBatch(span);
        if (size == 0 || SizeOfBatch(span[size..]) > 0)
            return new(ErrorCode.InvalidRecord, ProblemStage.Request);
        if (span[16] > 2)
            return new(ErrorCode.CorruptMessage, ProblemStage.Request, $"Invalid magic found in record: {span[16]}");
        if (span[16] < 2)
            return new(ErrorCode.InvalidRecord, ProblemStage.Request);
        if (size < BatchHeader.Size)
            return new(ErrorCode.CorruptMessage, ProblemStage.Request);
        var header = new BatchHeader(span);
        if (header.CompressionCode == ZstdCode && !rules.AllowZstd)
            return new(ErrorCode.UnsupportedCompressionType, ProblemStage.Request);
        if (header.IsTransactional && !rules.AllowTransactional)
            return new(ErrorCode.TransactionalIdAuthorizationFailed, ProblemStage.Request);
        Batch = Batch[..size];
        if (header.BaseOffset != 0)
            return new(ErrorCode.InvalidRecord, ProblemStage.Append);
        if (size > rules.MaxMessageBytes)
            return new(ErrorCode.MessageTooLarge, ProblemStage.Request);
        return header.Crc == Crc32Castagnoli.Compute(Batch.Span[BatchHeader.AttributesAt..])
            ? default
            : new(ErrorCode.CorruptMessage, ProblemStage.Request);
    }

    static BatchProblem CheckHeader(in BatchHeader header)
    {
        var isSound = header.RecordCount > 0
            && header.LastOffsetDelta == header.RecordCount - 1
            && !header.IsControl
            && (!header.HasProducerId || header.BaseSequence >= 0);
        return isSound ? default : new(ErrorCode.InvalidRecord, ProblemStage.Append);
    }

    BatchProblem CheckRecords(in BatchHeader header)
    {
        if (!opener.TryOpen(Batch, out var opened))
            return new(ErrorCode.UnknownServerError, ProblemStage.Append);
        var walker = new RecordWalker(header, opened.Span);
        var index = 0;
        while (walker.MoveNext())
        {
            if (walker.OffsetDelta != index)
                return new(ErrorCode.InvalidRecord, ProblemStage.Append);
            if (rules.NeedsKey && walker.Key.Length < 0)
            {
                return new(
                    ErrorCode.InvalidRecord, ProblemStage.Append, "Compacted topic cannot accept message without key.", index);
            }

            if (!rules.LogAppendTime && !rules.IsTimestampAllowed(walker.Timestamp))
            {
                return new(
                    ErrorCode.InvalidTimestamp,
                    ProblemStage.Append,
                    $"Timestamp {walker.Timestamp} of message with offset {index} is out of range.",
                    index);
            }

            MaxTimestamp = Math.Max(MaxTimestamp, walker.Timestamp);
            index++;
        }

        return walker.IsDamaged ? new(ErrorCode.InvalidRecord, ProblemStage.Append) : default;
    }
}

/// <summary>What the topic and the request allow.</summary>
readonly record struct BatchRules(
    int MaxMessageBytes,
    bool NeedsKey,
    bool AllowZstd,
    bool LogAppendTime,
    long WallClockMs,
    long TimestampBeforeMaxMs,
    long TimestampAfterMaxMs,
    bool AllowTransactional)
{
    internal bool IsTimestampAllowed(long timestamp) =>
        timestamp == -1
        || (WallClockMs - timestamp <= TimestampBeforeMaxMs && timestamp - WallClockMs <= TimestampAfterMaxMs);
}

/// <summary>How far a batch came before it was refused; from the append on, the answer tells the start of the log.</summary>
enum ProblemStage
{
    Request,
    Append,
}

/// <summary>What is wrong with a batch, in words only where a broker has any, and in which record (-1: none alone).</summary>
readonly record struct BatchProblem(ErrorCode Error, ProblemStage Stage, string? Message = null, int RecordIndex = -1);
