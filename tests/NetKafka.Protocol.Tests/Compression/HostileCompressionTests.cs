using System.Buffers.Binary;
using CsCheck;
using NetKafka.Protocol.Compression;

namespace NetKafka.Protocol.Tests.Compression;

public sealed class HostileCompressionTests
{
    const int Mebibyte = 1024 * 1024;

    public static TheoryData<CompressionCodec> RealCodecs => CompressionPoolTests.RealCodecs;

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void Bomb_ends_in_one_typed_error_with_memory_bounded(CompressionCodec codec)
    {
        using var pool = new CompressionPool();
        byte[] bomb = Compress(pool, codec, new byte[32 * Mebibyte]);
        var limits = new DecompressionLimits { MaxBytes = Mebibyte };
        var destination = new GrowingBuffer();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidCompressedDataException>(() => pool.Decompress(codec, bomb, destination, limits));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(error.IsTooLarge);
        Assert.Equal(codec, error.Codec);
        Assert.Contains("DecompressionLimits", error.Message);
        Assert.InRange(destination.Capacity, 0, 2 * Mebibyte);
        Assert.InRange(allocated, 0, 5 * Mebibyte);
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void Data_of_exactly_the_limit_is_read_and_a_byte_more_is_not(CompressionCodec codec)
    {
        using var pool = new CompressionPool();
        byte[] data = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i >> 8))];
        byte[] compressed = Compress(pool, codec, data);
        var destination = new GrowingBuffer();
        pool.Decompress(codec, compressed, destination, new DecompressionLimits { MaxBytes = data.Length });
        Assert.Equal(data, destination.WrittenSpan.ToArray());

        var error = Assert.Throws<InvalidCompressedDataException>(
            () => pool.Decompress(codec, compressed, new GrowingBuffer(), new DecompressionLimits { MaxBytes = data.Length - 1 }));
        Assert.True(error.IsTooLarge);
    }

    [Fact]
    public void Ratio_is_held_only_against_large_results()
    {
        using var pool = new CompressionPool();
        byte[] compressed = Compress(pool, CompressionCodec.Zstd, new byte[2 * Mebibyte]);
        var limits = new DecompressionLimits { MaxRatio = 10, RatioFreeBytes = Mebibyte };
        Assert.Throws<InvalidCompressedDataException>(() => pool.Decompress(CompressionCodec.Zstd, compressed, new GrowingBuffer(), limits));

        var destination = new GrowingBuffer();
        pool.Decompress(CompressionCodec.Zstd, compressed, destination, limits with { RatioFreeBytes = 2 * Mebibyte });
        Assert.Equal(2 * Mebibyte, destination.Length);
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void Data_cut_off_anywhere_never_passes_for_the_whole(CompressionCodec codec)
    {
        using var pool = new CompressionPool();
        byte[] data = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * i / 50))];
        byte[] compressed = Compress(pool, codec, data);

        // The eight bytes of checksum and length after gzip's content are not asked for: the batch has a checksum of its own.
        int end = codec == CompressionCodec.Gzip ? compressed.Length - 8 : compressed.Length;
        for (int length = 0; length < end; length++)
        {
            var destination = new GrowingBuffer();
            try
            {
                pool.Decompress(codec, compressed.AsSpan(0, length), destination, new());
                Assert.NotEqual(data.Length, destination.Length);
            }
            catch (InvalidCompressedDataException error)
            {
                Assert.False(error.IsTooLarge);
            }
        }
    }

    [Fact]
    public void Any_damage_ends_well_or_in_the_typed_error()
    {
        using var pool = new CompressionPool();
        var limits = new DecompressionLimits { MaxBytes = Mebibyte };
        byte[] data = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 7 * (i / 300)))];
        byte[][] compressed = [.. Enum.GetValues<CompressionCodec>().Select(codec => Compress(pool, codec, data))];
        Gen.Select(Gen.Int[1, 4], Gen.Select(Gen.Int[0, 100_000], Gen.Byte).Array[1, 6]).Sample(
            (codec, changes) =>
            {
                byte[] damaged = [.. compressed[codec]];
                foreach ((int at, byte value) in changes) damaged[at % Math.Min(damaged.Length, 40 + (at % 1000))] = value;
                var destination = new GrowingBuffer();
                try
                {
                    pool.Decompress((CompressionCodec)codec, damaged, destination, limits);
                }
                catch (InvalidCompressedDataException)
                {
                }

                return destination.Capacity <= 3 * Mebibyte;
            },
            iter: 4000);
    }

    [Fact]
    public void Snappy_block_that_declares_gigabytes_allocates_nothing()
    {
        byte[] raw = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00, 0x00];
        AssertRefusedWithoutAllocating(CompressionCodec.Snappy, raw);

        byte[] framed = [0x82, .. "SNAPPY"u8, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7, .. raw];
        AssertRefusedWithoutAllocating(CompressionCodec.Snappy, framed);

        byte[] negative = [0x82, .. "SNAPPY"u8, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE, 0];
        AssertRefusedWithoutAllocating(CompressionCodec.Snappy, negative);
    }

    [Fact]
    public void Zstd_frame_that_declares_a_huge_window_or_content_allocates_nothing()
    {
        // Magic, descriptor without content size, a window of 2 GiB, then a raw block cut off.
        AssertRefusedWithoutAllocating(CompressionCodec.Zstd, [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x09, 0x00, 0x00]);

        // A single segment of 2^40 bytes.
        AssertRefusedWithoutAllocating(CompressionCodec.Zstd, [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 1, 0, 0, 0x01, 0x00, 0x00]);
    }

    [Fact]
    public void Lz4_frame_that_declares_huge_content_allocates_nothing()
    {
        var frame = new byte[19];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Lz4FrameWriter.Magic);
        frame[4] = 0x68;
        frame[5] = 0x70;
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(6), long.MaxValue);
        frame[14] = Lz4FrameWriter.HeaderChecksum(frame.AsSpan(4, 10));
        AssertRefusedWithoutAllocating(CompressionCodec.Lz4, frame);
    }

    static void AssertRefusedWithoutAllocating(CompressionCodec codec, byte[] data)
    {
        using var pool = new CompressionPool();
        var destination = new GrowingBuffer();
        Assert.Throws<InvalidCompressedDataException>(() => pool.Decompress(codec, data, destination, new()));
        Assert.InRange(destination.Capacity, 0, 256 * 1024);
    }

    static byte[] Compress(CompressionPool pool, CompressionCodec codec, byte[] data)
    {
        var compressed = new GrowingBuffer();
        pool.Compress(codec, CompressionLevels.Default(codec), data, compressed);
        return compressed.WrittenSpan.ToArray();
    }
}
