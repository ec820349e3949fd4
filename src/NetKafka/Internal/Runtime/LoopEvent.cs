namespace NetKafka.Internal.Runtime;

/// <summary>
/// Something that happened outside the machines. <see cref="Error"/> is set where what was begun has failed.
/// </summary>
/// <param name="Kind">What happened.</param>
/// <param name="Connection">The connection it happened to; 0 for calls.</param>
/// <param name="Count">The bytes received; 0 is the end of the stream.</param>
/// <param name="Payload">Addresses, or the call; of what was received who lends the thread, if anybody does.</param>
/// <param name="Error">Why it failed.</param>
readonly record struct LoopEvent(
    LoopEventKind Kind, int Connection = 0, int Count = 0, object? Payload = null, Exception? Error = null);
