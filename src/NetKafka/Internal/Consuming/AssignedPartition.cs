using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Processing;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>
/// A partition while it is assigned to this consumer: data, not a machine. The machines own everything but what is marked as
/// shared with the reading thread, which changes under the gate of the <see cref="FetchQueue"/> only.
/// </summary>
sealed class AssignedPartition(TopicPartition partition)
{
    public const long LookupEarliest = -2;
    public const long LookupLatest = -1;

    // Longer than a broker's session (broker.session.timeout.ms, 9 s).
    static readonly TimeSpan FirstReplicaPause = TimeSpan.FromSeconds(10);

    int _generation;
    int _replicaFailures;

    public TopicPartition Partition { get; } = partition;

    public PositionStage Stage { get; set; }

    /// <summary>
    /// Grows whenever what was fetched or asked before must not count any more: a seek, a pause, a revocation. Shared: written
    /// under the gate, read at each record.
    /// </summary>
    public int Generation
    {
        get => Volatile.Read(ref _generation);
        set => Volatile.Write(ref _generation, value);
    }

    /// <summary>
    /// The first offset that the application has not finished; −1 while unknown. Shared; see
    /// <see cref="FetchQueue.PositionOf"/>.
    /// </summary>
    public long Position { get; set; } = -1;

    /// <summary>The epoch of the batch before <see cref="Position"/>; −1 while unknown. Shared.</summary>
    public int PositionEpoch { get; set; } = -1;

    /// <summary>What the reader has in hand of this partition, unless a seek took its place. Shared.</summary>
    public FetchedChunk? InHand { get; set; }

    /// <summary>How many chunks of it the reader has in hand, those among them in whose place a seek took. Shared.</summary>
    public int HeldChunks { get; set; }

    /// <summary>A transaction that has not ended has taken records of it: it is not given up before. Shared.</summary>
    public bool IsProcessed { get; set; }

    /// <summary>What a runner that works on many records at a time has in hand of it; null without one. Shared.</summary>
    public PartitionWork? Work { get; set; }

    /// <summary>How many fetched bytes wait for the reader. Shared.</summary>
    public int QueuedBytes { get; set; }

    /// <summary>How many chunks wait for the reader. Shared.</summary>
    public int QueuedChunks { get; set; }

    /// <summary>What was fetched beyond <see cref="Position"/> was thrown away; fetching begins there again. Shared.</summary>
    public bool IsRewound { get; set; }

    /// <summary>Where the next fetch begins.</summary>
    public long FetchOffset { get; set; } = -1;

    /// <summary>The epoch of the last batch that was fetched; −1 while unknown.</summary>
    public int FetchEpoch { get; set; } = -1;

    /// <summary>The id of the topic in whose log the position is: one that was deleted and created anew is another. Empty while unknown.</summary>
    public Guid TopicId { get; set; }

    /// <summary>The topic's id when a request about the position was sent.</summary>
    public Guid AskedTopicId { get; set; }

    /// <summary>The id under which it was fetched last, so that the position has moved in that topic's log.</summary>
    public Guid FetchedTopicId { get; private set; }

    /// <summary>The leader's epoch under which the position is known to be in the log.</summary>
    public int ValidatedEpoch { get; set; } = -1;

    /// <summary>What lies from here on is not to be read; an end that is told says when this is reached.</summary>
    public long Bound { get; set; } = long.MaxValue;

    /// <summary>The end of the log that was queued for the reader last; −1 if none was since the position was set.</summary>
    public long EndQueued { get; set; } = -1;

    /// <summary>The end of the log that the reader has come to; −1 if to none since the position was set. Shared.</summary>
    public long EndReached { get; set; } = -1;

    /// <summary>
    /// The moment to look up while <see cref="Stage"/> says so: milliseconds since 1970, or one of the constants.
    /// </summary>
    public long LookupTimestamp { get; private set; } = LookupLatest;

    /// <summary>No record is as young as that: the end is asked for.</summary>
    public bool IsEndLookedUp { get; set; }

    /// <summary>The leader cannot find records by their time.</summary>
    public bool IsTimeUnknown { get; set; }

    /// <summary>The end that was found when no record was as young; −1 before.</summary>
    public (long Offset, int Epoch) LookupEnd { get; set; } = (-1, -1);

    /// <summary>What the leader is to be asked for.</summary>
    public long AskedTimestamp => IsEndLookedUp ? LookupLatest : LookupTimestamp;

    public bool IsPaused { get; set; }

    /// <summary>About to be given up: nothing is fetched, and what was fetched is not handed out.</summary>
    public bool IsRevoking { get; set; }

    /// <summary>New, and the application's handler has not finished: nothing is fetched yet.</summary>
    public bool IsTaking { get; set; }

