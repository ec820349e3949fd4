using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4;

namespace NetKafka.Protocol.Compression;

/// <summary>
/// Writes lz4 frames as the Java client does: version 1, independent blocks of 64 KiB, no checksum of content.
/// </summary>
static class Lz4FrameWriter
{
    const int BlockSize = 64 * 1024;
    const int HeaderSize = 7;
    const byte VersionAndIndependentBlocks = 0x60;
    const byte BlockSizeCode = 4 << 4;

    internal const uint Magic = 0x184D2204;

    /// <summary>Set in the size of a block that is stored as it is.</summary>
    internal const uint StoredBlock = 0x80000000;

    internal static void Compress(int level, ReadOnlySpan<byte> source, GrowingBuffer destination)
    {
        WriteHeader(destination);
        LZ4Level mapped = MapLevel(level);
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> block = source[..Math.Min(BlockSize, source.Length)];
            WriteBlock(mapped, block, destination);
            source = source[block.Length..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination.GetSpan(sizeof(uint)), 0);
        destination.Advance(sizeof(uint));
    }

    /// <summary>
    /// The checksum byte of a frame header: the second byte of the xxHash32 of what lies after the magic number.
    /// </summary>
    internal static byte HeaderChecksum(ReadOnlySpan<byte> descriptor) => (byte)(XxHash32.HashToUInt32(descriptor) >> 8);

    static void WriteHeader(GrowingBuffer destination)
    {
        Span<byte> header = destination.GetSpan(HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = VersionAndIndependentBlocks;
        header[5] = BlockSizeCode;
        header[6] = HeaderChecksum(header[4..6]);
        destination.Advance(HeaderSize);
    }

    static void WriteBlock(LZ4Level level, ReadOnlySpan<byte> block, GrowingBuffer destination)
    {
        Span<byte> free = destination.GetSpan(sizeof(uint) + LZ4Codec.MaximumOutputSize(block.Length));
        int written = LZ4Codec.Encode(block, free[sizeof(uint)..], level);
        uint size = (uint)written;
        if (written <= 0 || written >= block.Length)
        {
            block.CopyInPieces(free[sizeof(uint)..]);
            written = block.Length;
            size = (uint)written | StoredBlock;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(free, size);
        destination.Advance(sizeof(uint) + written);
    }

    /// <summary>
    /// Kafka's default level 9 means the fast compressor; every other level means the high compressor, whose useful range
    /// is 3 to 12.
    /// </summary>
    static LZ4Level MapLevel(int level) => level == CompressionLevels.Default(CompressionCodec.Lz4)
        ? LZ4Level.L00_FAST
        : (LZ4Level)Math.Clamp(level, (int)LZ4Level.L03_HC, (int)LZ4Level.L12_MAX);
}
