using System.Buffers.Binary;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The partition that Java's producer gives a key: murmur2, its sign masked. Written apart from the client's.</summary>
static class JavaPartition
{
    const uint Multiplier = 0x5BD1E995;
    const int Shift = 24;
    const uint Seed = 0x9747B28C;

    public static int Of(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & int.MaxValue) % partitions;

    static uint Hash(ReadOnlySpan<byte> key)
    {
        var hash = Seed ^ (uint)key.Length;
        for (; key.Length >= sizeof(uint); key = key[sizeof(uint)..])
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            word = (word ^ (word >> Shift)) * Multiplier;
            hash = (hash * Multiplier) ^ word;
        }
        if (key.Length > 0)
        {
            for (var i = key.Length - 1; i >= 0; i--)
                hash ^= (uint)key[i] << (8 * i);
            hash *= Multiplier;
        }
        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
