using NetKafka.Protocol.Compression;
using Layout = NetKafka.Protocol.Records.RecordBatchLayout;

namespace NetKafka.Protocol.Records;

/// <summary>
/// Reads what a records field holds, in three steps that can be taken at different times: the headers of the batches, the
/// (decompressed) bytes of one batch, and its records. Formats 2, 1 and 0 are read alike.
/// </summary>
public static class RecordBatchReader
{
    /// <summary>The headers of the batches, read one by one. A batch cut off at the end is the end, not an error.</summary>
    /// <param name="records">A records field.</param>
    public static RecordBatchEnumerator Batches(ReadOnlySpan<byte> records) => new(records);

    /// <summary>The records of one batch, read one by one.</summary>
    /// <param name="header">The header of the batch.</param>
    /// <param name="body">What <c>ReadBody</c> gave for it.</param>
    /// <exception cref="InvalidRecordBatchException">The header claims what the bytes cannot hold.</exception>
    public static RecordEnumerator Records(in RecordBatchHeader header, ReadOnlySpan<byte> body) => new(header, body);

    /// <summary>The bytes in which the records of a batch lie: a slice of the input, or decompressed.</summary>
    /// <param name="header">The header of the batch.</param>
    /// <param name="records">The bytes that the header was read from.</param>
    /// <param name="compression">What decompresses.</param>
    /// <param name="buffer">
    /// Cleared and filled if the batch is compressed, else untouched; the result lives as long as its content.
    /// </param>
    /// <param name="limits">How large compressed records may become.</param>
    /// <exception cref="InvalidRecordBatchException">The records cannot be decompressed.</exception>
    public static ReadOnlyMemory<byte> ReadBody(
        in RecordBatchHeader header,
        ReadOnlyMemory<byte> records,
        CompressionPool compression,
        GrowingBuffer buffer,
        DecompressionLimits limits)
    {
        Range encoded = FindEncoded(header, records.Span);
        if (header.Codec == CompressionCodec.None) return records[encoded];
        Decompress(header, records.Span[encoded], compression, buffer, limits);
        return buffer.WrittenMemory;
    }

    /// <summary>The bytes in which the records of a batch lie: a slice of the input, or decompressed.</summary>
    /// <param name="header">The header of the batch.</param>
    /// <param name="records">The bytes that the header was read from.</param>
    /// <param name="compression">What decompresses.</param>
    /// <param name="buffer">
    /// Cleared and filled if the batch is compressed, else untouched; the result lives as long as its content.
    /// </param>
    /// <param name="limits">How large compressed records may become.</param>
    /// <exception cref="InvalidRecordBatchException">The records cannot be decompressed.</exception>
    public static ReadOnlySpan<byte> ReadBody(
        in RecordBatchHeader header,
        ReadOnlySpan<byte> records,
        CompressionPool compression,
        GrowingBuffer buffer,
        DecompressionLimits limits)
    {
        ReadOnlySpan<byte> encoded = records[FindEncoded(header, records)];
        if (header.Codec == CompressionCodec.None) return encoded;
        Decompress(header, encoded, compression, buffer, limits);
        return buffer.WrittenSpan;
    }

    /// <summary>Where the records lie as they are on the wire, compressed or not.</summary>
    static Range FindEncoded(in RecordBatchHeader header, ReadOnlySpan<byte> records)
    {
        int end = header.Position + header.SizeInBytes;
        if (header.Magic >= 2) return (header.Position + Layout.HeaderSize)..end;
        if (header.Codec == CompressionCodec.None) return header.Position..end;

        LegacyMessage wrapper = LegacyMessage.Read(records[..end], header.Position, header.Magic, header.BaseOffset);
        return wrapper.ValuePosition..end;
    }

    static void Decompress(
        in RecordBatchHeader header,
        ReadOnlySpan<byte> encoded,
        CompressionPool compression,
        GrowingBuffer buffer,
        DecompressionLimits limits)
    {
        ArgumentNullException.ThrowIfNull(compression);
        ArgumentNullException.ThrowIfNull(buffer);
        CompressionCodec codec = header.Codec;
        bool isKnown = codec <= (header.Magic >= 2 ? CompressionCodec.Zstd : CompressionCodec.Lz4);
        if (!isKnown)
        {
            throw new InvalidRecordBatchException(
                InvalidRecordBatchReason.Unsupported,
                header.BaseOffset,
                header.Magic >= 2 ? Layout.Attributes : Layout.LegacyAttributes,
                $"compression codec {(int)codec} is not known in format version {header.Magic}");
        }

        buffer.Clear();
        try
        {
            compression.Decompress(codec, encoded, buffer, limits, acceptLegacyLz4: header.Magic < 2);
        }
        catch (InvalidCompressedDataException error)
        {
            throw new InvalidRecordBatchException(
                error.IsTooLarge ? InvalidRecordBatchReason.TooLarge : InvalidRecordBatchReason.CorruptCompression,
                header.BaseOffset,
                header.Magic >= 2 ? Layout.HeaderSize : Layout.LegacyKeyV0,
                error.Message.TrimEnd('.'),
                error);
        }
    }
}
