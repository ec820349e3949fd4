namespace NetKafka.Protocol.Hashing;

/// <summary>
/// The CRC-32 (of IEEE 802.3) by which librdkafka's default partitioner, and with it every client built on librdkafka, chooses the
/// partition of a keyed record.
/// </summary>
public static class KeyCrc32
{
    /// <summary>Sums the bytes of a key.</summary>
    /// <param name="data">The serialized key; the sum of an empty one is 0.</param>
    /// <returns>The sum.</returns>
    public static uint Hash(ReadOnlySpan<byte> data) => System.IO.Hashing.Crc32.HashToUInt32(data);

    /// <summary>The partition of a key: the sum, as a number without a sign, modulo the number of partitions.</summary>
    /// <param name="key">The serialized key.</param>
    /// <param name="partitionCount">How many partitions the topic has; at least one.</param>
    /// <returns>A partition from 0 to <paramref name="partitionCount"/> − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitionCount"/> is zero or negative.</exception>
    public static int Partition(ReadOnlySpan<byte> key, int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(partitionCount);
        return (int)(Hash(key) % (uint)partitionCount);
    }
}
