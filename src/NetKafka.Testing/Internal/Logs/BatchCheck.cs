using System.Buffers.Binary;
using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// What a broker checks before it appends a client's batch: one whole batch of format 2, its CRC, its counts, its records,
/// its timestamps, and keys where the topic is compacted.
/// </summary>
readonly ref struct BatchCheck(ReadOnlyMemory<byte> records, BatchRules rules, RecordBytes opener)
{
    readonly ReadOnlyMemory<byte> records = records;
    readonly BatchRules rules = rules;
    readonly RecordBytes opener = opener;

    internal BatchProblem Run()
    {
        var frame = CheckFrame();
        if (frame.Error != ErrorCode.None)
            return frame;
        var header = new BatchHeader(records.Span);
        var head = CheckHeader(header);
        return head.Error != ErrorCode.None ? head : CheckRecords(header);
    }

    /// <summary>The request holds exactly one whole batch of format 2.</summary>
    BatchProblem CheckFrame()
    {
        var span = records.Span;
        if (span.Length < 17)
            return new(ErrorCode.InvalidRecord, "Produce requests must have exactly one record batch per partition");
        if (span[16] != 2)
            return new(ErrorCode.InvalidRecord, "Produce requests are only allowed to contain record batches with magic version 2");
        var length = BinaryPrimitives.ReadInt32BigEndian(span[8..]);
        if (length < BatchHeader.Size - BatchHeader.LogOverhead || length > span.Length - BatchHeader.LogOverhead)
            return new(ErrorCode.CorruptMessage, $"A record batch says that it is {length} bytes long.");
        if (length < span.Length - BatchHeader.LogOverhead)
            return new(ErrorCode.InvalidRecord, "Produce requests must have exactly one record batch per partition");
        if (span.Length > rules.MaxMessageBytes)
        {
            return new(
                ErrorCode.MessageTooLarge,
                $"The record batch size in the append is {span.Length} bytes which exceeds the maximum configured value of "
                + $"{rules.MaxMessageBytes} bytes (max.message.bytes).");
        }

        var crc = BinaryPrimitives.ReadUInt32BigEndian(span[BatchHeader.CrcAt..]);
        return crc == Crc32Castagnoli.Compute(span[BatchHeader.AttributesAt..])
            ? default
            : new(ErrorCode.CorruptMessage, "Record is corrupt (its CRC does not match its contents).");
    }

    BatchProblem CheckHeader(in BatchHeader header)
    {
        if (header.BaseOffset != 0)
            return new(ErrorCode.InvalidRecord, $"The baseOffset of the record batch should be 0, but it is {header.BaseOffset}");
        if (header.IsControl)
            return new(ErrorCode.InvalidRecord, "Clients are not allowed to write control records");
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1)
            return new(ErrorCode.InvalidRecord, "The record count does not match the offsets of the batch");
        if (header.HasProducerId && (header.BaseSequence < 0 || header.ProducerEpoch < 0))
            return new(ErrorCode.InvalidRecord, "A batch with a producer id needs an epoch and a sequence");
        if (header.CompressionCode > 4)
            return new(ErrorCode.InvalidRecord, $"Unknown compression type id: {header.CompressionCode}");
        return header.CompressionCode == 4 && !rules.AllowZstd
            ? new(ErrorCode.UnsupportedCompressionType, "Produce requests below version 7 are not allowed to use ZStandard compression")
            : default;
    }

    BatchProblem CheckRecords(in BatchHeader header)
    {
        if (!opener.TryOpen(records, out var opened))
            return new(ErrorCode.CorruptMessage, "The records of the batch cannot be decompressed.");
        var walker = new RecordWalker(header, opened.Span);
        var maxTimestamp = long.MinValue;
        var index = 0;
        while (walker.MoveNext())
        {
            if (walker.OffsetDelta != index)
                return new(ErrorCode.InvalidRecord, $"Record {index} has offset delta {walker.OffsetDelta}.", index);
            if (rules.NeedsKey && walker.Key.Length < 0)
                return new(ErrorCode.InvalidRecord, "Compacted topic cannot accept message without key.", index);
            if (!rules.LogAppendTime && !rules.IsTimestampAllowed(walker.Timestamp))
                return new(ErrorCode.InvalidTimestamp, $"Timestamp {walker.Timestamp} of record {index} is out of range.", index);
            maxTimestamp = Math.Max(maxTimestamp, walker.Timestamp);
            index++;
        }

        if (walker.IsDamaged)
            return new(ErrorCode.InvalidRecord, $"Record {index} of the batch is malformed.", index);
        return rules.LogAppendTime || maxTimestamp == header.MaxTimestamp
            ? default
            : new(ErrorCode.InvalidRecord, $"The batch says max timestamp {header.MaxTimestamp}, its records {maxTimestamp}.");
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
    long TimestampAfterMaxMs)
{
    internal bool IsTimestampAllowed(long timestamp) =>
        timestamp < 0
            ? timestamp == -1
            : WallClockMs - timestamp <= TimestampBeforeMaxMs && timestamp - WallClockMs <= TimestampAfterMaxMs;
}

/// <summary>What is wrong with a batch, and in which record (-1: none alone).</summary>
readonly record struct BatchProblem(ErrorCode Error, string Message, int RecordIndex = -1);
