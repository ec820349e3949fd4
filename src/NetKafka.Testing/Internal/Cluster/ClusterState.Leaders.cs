using NetKafka.Testing.Internal.Logs;
using NetKafka.Testing.Internal.Transactions;

namespace NetKafka.Testing.Internal.Cluster;

/// <content>Leaders, replicas in sync, and the high watermark.</content>
sealed partial class ClusterState
{
    /// <summary>After an append: moves the high watermark now, or when the followers will have copied it.</summary>
    internal void Replicate(Partition partition, long nowMs)
    {
        if (Settings.ReplicationDelayMs <= 0 || partition.InSync.Count <= 1)
        {
            partition.AdvanceHighWatermark(partition.Log.EndOffset);
            partition.TellFollowers(partition.HighWatermark);
            NotifyWaiters(partition, nowMs);
            return;
        }

        var epoch = partition.LeaderEpoch;
        var end = partition.Log.EndOffset;
        Timers.Schedule(nowMs + Settings.ReplicationDelayMs, now =>
        {
            if (partition.LeaderEpoch != epoch || partition.Leader < 0)
                return;
            partition.AdvanceHighWatermark(end);
            NotifyWaiters(partition, now);
            if (Settings.SelectsReplicasByRack)
                TellFollowers(partition, end, now);
        });
    }

    /// <summary>The next fetch of the followers tells them of the high watermark.</summary>
    void TellFollowers(Partition partition, long highWatermark, long nowMs) => Timers.Schedule(nowMs + Settings.ReplicationDelayMs, now =>
    {
        partition.TellFollowers(highWatermark);
        NotifyWaiters(partition, now);
    });

    /// <summary>
    /// A broker no longer follows the leaders: its replicas leave those in sync. What it leads itself it goes on leading.
    /// </summary>
    internal void CutReplicas(int nodeId, long nowMs)
    {
        foreach (var partition in AllPartitions())
        {
            if (partition.Leader != nodeId)
                OnReplicaLost(partition, nodeId, nowMs);
        }
        OnChanged();
    }

    /// <summary>As <see cref="CutReplicas"/>, until the broker starts anew: what copies from the leaders has ended there, and nothing else has.</summary>
    internal void StickReplicas(int nodeId, long nowMs)
    {
        CutReplicas(nodeId, nowMs);
        foreach (var partition in AllPartitions())
        {
            if (!partition.InSync.Contains(nodeId) && partition.Replicas.Contains(nodeId))
                partition.Stick(nodeId);
        }
    }

    /// <summary>The followers delete records at the beginning of a partition that the leader still has, as each does by a clock of its own.</summary>
    internal static void TrimFollowers(Partition partition, long offset, long nowMs)
    {
        partition.TrimFollowers(offset);
        NotifyWaiters(partition, nowMs);
    }

    /// <summary>A broker that runs follows again.</summary>
    internal void RejoinReplicas(int nodeId, long nowMs)
    {
        if (!IsUp(nodeId))
            return;
        foreach (var partition in AllPartitions())
            OnReplicaBack(partition, nodeId, nowMs);
        OnChanged();
    }

    /// <summary>A log directory of a broker fails: other replicas lead what lies in it, until it is mended.</summary>
    internal void FailLogDir(int nodeId, int directory, long nowMs)
    {
        var broker = brokers[nodeId];
        broker.FailedLogDir = directory;
        foreach (var partition in AllPartitions())
        {
            if (broker.HasLost(partition))
                OnReplicaLost(partition, nodeId, nowMs);
        }
        OnChanged();
    }

    /// <summary>All of a broker's log directories can be used.</summary>
    internal void MendLogDir(int nodeId, long nowMs)
    {
        brokers[nodeId].FailedLogDir = -1;
        RejoinReplicas(nodeId, nowMs);
    }

    /// <summary>Moves the start of a log, as DeleteRecords and retention do.</summary>
    internal static void DeleteRecords(Partition partition, long offset, long nowMs)
    {
        partition.Log.MoveStart(offset);
        NotifyWaiters(partition, nowMs);
    }

