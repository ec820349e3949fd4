namespace NetKafka.Internal.Producing;

/// <summary>Who is told what became of a record.</summary>
/// <param name="Target">An <see cref="AwaitedRecord"/>, a delivery callback of the user, or null for nobody.</param>
/// <param name="State">The user's object for the callback.</param>
/// <param name="TimestampMs">The record's own timestamp.</param>
readonly record struct RecordCompletion(object? Target, object? State, long TimestampMs);
