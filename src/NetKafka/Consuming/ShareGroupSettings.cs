namespace NetKafka.Consuming;

/// <summary>
/// What a share group is set to: configuration of the group, not of its consumers, which an admin changes (<c>kafka-configs --entity-type groups</c>).
/// A consumer reads it as it joins; null stands for what the broker did not tell.
/// </summary>
/// <param name="AutoOffsetReset">
/// Where a group begins that reads a topic for the first time: <c>latest</c>, Kafka's default, so that a new group is given nothing that was
/// written before; <c>earliest</c>; or <c>by_duration:</c> and a duration. <c>share.auto.offset.reset</c>.
/// </param>
/// <param name="IsolationLevel">
/// Which records of transactions are given: <c>read_uncommitted</c>, Kafka's default, or <c>read_committed</c>. <c>share.isolation.level</c>.
/// </param>
/// <param name="RecordLockDuration">
/// How long a record is this consumer's before it is given to another. Kafka's default 30 s. <c>share.record.lock.duration.ms</c>.
/// </param>
public sealed record ShareGroupSettings(string? AutoOffsetReset, string? IsolationLevel, TimeSpan? RecordLockDuration);
