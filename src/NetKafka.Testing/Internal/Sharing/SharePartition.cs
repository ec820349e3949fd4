using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>
/// One partition as a share group reads it (KIP-932), at the leader: which records are free, with a member, or done with. It ends with
/// its leader; the next one begins with what was persisted. By the rules of the broker, the ranges that it hands out included.
/// </summary>
sealed partial class SharePartition
{
    readonly string groupId;
    readonly ClusterState cluster;
    readonly ShareState state;
    readonly ShareBatches batches = new();
    TimerEntry? lockTimer;
    long lockTimerAtMs;
    ErrorCode fencedBy;

    // Offsets between what was persisted that nothing was said of: they were acquired, and are free again. Only as long as nothing was
    // acquired behind them, since other holes are offsets that the log does not have.
    (long Start, long End)? gap;

    internal SharePartition(string groupId, Partition partition, ShareState state, ClusterState cluster, long nowMs)
    {
        this.groupId = groupId;
        this.cluster = cluster;
        this.state = state;
        Partition = partition;
        LeaderEpoch = partition.LeaderEpoch;
        NodeId = partition.Leader;
        StartOffset = state.StartOffset >= 0 ? state.StartOffset : FirstOffset(nowMs);
        Load();
    }

    internal Partition Partition { get; }

    /// <summary>The broker that leads it, under this epoch of the leader.</summary>
    internal int NodeId { get; }

    internal int LeaderEpoch { get; }

    /// <summary>The first offset that is not done with.</summary>
    internal long StartOffset { get; private set; }

    /// <summary>The last offset that was acquired; where nothing is in flight, the next that will be.</summary>
    internal long EndOffset { get; private set; }

    /// <summary>Its leader still leads, and nobody has taken the state away from it.</summary>
    internal bool IsLed => Partition.LeaderEpoch == LeaderEpoch && Partition.Leader == NodeId && !IsDropped;

    /// <summary>The broker has forgotten it, so that the next fetch begins with what was persisted.</summary>
    internal bool IsDropped { get; private set; }

    /// <summary>Every batch that is in flight.</summary>
    internal IReadOnlyList<ShareBatch> Batches => batches.All;

    int DeliveryLimit => cluster.GroupConfigs.Number(groupId, GroupConfigNames.ShareDeliveryCountLimit);

    int LockDurationMs => cluster.GroupConfigs.Number(groupId, GroupConfigNames.ShareRecordLockDurationMs);

    int MaxInFlight => cluster.GroupConfigs.Number(groupId, GroupConfigNames.SharePartitionMaxRecordLocks);

    long InFlight => batches.IsEmpty ? 0 : EndOffset - StartOffset + 1;

    bool IsGapOpen => gap is { } open && open.End == EndOffset;

    bool IsFresh => batches.IsEmpty || StartOffset > batches.Last.Last;

    /// <summary>What is persisted was set anew or deleted: this one goes on in memory, and is refused with an error when it is to write.</summary>
    internal void Fence(ErrorCode error) => fencedBy = error;

    internal void Drop()
    {
        IsDropped = true;
        lockTimer?.Cancel();
    }

    /// <summary>Where the next fetch reads: the first record that is free, or what comes behind all.</summary>
    internal long NextOffset()
    {
        if (IsFresh)
            return EndOffset;
        var gapStart = gap?.Start ?? 0;
        foreach (var batch in batches.All)
        {
            if (IsGapOpen)
            {
                if (batch.First > gapStart)
                    return gapStart;
                gapStart = Math.Max(batch.Last + 1, gapStart);
            }

            foreach (var (first, _, delivery) in batch.Parts())
            {
                if (delivery.State == RecordState.Available)
                    return first;
            }
        }

        return EndOffset + 1;
    }

    /// <summary>Something is free among what was acquired before, or there is room for more.</summary>
    internal bool CanAcquire(long nextOffset) => nextOffset != EndOffset + 1 || InFlight < MaxInFlight;

