using System.Text.Json.Nodes;
using NetKafka.Protocol.Hashing;
using NetKafka.Protocol.Tests.Records;

namespace NetKafka.Protocol.Tests.Hashing;

public sealed class Murmur2Tests
{
    [Fact]
    public void Hashes_equal_those_of_Java()
    {
        int count = 0;
        foreach (JsonObject vector in RecordVectors.Hashes)
        {
            Assert.Equal(vector.Get<int>("hash"), Murmur2.Hash(vector["murmur2"].Bytes()));
            count++;
        }

        Assert.NotEqual(0, count);
    }

    [Fact]
    public void Partition_masks_the_sign_of_the_hash()
    {
        byte[] key = [0x2f, 0x20, 0xca, 0x47];
        Assert.Equal(-1534472384, Murmur2.Hash(key));
        Assert.Equal((-1534472384 & 0x7fffffff) % 7, Murmur2.Partition(key, 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => Murmur2.Partition([1], 0));
    }
}
