namespace NetKafka.Internal.Kernel;

/// <summary>
/// How long to wait before the next try: doubles from <paramref name="Initial"/> to <paramref name="Max"/>, spread by
/// ±20 % so that many clients do not come back at one moment (KIP-580).
/// </summary>
readonly record struct Backoff(TimeSpan Initial, TimeSpan Max)
{
    const double Jitter = 0.2;

    /// <param name="attempts">The tries that have failed so far; 0 and 1 give the initial wait.</param>
    /// <param name="random">Where the spread comes from.</param>
    public TimeSpan After(int attempts, RandomSource random)
    {
        var doublings = Math.Clamp(attempts - 1, 0, 30);
        var ticks = Math.Min((double)Initial.Ticks * (1L << doublings), Max.Ticks);
        return TimeSpan.FromTicks((long)(ticks * (1 - Jitter + 2 * Jitter * random.NextDouble())));
    }
}
