namespace NetKafka.Administration;

/// <summary>A node that has the metadata log (KIP-595).</summary>
/// <param name="NodeId">Its node id.</param>
/// <param name="LogEndOffset">The end of its log as the leader knows it; −1 while it knows nothing of it.</param>
public sealed record QuorumReplica(int NodeId, long LogEndOffset)
{
    /// <summary>The id of its log directory (KIP-853), as <see cref="Admin.RemoveRaftVoterAsync"/> wants it; null where the controller does not tell.</summary>
    public Guid? DirectoryId { get; init; }

    /// <summary>When it last fetched from the leader, by the leader's clock (KIP-836); null where nothing is known.</summary>
    public DateTimeOffset? LastFetchTime { get; init; }

    /// <summary>When it last had all that the leader had (KIP-836); null where nothing is known.</summary>
    public DateTimeOffset? LastCaughtUpTime { get; init; }
}
