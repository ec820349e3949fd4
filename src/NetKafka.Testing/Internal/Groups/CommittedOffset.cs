namespace NetKafka.Testing.Internal.Groups;

/// <summary>What a group committed for a partition.</summary>
readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedAtMs);