    /// <summary>The application has been told that it is given up, and is not told again whatever becomes of it meanwhile.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>The application's handler has ended, so that what is finished is committed last: nothing that it names comes after.</summary>
    public bool IsHandedOver { get; set; }

    public bool CanBeFetched => Stage == PositionStage.Ready && !IsPaused && !IsRevoking && !IsTaking;

    /// <summary>The generation for which a request about the position is under way; −1 if none is.</summary>
    public int AskedGeneration { get; set; } = -1;

    /// <summary>The leader's epoch when that request was sent.</summary>
    public int AskedEpoch { get; set; } = -1;

    /// <summary>
    /// Grows when the application sets the position, so that what was committed for an older one is told from it.
    /// </summary>
    public int Seeks { get; set; }

    /// <summary>Before when nothing is tried again after a failure.</summary>
    public Instant NotBefore { get; set; } = Instant.Start;

    public int Failures { get; set; }

    /// <summary>The replica that the leader has named to fetch from, in the consumer's own rack (KIP-392); −1 for the leader.</summary>
    public int Replica { get; private set; } = -1;

    /// <summary>The epoch of the leader that has named it: another one is asked anew.</summary>
    public int ReplicaEpoch { get; private set; } = -1;

    /// <summary>Until when it is fetched from before the leader is asked again; never before its first fetch.</summary>
    public Instant ReplicaUntil { get; private set; } = Instant.Never;

    /// <summary>Until when the leader is not told of a rack, so that it serves the partition itself.</summary>
    public Instant NoReplicaBefore { get; private set; } = Instant.Start;

    public long HighWatermark { get; set; } = -1;

    public long LastStableOffset { get; set; } = -1;

    public long LogStartOffset { get; set; } = -1;

    /// <summary>
    /// The newest offset that was committed from here or found committed; −1 if none is known, or a seek made it void.
    /// </summary>
    public long CommitFloor { get; set; } = -1;

    /// <summary>The offset that was sent last, whatever became of it; −1 if none was, or a seek made it void.</summary>
    public long CommitSent { get; set; } = -1;

    /// <summary>The end of the log that a reader can come to, as far as is known; −1 before the first fetch. From any thread.</summary>
    public long EndOf(bool isReadCommitted) => isReadCommitted ? LastStableOffset : HighWatermark;

    /// <summary>Its position is to be looked up: where a moment, the beginning or the end is.</summary>
    public void LookUp(long timestampMs)
    {
        (LookupTimestamp, IsEndLookedUp, IsTimeUnknown, LookupEnd) = (timestampMs, false, false, (-1, -1));
        Stage = PositionStage.Lookup;
    }

    /// <summary>Fetches from a replica that the leader has named.</summary>
    public void FollowReplica(int nodeId, int leaderEpoch) => (Replica, ReplicaEpoch, ReplicaUntil) = (nodeId, leaderEpoch, Instant.Never);

    /// <summary>
    /// The replica is about to be fetched from. Its lease counts from the first time: while the broker is busy with a fetch of others a short
    /// one would end unused, and the leader, asked again, gives no records and names the same replica.
    /// </summary>
    public void BeginLease(Instant until) => ReplicaUntil = ReplicaUntil == Instant.Never ? until : ReplicaUntil;

    /// <summary>Fetches from the leader.</summary>
    public void LeaveReplica() => (Replica, ReplicaEpoch, ReplicaUntil) = (-1, -1, Instant.Never);

    /// <summary>The replica has been fetched from.</summary>
    public void OnReplicaRead() => _replicaFailures = 0;

    /// <summary>
    /// The replica cannot be fetched from: the leader is. It would go on naming the same one until it has heard that it is gone, and gives
    /// no records while it names one; so for a time, ever longer, it is not told that another would be nearer.
    /// </summary>
    public void OnReplicaFailed(Instant now, TimeSpan lease)
    {
        LeaveReplica();
        _replicaFailures++;
        var pause = FirstReplicaPause * _replicaFailures;
        NoReplicaBefore = now + (pause < lease ? pause : lease);
    }

    /// <summary>Waits before the next try.</summary>
    public void BackOff(Instant now, Backoff backoff, RandomSource random)
    {
        Failures++;
        NotBefore = now + backoff.After(Failures, random);
    }

    /// <summary>It was fetched at its position under a topic's id.</summary>
    public void OnFetched(Guid topicId)
    {
        FetchedTopicId = topicId;
        if (TopicId == Guid.Empty)
            TopicId = topicId;
    }

    public void Succeed()
    {
        Failures = 0;
        NotBefore = Instant.Start;
    }

    public override string ToString() => $"{Partition} {Stage}";
}
