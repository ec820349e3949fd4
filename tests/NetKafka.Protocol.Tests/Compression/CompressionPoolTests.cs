using CsCheck;
using NetKafka.Protocol.Compression;

namespace NetKafka.Protocol.Tests.Compression;

public sealed class CompressionPoolTests
{
    public static TheoryData<CompressionCodec> Codecs => new(Enum.GetValues<CompressionCodec>());

    public static TheoryData<CompressionCodec> RealCodecs =>
        new(Enum.GetValues<CompressionCodec>().Where(codec => codec != CompressionCodec.None));

    [Fact]
    public void What_is_compressed_at_any_level_decompresses_to_the_same()
    {
        using var pool = new CompressionPool();
        Gen<(CompressionCodec Codec, int Level)> codecs = Gen.Enum<CompressionCodec>().SelectMany(
            codec => Gen.OneOf(
                Gen.Const(CompressionLevels.Default(codec)),
                Gen.Int[Math.Max(CompressionLevels.Minimum(codec), -20), CompressionLevels.Maximum(codec)])
                .Select(level => (codec, level)));
        Gen.Select(codecs, Data).Sample(
            (codec, data) => RoundTrip(pool, codec.Codec, codec.Level, data).AsSpan().SequenceEqual(data),
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Data_of_many_blocks_and_of_none_survives(CompressionCodec codec)
    {
        using var pool = new CompressionPool();
        var large = new byte[700_001];
        var random = new Random(3);
        for (int i = 0; i < large.Length; i++) large[i] = (byte)(i % 4099 < 2000 ? i / 7 : random.Next());
        Assert.Equal(large, RoundTrip(pool, codec, CompressionLevels.Default(codec), large));
        Assert.Empty(RoundTrip(pool, codec, CompressionLevels.Default(codec), []));
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void Repeated_text_becomes_smaller(CompressionCodec codec)
    {
        using var pool = new CompressionPool();
        var data = new byte[100_000];
        data.AsSpan().Fill((byte)'a');
        var compressed = new GrowingBuffer();
        pool.Compress(codec, CompressionLevels.Default(codec), data, compressed);
        Assert.InRange(compressed.Length, 1, data.Length / 10);
    }

    [Fact]
    public void Result_is_appended_to_what_the_buffer_holds()
    {
        using var pool = new CompressionPool();
        foreach (CompressionCodec codec in Enum.GetValues<CompressionCodec>())
        {
            var compressed = new GrowingBuffer();
            compressed.Write([1, 2, 3]);
            pool.Compress(codec, CompressionLevels.Default(codec), "payments"u8, compressed);
            var plain = new GrowingBuffer();
            plain.Write([9]);
            pool.Decompress(codec, compressed.WrittenSpan[3..], plain, new());
            Assert.Equal([9, .. "payments"u8], plain.WrittenSpan.ToArray());
        }
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip, -1, 1, 9)]
    [InlineData(CompressionCodec.Lz4, 9, 1, 17)]
    [InlineData(CompressionCodec.Zstd, 3, -131072, 22)]
    [InlineData(CompressionCodec.Snappy, 0, 0, 0)]
    public void Levels_are_those_of_Java(CompressionCodec codec, int standard, int lowest, int highest)
    {
        Assert.Equal(standard, CompressionLevels.Default(codec));
        Assert.Equal(lowest, CompressionLevels.Minimum(codec));
        Assert.Equal(highest, CompressionLevels.Maximum(codec));
        Assert.True(CompressionLevels.IsValid(codec, standard));
        Assert.True(CompressionLevels.IsValid(codec, lowest));
        Assert.True(CompressionLevels.IsValid(codec, highest));
        Assert.False(CompressionLevels.IsValid(codec, highest + 1));
        using var pool = new CompressionPool();
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => pool.Compress(codec, highest + 1, [1], new GrowingBuffer()));
        Assert.Contains($"{lowest} to {highest}", error.Message);
    }

    [Fact]
    public void Unknown_codec_is_refused()
    {
        using var pool = new CompressionPool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Compress((CompressionCodec)5, 0, [1], new GrowingBuffer()));
        Assert.Throws<InvalidCompressedDataException>(() => pool.Decompress((CompressionCodec)5, [1], new GrowingBuffer(), new()));
    }

    [Fact]
    public void Pool_keeps_buffers_up_to_its_bound_and_their_size()
    {
        using var pool = new CompressionPool(maxRetained: 2);
        GrowingBuffer[] buffers = [pool.RentBuffer(), pool.RentBuffer(), pool.RentBuffer()];
        foreach (GrowingBuffer buffer in buffers)
        {
            buffer.Write([1]);
            pool.Return(buffer);
        }

        GrowingBuffer[] again = [pool.RentBuffer(), pool.RentBuffer(), pool.RentBuffer()];
        Assert.Equal(2, again.Intersect(buffers).Count());
        Assert.All(again, buffer => Assert.Equal(0, buffer.Length));

        again[0].GetSpan(5 * 1024 * 1024);
        pool.Return(again[0]);
        Assert.NotSame(again[0], pool.RentBuffer());
    }

    [Fact]
    public void Pool_serves_many_threads_and_works_on_when_disposed()
    {
        var pool = new CompressionPool(maxRetained: 1);
        byte[] data = [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i / 100))];
        Parallel.For(0, 64, i =>
        {
            var codec = (CompressionCodec)(1 + (i % 4));
            Assert.Equal(data, RoundTrip(pool, codec, CompressionLevels.Default(codec), data));
            if (i == 40) pool.Dispose();
        });
    }

    internal static Gen<byte[]> Data => Gen.OneOf(
        Gen.Byte.Array[0, 3000],
        Gen.Byte[0, 3].Array[0, 3000],
        Gen.Select(Gen.Byte.Array[1, 40], Gen.Int[1, 4000]).Select(
            (piece, times) => Enumerable.Repeat(piece, times).SelectMany(bytes => bytes).ToArray()));

    static byte[] RoundTrip(CompressionPool pool, CompressionCodec codec, int level, byte[] data)
    {
        GrowingBuffer compressed = pool.RentBuffer();
        GrowingBuffer plain = pool.RentBuffer();
        pool.Compress(codec, level, data, compressed);
        pool.Decompress(codec, compressed.WrittenSpan, plain, new());
        byte[] result = plain.WrittenSpan.ToArray();
        pool.Return(compressed);
        pool.Return(plain);
        return result;
    }
}
