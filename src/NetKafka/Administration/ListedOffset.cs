namespace NetKafka.Administration;

/// <summary>An offset of a partition that was asked for.</summary>
/// <param name="Offset">The offset; −1 where there is none, as of a time after the last record.</param>
/// <param name="Timestamp">The record's timestamp; null where that is not what was asked for, or there is none.</param>
/// <param name="LeaderEpoch">The epoch in which the record was written; −1 where the broker does not tell.</param>
public readonly record struct ListedOffset(long Offset, DateTimeOffset? Timestamp, int LeaderEpoch);
