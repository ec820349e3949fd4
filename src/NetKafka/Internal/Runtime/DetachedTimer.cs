namespace NetKafka.Internal.Runtime;

/// <summary>
/// Timers of the client, which outlives the call that made it: they neither keep nor see what flows with that call
/// (async locals, the current activity). They are not armed yet.
/// </summary>
static class DetachedTimer
{
    public static ITimer Create(TimeProvider time, TimerCallback callback, object state)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
