namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>A record as it lies in the fake cluster's log.</summary>
/// <param name="Id">The number in its value; −1 where the value has none.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
/// <param name="TimestampMs">The timestamp.</param>
/// <param name="Key">The key; null for none.</param>
/// <param name="Value">The value; null for a tombstone.</param>
/// <param name="HeaderCount">How many headers it has.</param>
/// <param name="IsAborted">Whether it belongs to a transaction that was aborted.</param>
readonly record struct LoggedRecord(
    int Id, string Topic, int Partition, long Offset, long TimestampMs, byte[]? Key, byte[]? Value, int HeaderCount, bool IsAborted = false);
