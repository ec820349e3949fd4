using NetKafka.Protocol.Compression;

namespace NetKafka.Testing.Internal.Logs;

/// <summary>Opens the compression of batches. For one thread at a time.</summary>
sealed class RecordBytes
{
    readonly CompressionPool pool = new();

    /// <summary>
    /// The records of a batch; of a compressed one a copy. False if the codec is unknown, the bytes are damaged, or they open
    /// to more than is allowed.
    /// </summary>
    internal bool TryOpen(ReadOnlyMemory<byte> batch, out ReadOnlyMemory<byte> records)
    {
        records = batch[BatchHeader.Size..];
        var codec = new BatchHeader(batch.Span).CompressionCode;
        if (codec == 0)
            return true;
        var buffer = pool.RentBuffer();
        try
        {
            pool.Decompress((CompressionCodec)codec, records.Span, buffer, new DecompressionLimits());
            records = buffer.WrittenSpan.ToArray();
            return true;
        }
        catch (InvalidCompressedDataException)
        {
            return false;
        }
        finally
        {
            pool.Return(buffer);
        }
    }
}
