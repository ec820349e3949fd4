namespace NetKafka.Protocol.Hashing;

/// <summary>
/// The 32-bit FNV-1a hash by which Sarama's and kafka-go's hash partitioners, and librdkafka's <c>fnv1a</c>, choose the partition of
/// a keyed record.
/// </summary>
public static class Fnv1a
{
    const uint Offset = 0x811c9dc5;
    const uint Prime = 0x01000193;

    /// <summary>Hashes the bytes of a key.</summary>
    /// <param name="data">The serialized key; an empty one is hashed like any other.</param>
    /// <returns>The hash as a signed number.</returns>
    public static int Hash(ReadOnlySpan<byte> data)
    {
        var hash = Offset;
        foreach (var one in data)
            hash = (hash ^ one) * Prime;
        return (int)hash;
    }

    /// <summary>
    /// The partition of a key: the absolute value of the hash modulo the number of partitions. Java's partitioner masks the sign
    /// instead, which gives other partitions.
    /// </summary>
    /// <param name="key">The serialized key.</param>
    /// <param name="partitionCount">How many partitions the topic has; at least one.</param>
    /// <returns>A partition from 0 to <paramref name="partitionCount"/> − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitionCount"/> is zero or negative.</exception>
    public static int Partition(ReadOnlySpan<byte> key, int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(partitionCount);
        // The smallest number has no positive counterpart; read without its sign it is its own absolute value.
        var hash = Hash(key);
        return (int)((uint)(hash < 0 ? unchecked(-hash) : hash) % (uint)partitionCount);
    }
}
