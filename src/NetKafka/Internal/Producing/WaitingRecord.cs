using NetKafka.Internal.Kernel;
using NetKafka.Protocol.Compression;

namespace NetKafka.Internal.Producing;

/// <summary>A record that could not be put into a batch at once.</summary>
/// <param name="Record">The record.</param>
/// <param name="Completion">Who is told of its outcome once it is in.</param>
/// <param name="Call">What its sender awaits: the outcome, or, if it was posted, that it is in.</param>
/// <param name="IsPosted">Whether the sender waits only until it is in.</param>
/// <param name="Scratch">The buffer that its bytes lie in, to be given back; null for bytes of the sender.</param>
/// <param name="Deadline">When waiting ends.</param>
/// <param name="Ticket">Its place among all that wait.</param>
sealed record WaitingRecord(
    RecordData Record, RecordCompletion Completion, AwaitedRecord Call, bool IsPosted, GrowingBuffer? Scratch, Instant Deadline,
    LinkedListNode<long> Ticket);
