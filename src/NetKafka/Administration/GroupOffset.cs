namespace NetKafka.Administration;

/// <summary>What a group has committed for a partition.</summary>
/// <param name="Offset">The offset of the record that is read next; −1 where the group has committed none.</param>
/// <param name="LeaderEpoch">The epoch in which the record before it was written; −1 where that was not said.</param>
/// <param name="Metadata">What was committed beside it; empty where nothing was.</param>
public readonly record struct GroupOffset(long Offset, int LeaderEpoch, string Metadata);
