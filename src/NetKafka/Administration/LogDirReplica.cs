namespace NetKafka.Administration;

/// <summary>A replica in a log directory (KIP-113).</summary>
/// <param name="Partition">The partition.</param>
/// <param name="SizeBytes">The size of its log segments, in bytes.</param>
/// <param name="OffsetLag">
/// How many records it is behind: of a current replica behind the high watermark, of a future one behind the current replica that it will replace.
/// </param>
/// <param name="IsFuture">Whether it is the copy that an <see cref="Admin.AlterReplicaLogDirsAsync"/> is making, which replaces the current one once it has caught up.</param>
public readonly record struct LogDirReplica(TopicPartition Partition, long SizeBytes, long OffsetLag, bool IsFuture);
