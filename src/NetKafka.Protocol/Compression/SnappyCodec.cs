using System.Buffers.Binary;
using Snappier;

namespace NetKafka.Protocol.Compression;

/// <summary>
/// Snappy as Kafka carries it: the framing of the Java library xerial, a 16-byte header (magic, version, lowest compatible
/// version) and then blocks, each a big-endian length and raw snappy. Some clients write one raw block without framing;
/// that is read too.
/// </summary>
static class SnappyCodec
{
    const int HeaderSize = 16;
    const int BlockSize = 32 * 1024;
    const int FramingVersion = 1;

    /// <summary>
    /// No snappy element makes more than 64 bytes of 3, so a block that declares more than this is malformed.
    /// </summary>
    const int HighestRatio = 22;

    static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    internal static void Compress(ReadOnlySpan<byte> source, GrowingBuffer destination)
    {
        Span<byte> header = destination.GetSpan(HeaderSize);
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], FramingVersion);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], FramingVersion);
        destination.Advance(HeaderSize);
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> block = source[..Math.Min(BlockSize, source.Length)];
            Span<byte> free = destination.GetSpan(sizeof(int) + Snappy.GetMaxCompressedLength(block.Length));
            int written = Snappy.Compress(block, free[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(free, written);
            destination.Advance(sizeof(int) + written);
            source = source[block.Length..];
        }
    }

    internal static void Decompress(ReadOnlySpan<byte> source, GrowingBuffer destination, int maxBytes)
    {
        int compressedLength = source.Length;
        if (!source.StartsWith(Magic))
        {
            DecompressBlock(source, destination, maxBytes, compressedLength, maxBytes);
            return;
        }

        int left = maxBytes;
        while (!source.IsEmpty)
        {
            // Streams may be concatenated, so a header can stand wherever a block can.
            if (source.StartsWith(Magic))
            {
                if (source.Length < HeaderSize) throw Malformed("its header is cut off");
                source = source[HeaderSize..];
                continue;
            }

            if (source.Length < sizeof(int)) throw Malformed("the length of a block is cut off");
            int length = BinaryPrimitives.ReadInt32BigEndian(source);
            source = source[sizeof(int)..];
            if (length < 0 || length > source.Length)
                throw Malformed($"a block declares {length} bytes where {source.Length} are left");
            left -= DecompressBlock(source[..length], destination, left, compressedLength, maxBytes);
            source = source[length..];
        }
    }

    static int DecompressBlock(ReadOnlySpan<byte> block, GrowingBuffer destination, int left, int compressedLength, int maxBytes)
    {
        try
        {
            int length = Snappy.GetUncompressedLength(block);
            if (length < 0 || length > (long)block.Length * HighestRatio)
                throw Malformed($"a block of {block.Length} bytes declares {length} bytes of content");
            if (length > left) throw InvalidCompressedDataException.TooLarge(CompressionCodec.Snappy, compressedLength, maxBytes);

            int written = 0;
            Span<byte> free = destination.GetSpan(length)[..length];
            if (length > 0 && !(Snappy.TryDecompress(block, free, out written) && written == length))
                throw Malformed("a block is damaged");
            destination.Advance(written);
            return written;
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidCompressedDataException(CompressionCodec.Snappy, "a block is damaged", innerException: error);
        }
    }

    static InvalidCompressedDataException Malformed(string reason) => new(CompressionCodec.Snappy, reason);
}
