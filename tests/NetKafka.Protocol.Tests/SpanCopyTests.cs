namespace NetKafka.Protocol.Tests;

/// <summary>Copying in pieces gives what copying gives.</summary>
public sealed class SpanCopyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(4096)]
    [InlineData(100_001)]
    public void All_bytes_arrive_and_none_beside_them_is_touched(int length)
    {
        byte[] source = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + 1))];
        var place = new byte[length + 26];

        ((ReadOnlySpan<byte>)source).CopyInPieces(place.AsSpan(13, length));

        Assert.Equal(source, place[13..^13]);
        Assert.All(place[..13].Concat(place[^13..]), each => Assert.Equal(0, each));
        Assert.Equal(source, ((ReadOnlySpan<byte>)source).ToArrayInPieces());
    }

    [Fact]
    public void Destination_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => ((ReadOnlySpan<byte>)new byte[5000]).CopyInPieces(new byte[4999]));
}
