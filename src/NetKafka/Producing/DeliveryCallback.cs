namespace NetKafka.Producing;

/// <summary>
/// Told what became of a record. Called on the thread pool, for the records of one partition in the order in which they
/// were produced. It may produce again, and it may block, at the price of an extra thread; what it throws is logged and
/// given to <see cref="ProducerOptions.OnCallbackError"/>.
/// </summary>
/// <param name="report">The outcome.</param>
public delegate void DeliveryCallback(DeliveryReport report);
