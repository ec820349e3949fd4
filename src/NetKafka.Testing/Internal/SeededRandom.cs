using System.Buffers.Binary;

namespace NetKafka.Testing.Internal;

/// <summary>Chance that is the same for the same seed on every machine (SplitMix64).</summary>
sealed class SeededRandom(long seed)
{
    ulong state = (ulong)seed;

    /// <summary>A number from 0 up to, not including, the limit.</summary>
    internal int Next(int limit) => (int)(Next() % (ulong)limit);

    internal Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Next());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Next());
        return new Guid(bytes, bigEndian: true);
    }

    ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
