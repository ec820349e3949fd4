namespace NetKafka.Internal.Runtime;

/// <summary>Where transports bring their events. Safe from any thread, also from inside a turn.</summary>
interface IEventSink
{
    /// <summary>
    /// Hands an event to the loop. If the loop is idle the caller runs a turn, so this may take as long as one, but it never
    /// waits.
    /// </summary>
    void Post(in LoopEvent item);
}