    /// <summary>Whether what is read at an offset was delivered before, so that no fetch waits for more.</summary>
    internal bool IsRedelivery(long nextOffset) => !IsFresh && nextOffset <= EndOffset;

    /// <summary>What the log has lost is given up; a member that has some of it keeps that until it lets go.</summary>
    internal void OnLogStartMoved(long logStart)
    {
        if (logStart <= StartOffset)
            return;
        if (!batches.IsEmpty)
            Archive(StartOffset, logStart - 1);
        StartOffset = logStart;
        EndOffset = batches.IsEmpty ? logStart : Math.Max(EndOffset, logStart);
    }

    /// <summary>What was not persisted is free: that of a first start by the group's rule for it.</summary>
    long FirstOffset(long nowMs)
    {
        var reset = cluster.GroupConfigs.Value(groupId, GroupConfigNames.ShareAutoOffsetReset);
        if (reset == "earliest")
            return Partition.Log.StartOffset;
        if (reset == "latest")
            return Partition.HighWatermark;
        var sinceMs = cluster.WallClock(nowMs) - (long)GroupConfigNames.DurationOf(reset).TotalMilliseconds;
        return LogSearch.FirstAtOrAfter(Partition.Log, cluster.Records, sinceMs)?.Offset ?? Partition.HighWatermark;
    }

    void Load()
    {
        var expected = StartOffset;
        long? gapStart = null;
        foreach (var saved in state.Saved)
        {
            if (saved.First > expected)
                gapStart ??= expected;
            expected = saved.Last + 1;
            batches.Add(new ShareBatch(saved.First, saved.Last, new Delivery(saved.State, saved.Count, Delivery.Nobody)));
        }

        EndOffset = batches.IsEmpty ? StartOffset : batches.Last.Last;
        if (gapStart is { } start)
            gap = (start, EndOffset);
        Advance();
    }

    /// <summary>Moves the start over what is done with, and forgets batches of which all is.</summary>
    void Advance()
    {
        if (batches.IsEmpty || batches.Floor(StartOffset) is not { } at || at.Last < StartOffset || !at.At(StartOffset).IsDone)
            return;
        var done = DoneUpTo();
        if (done is not { } last)
            return;
        if (last == batches.Last.Last)
        {
            (StartOffset, EndOffset) = (last + 1, last + 1);
            batches.Clear();
            return;
        }

        var batch = batches.Floor(last)!;
        var next = last == batch.Last ? batches.Higher(last)!.First : last + 1;
        StartOffset = Math.Max(StartOffset, next);
        if (last == batch.Last && IsGapOpen)
            StartOffset = Math.Min(gap!.Value.Start, StartOffset);
        batches.RemoveBefore(last == batch.Last ? last + 1 : batch.First);
    }

    long? DoneUpTo()
    {
        long? done = null;
        foreach (var batch in batches.All)
        {
            if (IsGapOpen && batch.Last >= gap!.Value.Start)
                return done;
            foreach (var (_, last, delivery) in batch.Parts())
            {
                if (!delivery.IsDone)
                    return done;
                done = last;
            }
        }

        return done;
    }

    /// <summary>Gives up what is free between two offsets.</summary>
    void Archive(long from, long to)
    {
        foreach (var batch in batches.All)
        {
            if (batch.Last < from || batch.First > to)
                continue;
            if (!batch.IsWithin(from, to) && batch.Whole is { State: RecordState.Available })
                batch.Split();
            if (!batch.IsWithin(from, to) && batch.Whole is not null)
                continue;
            foreach (var (_, _, delivery) in batch.Parts(from, to))
            {
                if (delivery.State == RecordState.Available)
                    delivery.Become(RecordState.Archived);
            }
        }
    }

    void Save(long first, long last, Delivery delivery) => state.Write(first, last, delivery.State, delivery.Count);

    /// <summary>What was written is persisted with where the share partition began before.</summary>
    void SaveStart()
    {
        if (state.StartOffset != StartOffset)
            state.MoveStart(StartOffset);
    }
}
