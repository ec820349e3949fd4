using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Encoders;
using NetKafka.Protocol.Compression;

namespace NetKafka.Protocol.Tests.Compression;

public sealed class Lz4FrameTests
{
    const byte Independent = 0x60;
    const byte Linked = 0x40;
    const byte BlockChecksum = 0x10;
    const byte ContentSize = 0x08;
    const byte ContentChecksum = 0x04;
    const int BlockSize = 64 * 1024;

    static readonly byte[] s_data = [.. Enumerable.Range(0, 300_000).Select(i => (byte)((i % 1000 / 3) ^ (i / 9000)))];

    [Theory]
    [InlineData(Independent)]
    [InlineData(Linked)]
    [InlineData(Independent | BlockChecksum)]
    [InlineData(Independent | ContentChecksum)]
    [InlineData(Independent | ContentSize)]
    [InlineData(Linked | BlockChecksum | ContentSize | ContentChecksum)]
    public void Frames_of_every_shape_are_read(byte flags) => Assert.Equal(s_data, Read(Frame(flags, s_data)));

    [Fact]
    public void Linked_blocks_do_refer_to_the_block_before()
    {
        byte[] frame = Frame(Linked, s_data);
        byte[] independent = [.. frame];
        independent[4] = Independent;
        independent[6] = Lz4FrameWriter.HeaderChecksum(independent.AsSpan(4, 2));
        Assert.Throws<InvalidCompressedDataException>(() => Read(independent));
    }

    [Fact]
    public void Frames_in_a_row_are_read_as_one() =>
        Assert.Equal([.. s_data, .. s_data], Read([.. Frame(Independent, s_data), .. Frame(Linked, s_data)]));

    [Fact]
    public void Written_frame_begins_as_that_of_Java()
    {
        var frame = new GrowingBuffer();
        Lz4FrameWriter.Compress(9, s_data, frame);
        Assert.Equal("04224D18604082", Convert.ToHexString(frame.WrittenSpan[..7]));
    }

    [Fact]
    public void Wrong_checksums_are_refused()
    {
        byte[] header = Frame(Independent, s_data);
        header[6] ^= 1;
        Assert.Contains("header", Assert.Throws<InvalidCompressedDataException>(() => Read(header)).Message);

        byte[] block = Frame(Independent | BlockChecksum, s_data);
        block[40] ^= 1;
        Assert.Contains("checksum of a block", Assert.Throws<InvalidCompressedDataException>(() => Read(block)).Message);

        byte[] content = Frame(Independent | ContentChecksum, s_data);
        content[^1] ^= 1;
        Assert.Contains("checksum of the content", Assert.Throws<InvalidCompressedDataException>(() => Read(content)).Message);

        byte[] size = Frame(Independent | ContentSize, s_data);
        size[6]++;
        size[14] = Lz4FrameWriter.HeaderChecksum(size.AsSpan(4, 10));
        Assert.Contains("declares", Assert.Throws<InvalidCompressedDataException>(() => Read(size)).Message);
    }

    [Fact]
    public void Header_checksum_over_the_magic_number_is_accepted_of_old_formats_only()
    {
        byte[] frame = Frame(Independent, s_data);
        frame[6] = Lz4FrameWriter.HeaderChecksum(frame.AsSpan(0, 6));
        Assert.Throws<InvalidCompressedDataException>(() => Read(frame));
        Assert.Equal(s_data, Read(frame, acceptLegacy: true));
    }

    [Theory]
    [InlineData(0x61, 0x40, "dictionary")]
    [InlineData(0xA0, 0x40, "version")]
    [InlineData(0x62, 0x40, "descriptor")]
    [InlineData(0x60, 0x30, "descriptor")]
    [InlineData(0x60, 0xC0, "descriptor")]
    public void Unknown_descriptors_are_refused(byte flags, byte block, string reason)
    {
        byte[] frame = Frame(Independent, s_data);
        frame[4] = flags;
        frame[5] = block;
        frame[6] = Lz4FrameWriter.HeaderChecksum(frame.AsSpan(4, 2));
        Assert.Contains(reason, Assert.Throws<InvalidCompressedDataException>(() => Read(frame)).Message);
    }

    [Fact]
    public void Block_larger_than_its_frame_allows_is_refused()
    {
        byte[] frame = Frame(Independent, s_data);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(7), BlockSize + 1);
        Assert.Contains("block size", Assert.Throws<InvalidCompressedDataException>(() => Read(frame)).Message);
    }

    static byte[] Read(byte[] frame, bool acceptLegacy = false)
    {
        var destination = new GrowingBuffer();
        new Lz4FrameReader(frame, destination, int.MaxValue, acceptLegacy).Decompress();
        return destination.WrittenSpan.ToArray();
    }

    static byte[] Frame(byte flags, byte[] data)
    {
        var frame = new List<byte>();
        frame.AddRange(BitConverter.GetBytes(Lz4FrameWriter.Magic));
        frame.AddRange([flags, 4 << 4]);
        if ((flags & ContentSize) != 0) frame.AddRange(BitConverter.GetBytes((long)data.Length));
        frame.Add(Lz4FrameWriter.HeaderChecksum([.. frame.Skip(4)]));

        using ILZ4Encoder encoder = LZ4Encoder.Create((flags & 0x20) == 0, LZ4Level.L00_FAST, BlockSize, extraBlocks: 1);
        var target = new byte[LZ4Codec.MaximumOutputSize(BlockSize)];
        for (int at = 0; at < data.Length; at += BlockSize)
        {
            ReadOnlySpan<byte> block = data.AsSpan(at, Math.Min(BlockSize, data.Length - at));
            encoder.TopupAndEncode(block, target, forceEncode: true, allowCopy: false, out int loaded, out int encoded);
            Assert.Equal(block.Length, loaded);
            frame.AddRange(BitConverter.GetBytes(encoded));
            frame.AddRange(target.AsSpan(0, encoded));
            if ((flags & BlockChecksum) != 0) frame.AddRange(BitConverter.GetBytes(XxHash32.HashToUInt32(target.AsSpan(0, encoded))));
        }

        frame.AddRange(BitConverter.GetBytes(0));
        if ((flags & ContentChecksum) != 0) frame.AddRange(BitConverter.GetBytes(XxHash32.HashToUInt32(data)));
        return [.. frame];
    }
}
