namespace NetKafka.Administration;

/// <summary>A log directory of a broker (KIP-113).</summary>
/// <param name="Path">Its absolute path on the broker's machine.</param>
/// <param name="Replicas">The replicas in it, of those that were asked for, by partition; none where there is an error.</param>
/// <param name="Error">Why it cannot be used, such as <see cref="Protocol.ErrorCode.KafkaStorageError"/> of one whose disk has failed; null where it can.</param>
public sealed record LogDir(string Path, IReadOnlyList<LogDirReplica> Replicas, KafkaException? Error)
{
    /// <summary>The size of its volume in bytes (KIP-827); null where the broker does not tell.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>What its volume has left for the broker, in bytes (KIP-827); null where the broker does not tell.</summary>
    public long? UsableBytes { get; init; }

    /// <summary>Whether the broker is told to place no new replicas in it (DescribeLogDirs 5); false where the broker does not tell.</summary>
    public bool IsCordoned { get; init; }
}
