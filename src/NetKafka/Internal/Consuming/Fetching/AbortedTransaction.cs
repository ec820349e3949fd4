namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>A transaction that was aborted: its records from an offset on, until its abort marker, are not to be read.</summary>
readonly record struct AbortedTransaction(long ProducerId, long FirstOffset);
