namespace NetKafka.Internal.Runtime;

/// <summary>
/// Whoever brings an event to the loop on a thread of his own, and lends it to brief user code after the turn: that saves
/// waking another one.
/// </summary>
interface IThreadLender
{
    /// <summary>
    /// The turn of the event is over: from here on the thread may run user code, for as long as that takes. On that thread.
    /// </summary>
    void OnTurnOver();

    /// <summary>
    /// The thread has been kept too long: what else it was to do goes on with another one. From any thread; too late a call
    /// does no harm.
    /// </summary>
    void GoOnElsewhere();
}
