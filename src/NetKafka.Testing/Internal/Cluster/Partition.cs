using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Cluster;

/// <summary>
/// One partition: who leads it under which epoch, who is in sync, and the log that they share. Records between the high
/// watermark and the end of the log are not yet on all replicas: no consumer sees them, and a lost leader takes them along.
/// </summary>
sealed class Partition(Topic topic, int index, int[] replicas)
{
    internal const int NoLeader = -1;

    readonly List<IPartitionWaiter> waiters = [];
    readonly SortedDictionary<int, (long EndOffset, long HighWatermark)> behind = [];
    readonly SortedSet<int> stuck = [];
    readonly SortedDictionary<int, int> logDirs = [];
    long followersHighWatermark;
    long followersStartOffset;

    internal Topic Topic { get; } = topic;

    internal int Index { get; } = index;

    internal int[] Replicas { get; private set; } = replicas;

    /// <summary>Those of <see cref="Replicas"/> that come by a reassignment under way.</summary>
    internal int[] Adding { get; private set; } = [];

    /// <summary>Those of <see cref="Replicas"/> that go once all that come are in sync.</summary>
    internal int[] Removing { get; private set; } = [];

    internal bool IsReassigned => Adding.Length > 0 || Removing.Length > 0;

    /// <summary>The replicas in sync, in the order of <see cref="Replicas"/>.</summary>
    internal List<int> InSync { get; } = [.. replicas];

    /// <summary>The broker that leads, or <see cref="NoLeader"/>.</summary>
    internal int Leader
    {
        get;
        set
        {
            field = value;
            if (value >= 0)
                LastLeader = value;
        }
    } = NoLeader;

    /// <summary>The broker that led last: it has the whole log.</summary>
    internal int LastLeader { get; private set; } = NoLeader;

    internal int LeaderEpoch { get; set; }

    internal PartitionLog Log { get; } = new();

    internal long HighWatermark { get; private set; }

    /// <summary>The high watermark as the followers know it, who are told of it after the leader.</summary>
    internal long FollowersHighWatermark => Math.Min(followersHighWatermark, HighWatermark);

    /// <summary>
    /// Readers of committed records read up to here: the high watermark, or the first transaction below it that is open or
    /// whose end is above it.
    /// </summary>
    internal long LastStableOffset => StableBelow(HighWatermark);

    /// <summary>As <see cref="LastStableOffset"/>, for who knows a high watermark of before.</summary>
    internal long StableBelow(long highWatermark)
    {
        var unstable = Log.Producers.FirstUnstableOffset(highWatermark);
        return unstable >= 0 ? Math.Min(unstable, highWatermark) : highWatermark;
    }

    /// <summary>As many replicas are in sync as acks all asks for (min.insync.replicas).</summary>
    internal bool HasEnoughReplicas(ClusterSettings settings) =>
        InSync.Count >= (Topic.Settings.MinInSyncReplicas ?? settings.MinInSyncReplicas);

    internal void AdvanceHighWatermark(long offset)
    {
        if (offset <= HighWatermark)
            return;
        HighWatermark = Math.Min(offset, Log.EndOffset);
    }

    /// <summary>Where the log ends as a replica has it: one that is out of sync has what it had when it left.</summary>
    internal long EndOffsetAt(int nodeId) => behind.TryGetValue(nodeId, out var had) ? Math.Min(had.EndOffset, Log.EndOffset) : Log.EndOffset;

    /// <summary>Where the log begins as a replica has it: followers may have deleted more than the leader.</summary>
    internal long StartOffsetAt(int nodeId) => nodeId == Leader ? Log.StartOffset : Math.Max(followersStartOffset, Log.StartOffset);

    /// <summary>The high watermark as a replica knows it.</summary>
    internal long HighWatermarkAt(int nodeId) =>
        nodeId == Leader ? HighWatermark : Math.Min(FollowersHighWatermark, behind.TryGetValue(nodeId, out var had) ? had.HighWatermark : long.MaxValue);

    /// <summary>A replica leaves those in sync. It has what they all had.</summary>
    internal void FallBehind(int nodeId) => behind[nodeId] = (HighWatermark, FollowersHighWatermark);

    /// <summary>Where a broker keeps its replica: one of its log directories.</summary>
    internal int LogDirAt(int nodeId) => logDirs.TryGetValue(nodeId, out var directory) ? directory : Index % Broker.LogDirs;

    internal void PlaceAt(int nodeId, int directory) => logDirs[nodeId] = directory;

    /// <summary>Other replicas from now on. One that is new has nothing; one that is none any more is out of sync.</summary>
    internal void Assign(int[] replicas, int[] adding, int[] removing)
    {
        foreach (var added in adding.Except(Replicas))
            behind[added] = (0, 0);
        foreach (var lost in Replicas.Except(replicas))
        {
            behind.Remove(lost);
            stuck.Remove(lost);
        }
        (Replicas, Adding, Removing) = (replicas, adding, removing);
        InSync.RemoveAll(node => !replicas.Contains(node));
        SortInSync();
    }

    internal void SortInSync() => InSync.Sort((a, b) => Array.IndexOf(Replicas, a) - Array.IndexOf(Replicas, b));

    /// <summary>A replica that is out of sync stays so, until its broker starts anew or leads.</summary>
    internal void Stick(int nodeId) => stuck.Add(nodeId);

    internal void Unstick(int nodeId) => stuck.Remove(nodeId);

    internal bool IsStuck(int nodeId) => stuck.Contains(nodeId);

    /// <summary>A replica has all that the leader has, and is in sync.</summary>
    internal void CatchUp(int nodeId)
    {
        behind.Remove(nodeId);
        InSync.Add(nodeId);
    }

    /// <summary>Retention has come to an offset on the followers, and not on the leader.</summary>
    internal void TrimFollowers(long startOffset) => followersStartOffset = Math.Min(startOffset, FollowersHighWatermark);

    internal void TellFollowers(long highWatermark) => followersHighWatermark = Math.Max(followersHighWatermark, highWatermark);

    /// <summary>Another leader, or none, under the next epoch. As on a broker the epoch begins with it, and not with its first batch.</summary>
    internal void Lead(int nodeId)
    {
        Leader = nodeId;
        LeaderEpoch++;
        if (nodeId < 0)
            return;
        behind.Remove(nodeId);
        stuck.Remove(nodeId);
        followersStartOffset = 0;
        Log.Epochs.Assign(LeaderEpoch, Log.EndOffset);
    }

    /// <summary>A replica that was behind leads: what it had not copied is lost, acknowledged or not.</summary>
    internal void CutTo(long endOffset)
    {
        Log.TruncateTo(endOffset);
        HighWatermark = Math.Min(HighWatermark, Log.EndOffset);
    }

    internal void AddWaiter(IPartitionWaiter waiter) => waiters.Add(waiter);

    internal void RemoveWaiter(IPartitionWaiter waiter) => waiters.Remove(waiter);

    /// <summary>The waiters of this moment: they may come and go while they are told.</summary>
    internal IPartitionWaiter[] SnapshotWaiters() => waiters.Count == 0 ? [] : [.. waiters];
}

/// <summary>A parked request that looks again when a partition changed (more data, another leader, deletion).</summary>
interface IPartitionWaiter
{
    void OnPartitionChanged(Partition partition, long nowMs);
}
