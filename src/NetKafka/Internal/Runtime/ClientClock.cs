using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>The client's two clocks: a monotonic one for deadlines, the time of day for the timestamps of records.</summary>
sealed class ClientClock(TimeProvider provider)
{
    readonly long _start = provider.GetTimestamp();

    public TimeProvider Provider { get; } = provider;

    public Instant Now
    {
        get
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.TimeOfDayMeasuresTime))
                return new Instant((Provider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks);
#endif
            return new Instant(Provider.GetElapsedTime(_start).Ticks);
        }
    }

    public long UnixMilliseconds => Provider.GetUtcNow().ToUnixTimeMilliseconds();
}
