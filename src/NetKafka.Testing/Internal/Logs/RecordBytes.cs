namespace NetKafka.Testing.Internal.Logs;

/// <summary>The records of a batch, out of their compression.</summary>
static class RecordBytes
{
    /// <summary>False if the compression is unknown, damaged, or opens to more than is allowed.</summary>
    internal static bool TryOpen(ReadOnlyMemory<byte> batch, out ReadOnlyMemory<byte> records)
    {
        records = batch[BatchHeader.Size..];
        return (new BatchHeader(batch.Span).CompressionCode) == 0;
    }
}
