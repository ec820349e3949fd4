namespace NetKafka.Administration;

/// <summary>Where a share group is in a partition (KIP-932).</summary>
/// <param name="StartOffset">The first offset that is not done with; −1 where the group has not begun there.</param>
/// <param name="LeaderEpoch">The epoch of that offset's leader; 0 where it is not known.</param>
/// <param name="Lag">How many records are not done with (KIP-1226; Kafka 4.2 and later); −1 where that is not known.</param>
public readonly record struct ShareGroupOffset(long StartOffset, int LeaderEpoch, long Lag);
