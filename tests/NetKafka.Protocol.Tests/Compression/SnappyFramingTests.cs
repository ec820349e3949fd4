using NetKafka.Protocol.Compression;
using Snappier;

namespace NetKafka.Protocol.Tests.Compression;

public sealed class SnappyFramingTests
{
    static readonly byte[] s_data = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i / 11))];

    [Fact]
    public void Written_data_is_framed_as_xerial_does_in_blocks_of_32_KiB()
    {
        var framed = new GrowingBuffer();
        SnappyCodec.Compress(s_data, framed);
        Assert.Equal("82534E41505059000000000100000001", Convert.ToHexString(framed.WrittenSpan[..16]));
        int blocks = 0;
        ReadOnlySpan<byte> rest = framed.WrittenSpan[16..];
        while (!rest.IsEmpty)
        {
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(rest);
            Assert.InRange(Snappy.GetUncompressedLength(rest.Slice(4, length)), 1, 32 * 1024);
            rest = rest[(4 + length)..];
            blocks++;
        }

        Assert.Equal(4, blocks);
    }

    [Fact]
    public void Raw_snappy_is_accepted() => Assert.Equal(s_data, Read(Snappy.CompressToArray(s_data)));

    [Fact]
    public void Framed_streams_in_a_row_are_read_as_one()
    {
        var framed = new GrowingBuffer();
        SnappyCodec.Compress(s_data, framed);
        SnappyCodec.Compress([1, 2, 3], framed);
        Assert.Equal([.. s_data, 1, 2, 3], Read(framed.WrittenSpan.ToArray()));
    }

    static byte[] Read(byte[] source)
    {
        var destination = new GrowingBuffer();
        SnappyCodec.Decompress(source, destination, int.MaxValue);
        return destination.WrittenSpan.ToArray();
    }
}
