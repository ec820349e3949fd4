using System.Text;
using NetKafka.Protocol.Hashing;

namespace NetKafka.Protocol.Tests.Hashing;

/// <summary>The published check values of the two hashes, and what becomes of their signs.</summary>
public sealed class KeyHashTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xCBF43926u)]
    public void Crc32_is_that_of_IEEE(string text, uint sum) => Assert.Equal(sum, KeyCrc32.Hash(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("", 0x811C9DC5u)]
    [InlineData("a", 0xE40C292Cu)]
    [InlineData("foobar", 0xBF9CF968u)]
    public void Fnv1a_is_the_published_one(string text, uint hash) => Assert.Equal(hash, (uint)Fnv1a.Hash(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Crc32_counts_as_a_number_without_a_sign() => Assert.Equal((int)(0xCBF43926u % 7), KeyCrc32.Partition("123456789"u8, 7));

    [Fact]
    public void Fnv1a_loses_its_sign_by_its_absolute_value()
    {
        var hash = Fnv1a.Hash("a"u8);
        Assert.True(hash < 0);
        Assert.Equal(-hash % 7, Fnv1a.Partition("a"u8, 7));
        Assert.NotEqual((hash & int.MaxValue) % 7, Fnv1a.Partition("a"u8, 7));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Topic_without_partitions_is_refused(int count)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyCrc32.Partition([1], count));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fnv1a.Partition([1], count));
    }
}
