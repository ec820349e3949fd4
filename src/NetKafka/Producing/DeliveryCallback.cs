namespace NetKafka.Producing;

/// <summary>
/// Told what became of a record. Called on the thread pool, one after another and for the records of one partition in the
/// order in which they were produced, unless one takes so long (10 ms, a pause of the process included) that those behind it
/// go on beside it on another thread: so it must be thread-safe. It may produce again, and it may block, at the price of
/// that extra thread; what it throws is logged and given to <see cref="ProducerOptions.OnCallbackError"/>.
/// </summary>
/// <param name="report">The outcome.</param>
public delegate void DeliveryCallback(DeliveryReport report);
