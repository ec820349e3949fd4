namespace NetKafka.Internal.Runtime;

/// <summary>Where transports bring their events. Safe from any thread, also from inside a turn.</summary>
interface IEventSink
{
    /// <summary>
    /// Hands an event to the loop. If the loop is idle the caller runs a turn, so this may take as long as one, but it never
    /// waits.
    /// </summary>
    void Post(in LoopEvent item);

    /// <summary>Something is sent, inside a turn, by a connection whose receiving thread is lent: an answer will want it back.</summary>
    void Watch(IThreadLender lender)
    {
    }
}
