using NetKafka.Protocol;

namespace NetKafka.Internal.Cluster;

/// <summary>A partition as metadata names it. Leader −1: none is known. Epoch −1: the broker is too old to tell.</summary>
sealed record PartitionView(int Index, int LeaderId, int LeaderEpoch, int[] Replicas, int[] InSyncReplicas, ErrorCode Error);