    /// <summary>An unclean election: a replica that had copied only so much becomes the leader, and the others follow it.</summary>
    internal void ElectUncleanly(Partition partition, int nodeId, long endOffset, long nowMs)
    {
        partition.CutTo(endOffset);
        partition.Lead(nodeId);
        NotifyWaiters(partition, nowMs);
        Replicate(partition, nowMs);
        OnChanged();
    }

    /// <summary>Writes how a transaction ended into one of its partitions, and again where a new leader does not have it.</summary>
    /// <returns>False while nobody leads it, and until all replicas in sync have it.</returns>
    internal bool TryWriteMarker(string topic, int index, TransactionEntry transaction, bool commits, int coordinatorEpoch, long nowMs)
    {
        if (FindTopic(topic)?.Find(index) is not { } partition)
            return true;
        if (partition.Leader < 0)
            return false;
        if (!transaction.Markers.TryGetValue((topic, index), out var written) || written.Partition != partition || !written.IsIn)
        {
            var marker = WriteMarker(partition, new ProducerIdentity(transaction.ProducerId, transaction.Epoch), commits, coordinatorEpoch, nowMs);
            transaction.Markers[(topic, index)] = written = new WrittenMarker(partition, marker);
        }
        return written.IsSafe;
    }

    /// <summary>Writes the marker that ends what a producer has open in a partition.</summary>
    internal StoredBatch WriteMarker(Partition partition, ProducerIdentity producer, bool commits, int coordinatorEpoch, long nowMs)
    {
        var marker = partition.Log.Append(ControlBatch.Create(producer.Id, producer.Epoch, commits, WallClock(nowMs), coordinatorEpoch), partition.LeaderEpoch);
        Replicate(partition, nowMs);
        return marker;
    }

    /// <summary>Lets parked requests look at the partition again.</summary>
    internal static void NotifyWaiters(Partition partition, long nowMs)
    {
        foreach (var waiter in partition.SnapshotWaiters())
            waiter.OnPartitionChanged(partition, nowMs);
    }

    void OnReplicaLost(Partition partition, int nodeId, long nowMs)
    {
        var wasLeader = partition.Leader == nodeId;
        if (partition.InSync.Count > 1 && partition.InSync.Remove(nodeId))
            partition.FallBehind(nodeId);
        if (wasLeader)
            ChangeLeader(partition, partition.InSync.Find(node => CanServe(partition, node), Partition.NoLeader), nowMs);
        else if (partition.InSync.Count == 1 && partition.Leader >= 0)
            Replicate(partition, nowMs);
    }

    void OnReplicaBack(Partition partition, int nodeId, long nowMs)
    {
        if (!partition.Replicas.Contains(nodeId) || !CanServe(partition, nodeId) || partition.IsStuck(nodeId))
            return;
        if (partition.Leader == Partition.NoLeader && partition.InSync.Contains(nodeId))
            ChangeLeader(partition, nodeId, nowMs);
        if (partition.Leader == Partition.NoLeader)
            return;
        // Those that came back while nobody led have waited for a leader to copy from.
        foreach (var replica in partition.Replicas)
        {
            if (CanServe(partition, replica) && !partition.InSync.Contains(replica) && !partition.IsStuck(replica))
                partition.CatchUp(replica);
        }
        partition.SortInSync();
        FinishReassignment(partition, nowMs);
    }

    void ChangeLeader(Partition partition, int leader, long nowMs)
    {
        // A replica that led last has all of its log; another one has what it copied, at least up to the high watermark.
        if (leader >= 0 && partition.LastLeader != leader)
            partition.Log.TruncateTo(CopiedUpTo(partition));
        partition.Lead(leader);
        NotifyWaiters(partition, nowMs);
        if (leader >= 0)
            Replicate(partition, nowMs);
    }

    long CopiedUpTo(Partition partition)
    {
        var batches = partition.Log.Batches;
        var first = partition.Log.IndexOf(partition.HighWatermark);
        var count = batches.Count - first;
        if (count <= 0)
            return partition.Log.EndOffset;
        var copied = random.Next(count + 1);
        return copied == count ? partition.Log.EndOffset : batches[first + copied].BaseOffset;
    }
}
