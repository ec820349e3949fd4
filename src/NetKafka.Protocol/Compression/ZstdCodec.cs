using ZstdSharp;
using ZstdSharp.Unsafe;

namespace NetKafka.Protocol.Compression;

static class ZstdCodec
{
    /// <summary>No block of a frame holds more.</summary>
    const int LargestBlock = 128 * 1024;

    const int LikelyRatio = 16;

    /// <summary>
    /// Decompresses in one pass straight into the destination, which also serves as the window. Streaming would allocate
    /// the window that the frame declares before a byte of it is there. If the room turns out too small it is doubled and
    /// the pass repeated; a destination that is reused has grown to its data after a few batches.
    /// </summary>
    internal static void Decompress(Decompressor decompressor, ReadOnlySpan<byte> source, GrowingBuffer destination, int maxBytes)
    {
        if (source.IsEmpty) throw new InvalidCompressedDataException(CompressionCodec.Zstd, "there is no data");
        long room = Math.Max(LargestBlock, (long)source.Length * LikelyRatio);
        while (true)
        {
            Span<byte> free = destination.GetSpan((int)Math.Min(room, maxBytes));
            if (free.Length > maxBytes) free = free[..maxBytes];
            if (TryDecompress(decompressor, source, free, out int written))
            {
                destination.Advance(written);
                return;
            }

            if (free.Length == maxBytes)
                throw InvalidCompressedDataException.TooLarge(CompressionCodec.Zstd, source.Length, maxBytes);
            room = 2L * free.Length;
        }
    }

    static bool TryDecompress(Decompressor decompressor, ReadOnlySpan<byte> source, Span<byte> free, out int written)
    {
        try
        {
            return decompressor.TryUnwrap(source, free, out written);
        }
        catch (ZstdException error) when (error.Code == ZSTD_ErrorCode.ZSTD_error_dstSize_tooSmall)
        {
            written = 0;
            return false;
        }
        catch (ZstdException error)
        {
            throw new InvalidCompressedDataException(
                CompressionCodec.Zstd, $"it is damaged or cut off ({error.Code})", innerException: error);
        }
    }
}
