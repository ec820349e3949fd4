namespace NetKafka.Testing.Internal.Logs;

/// <summary>An aborted transaction of one producer in one partition, from its first record to its marker.</summary>
readonly record struct AbortedTransactionSpan(long ProducerId, long FirstOffset, long LastOffset);
