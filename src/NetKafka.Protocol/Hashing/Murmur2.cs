using System.Buffers.Binary;

namespace NetKafka.Protocol.Hashing;

/// <summary>
/// The 32-bit murmur2 hash by which Kafka's Java clients choose the partition of a keyed record.
/// </summary>
public static class Murmur2
{
    const uint Seed = 0x9747b28c;
    const uint Multiplier = 0x5bd1e995;
    const int Rotation = 24;

    /// <summary>Hashes the bytes of a key, with the seed that Kafka uses.</summary>
    /// <param name="data">The serialized key; an empty one is hashed like any other.</param>
    /// <returns>The hash as a signed number, equal to the one of the Java client.</returns>
    public static int Hash(ReadOnlySpan<byte> data)
    {
        uint hash = Seed ^ (uint)data.Length;
        while (data.Length >= sizeof(uint))
        {
            uint block = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            block = (block ^ (block >> Rotation)) * Multiplier;
            hash = (hash * Multiplier) ^ block;
            data = data[sizeof(uint)..];
        }

        if (data.Length > 0)
        {
            for (int i = data.Length - 1; i >= 0; i--) hash ^= (uint)data[i] << (8 * i);
            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>
    /// The partition that Kafka's default partitioner gives to a key: the hash with its sign bit masked off, modulo the
    /// number of partitions.
    /// </summary>
    /// <param name="key">The serialized key.</param>
    /// <param name="partitionCount">How many partitions the topic has; at least one.</param>
    /// <returns>A partition from 0 to <paramref name="partitionCount"/> − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitionCount"/> is zero or negative.</exception>
    public static int Partition(ReadOnlySpan<byte> key, int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(partitionCount);
        return (Hash(key) & int.MaxValue) % partitionCount;
    }
}
