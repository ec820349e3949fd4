namespace NetKafka.Internal.Kernel;

/// <summary>
/// Chance as a parameter: a small generator (SplitMix64) whose whole future follows from its seed, so that a run can be
/// repeated. Not for secrets. One owner at a time.
/// </summary>
sealed class RandomSource(ulong seed)
{
    ulong _state = seed;

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number of [0, <paramref name="exclusiveMax"/>).</summary>
    public int Next(int exclusiveMax) => (int)((UInt128)NextUInt64() * (uint)exclusiveMax >> 64);

    /// <summary>A number of [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));
}
