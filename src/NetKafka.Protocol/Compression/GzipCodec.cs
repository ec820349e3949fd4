using System.IO.Compression;

namespace NetKafka.Protocol.Compression;

static class GzipCodec
{
    const int ChunkSize = 16 * 1024;

    /// <summary>A whole member without content, which the stream would not write at all.</summary>
    static ReadOnlySpan<byte> EmptyMember => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    internal static void Compress(int level, ReadOnlySpan<byte> source, GrowingBuffer destination)
    {
        if (source.IsEmpty)
        {
            destination.Write(EmptyMember);
            return;
        }

        using var gzip = new GZipStream(
            new BufferStream(destination), new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: false);
        gzip.Write(source);
    }

    internal static unsafe void Decompress(ReadOnlySpan<byte> source, GrowingBuffer destination, int maxBytes)
    {
        if (source.IsEmpty) throw new InvalidCompressedDataException(CompressionCodec.Gzip, "there is no data");
        fixed (byte* start = source)
        {
            using var input = new UnmanagedMemoryStream(start, source.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            Inflate(gzip, source.Length, destination, maxBytes);
        }
    }

    static void Inflate(GZipStream gzip, int compressedLength, GrowingBuffer destination, int maxBytes)
    {
        long left = maxBytes;
        try
        {
            while (true)
            {
                int read = gzip.Read(destination.GetSpan(ChunkSize));
                if (read == 0) return;
                left -= read;
                if (left < 0) throw InvalidCompressedDataException.TooLarge(CompressionCodec.Gzip, compressedLength, maxBytes);
                destination.Advance(read);
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new InvalidCompressedDataException(CompressionCodec.Gzip, "it is damaged or cut off", innerException: error);
        }
    }
}
