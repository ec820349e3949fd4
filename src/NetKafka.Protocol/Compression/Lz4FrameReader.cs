using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4;

namespace NetKafka.Protocol.Compression;

/// <summary>
/// Reads lz4 frames: linked or independent blocks, with or without checksums and content size, several frames in a row.
/// </summary>
ref struct Lz4FrameReader(ReadOnlySpan<byte> source, GrowingBuffer destination, int maxBytes, bool acceptLegacyChecksum)
{
    const int VersionMask = 0xC0;
    const int Version1 = 0x40;
    const int IndependentBlocks = 0x20;
    const int BlockChecksums = 0x10;
    const int ContentSize = 0x08;
    const int ContentChecksum = 0x04;
    const int ReservedFlag = 0x02;
    const int DictionaryId = 0x01;
    const int ReservedBlockBits = 0x8F;
    const int SmallestBlockCode = 4;

    /// <summary>A linked block may refer to this many bytes before it.</summary>
    const int WindowSize = 64 * 1024;

    /// <summary>One lz4 byte makes at most 255, so a block never needs more room than this times its size.</summary>
    const int HighestRatio = 255;

    readonly int _compressedLength = source.Length;
    readonly int _start = destination.Length;
    ReadOnlySpan<byte> _source = source;
    int _flags;
    int _blockSize;
    int _frameStart;
    long _contentSize;

    internal void Decompress()
    {
        do
        {
            ReadHeader();
            while (ReadBlock())
            {
            }

            ReadEnd();
        }
        while (!_source.IsEmpty);
    }

    void ReadHeader()
    {
        ReadOnlySpan<byte> frame = _source;
        if (TakeUInt32() != Lz4FrameWriter.Magic)
            throw Malformed("it does not begin with the magic number of a frame");

        ReadOnlySpan<byte> descriptor = Take(2);
        _flags = descriptor[0];
        int blockCode = (descriptor[1] >> 4) & 7;
        if ((_flags & VersionMask) != Version1) throw Malformed($"the frame has version {_flags >> 6}, not 1");
        if ((_flags & DictionaryId) != 0) throw Malformed("the frame needs a dictionary");
        if ((_flags & ReservedFlag) != 0 || (descriptor[1] & ReservedBlockBits) != 0 || blockCode < SmallestBlockCode)
            throw Malformed($"the frame descriptor {_flags:X2} {descriptor[1]:X2} is not known");

        _blockSize = 1 << (8 + (2 * blockCode));
        _contentSize = HasFlag(ContentSize) ? BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long))) : -1;
        int descriptorEnd = frame.Length - _source.Length;
        byte checksum = Take(1)[0];
        bool matches = checksum == Lz4FrameWriter.HeaderChecksum(frame[sizeof(uint)..descriptorEnd])
            || (acceptLegacyChecksum && checksum == Lz4FrameWriter.HeaderChecksum(frame[..descriptorEnd]));
        if (!matches) throw Malformed("the checksum of the frame header is wrong");
        _frameStart = destination.Length;
    }

    bool ReadBlock()
    {
        uint size = TakeUInt32();
        if (size == 0) return false;

        bool stored = (size & Lz4FrameWriter.StoredBlock) != 0;
        int length = (int)(size & ~Lz4FrameWriter.StoredBlock);
        if (length > _blockSize) throw Malformed($"a block of {length} bytes passes the frame's block size of {_blockSize}");
        ReadOnlySpan<byte> block = Take(length);
        if (HasFlag(BlockChecksums) && TakeUInt32() != XxHash32.HashToUInt32(block))
            throw Malformed("the checksum of a block is wrong");

        if (stored)
        {
            Charge(length);
            destination.Write(block);
        }
        else
        {
            DecodeBlock(block);
        }

        return true;
    }

    void DecodeBlock(ReadOnlySpan<byte> block)
    {
        int room = (int)Math.Min(_blockSize, (long)block.Length * HighestRatio);
        Span<byte> free = destination.GetSpan(room)[..room];
        int windowSize = HasFlag(IndependentBlocks) ? 0 : Math.Min(WindowSize, destination.Length - _frameStart);
        ReadOnlySpan<byte> window = destination.WrittenSpan[^windowSize..];
        int written = windowSize == 0 ? LZ4Codec.Decode(block, free) : LZ4Codec.Decode(block, free, window);
        if (written < 0 || written > room) throw Malformed("a block is damaged");
        Charge(written);
        destination.Advance(written);
    }

    void ReadEnd()
    {
        ReadOnlySpan<byte> content = destination.WrittenSpan[_frameStart..];
        if (_contentSize >= 0 && _contentSize != content.Length)
            throw Malformed($"the frame declares {_contentSize} bytes of content and holds {content.Length}");
        if (HasFlag(ContentChecksum) && TakeUInt32() != XxHash32.HashToUInt32(content))
            throw Malformed("the checksum of the content is wrong");
    }

    readonly void Charge(int length)
    {
        if (destination.Length - _start + (long)length > maxBytes)
            throw InvalidCompressedDataException.TooLarge(CompressionCodec.Lz4, _compressedLength, maxBytes);
    }

    uint TakeUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    ReadOnlySpan<byte> Take(int length)
    {
        if (length > _source.Length) throw Malformed("it is cut off");
        ReadOnlySpan<byte> taken = _source[..length];
        _source = _source[length..];
        return taken;
    }

    readonly bool HasFlag(int flag) => (_flags & flag) != 0;

    static InvalidCompressedDataException Malformed(string reason) => new(CompressionCodec.Lz4, reason);
}
