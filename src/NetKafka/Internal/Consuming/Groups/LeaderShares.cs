using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>What a leader has shared out: as it is told to the coordinator, and how many partitions that are.</summary>
sealed record LeaderShares(SyncGroupRequest.SyncGroupRequestAssignment[] Assignments, int Partitions);
