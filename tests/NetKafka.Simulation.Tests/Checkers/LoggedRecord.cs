namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>A record as it lies in the fake cluster's log.</summary>
/// <param name="Id">The number in its value; −1 where the value has none.</param>
/// <param name="Topic">The topic.</param>
/// <param name="TopicId">Which life of the topic it is: one that is created anew has another id.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
/// <param name="TimestampMs">The timestamp.</param>
/// <param name="Key">The key; null for none.</param>
/// <param name="Value">The value; null for a tombstone.</param>
/// <param name="HeaderCount">How many headers it has.</param>
/// <param name="IsAborted">Whether it belongs to a transaction that was aborted.</param>
/// <param name="IsTransactional">Whether it belongs to a transaction.</param>
/// <param name="IsRemoved">Whether it has been deleted or compacted away: whoever was late has not seen it.</param>
readonly record struct LoggedRecord(
    int Id, string Topic, Guid TopicId, int Partition, long Offset, long TimestampMs, byte[]? Key, byte[]? Value, int HeaderCount, bool IsAborted = false,
    bool IsRemoved = false, bool IsTransactional = false);
