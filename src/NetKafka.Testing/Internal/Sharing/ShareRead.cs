using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Sharing;

/// <summary>One partition in one look of a ShareFetch: why it cannot be read, or what lies where the group goes on.</summary>
sealed class ShareRead
{
    const string ReadCommitted = "read_committed";
    long end;
    bool isCommitted;

    ShareRead(SharedPartition asked) => Asked = asked;

    internal SharedPartition Asked { get; }

    internal ErrorCode Error { get; private set; }

    internal Partition? Partition { get; private set; }

    internal SharePartition? Shared { get; private set; }

    internal long NextOffset { get; private set; }

    /// <summary>There is room for what is acquired next.</summary>
    internal bool CanAcquire { get; private set; }

    /// <summary>What was delivered before is free again: nobody waits for more with it.</summary>
    internal bool IsRedelivery => CanAcquire && Shared!.IsRedelivery(NextOffset) && NextOffset < end;

    /// <summary>The error is one that goes with the address of the leader.</summary>
    internal bool NamesLeader => Error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch;

    internal static ShareRead Of(Call call, string groupId, SharedPartition asked, long nowMs)
    {
        var read = new ShareRead(asked);
        read.Error = read.Locate(call);
        if (read.Error == ErrorCode.None)
            read.Look(call.Cluster, groupId, nowMs);
        return read;
    }

    /// <summary>How many bytes lie there, up to a count that is enough.</summary>
    internal long BytesUpTo(long enough) => CanAcquire ? Partition!.Log.BytesBetween(NextOffset, end, Math.Max(1, enough)) : 0;

    /// <summary>The batches that lie there, at least one if any, up to a size.</summary>
    internal List<StoredBatch> Batches(long maxBytes)
    {
        var batches = new List<StoredBatch>();
        var log = Partition!.Log;
        long bytes = 0;
        for (var i = log.IndexOf(NextOffset); i < log.Batches.Count && log.Batches[i].BaseOffset < end; i++)
        {
            bytes += log.Batches[i].Bytes.Length;
            if (batches.Count > 0 && bytes > maxBytes)
                break;
            batches.Add(log.Batches[i]);
        }

        return batches;
    }

    internal List<AcquiredRange> Acquire(in AcquireOrder order, List<StoredBatch> batches, long nowMs)
    {
        var acquired = Shared!.Acquire(order, NextOffset, batches, nowMs);
        return isCommitted && acquired.Count > 0 ? Shared.WithoutAborted(acquired, batches.Where(IsAborted)) : acquired;
    }

    bool IsAborted(StoredBatch batch) => batch.Header is { IsTransactional: true, IsControl: false } head && Partition!.Log.Producers.Aborted.Any(
        span => span.ProducerId == head.ProducerId && span.FirstOffset <= batch.BaseOffset && batch.LastOffset < span.LastOffset);

    ErrorCode Locate(Call call)
    {
        var topic = call.Cluster.FindTopic(Asked.Key.TopicId);
        if (topic is null)
            return ErrorCode.UnknownTopicId;
        Partition = topic.Find(Asked.Key.Partition);
        return Partition is null ? ErrorCode.UnknownTopicOrPartition : Leadership.Check(Partition, call.Broker, -1);
    }

    void Look(ClusterState cluster, string groupId, long nowMs)
    {
        Shared = cluster.Shares.Open(groupId, Partition!, nowMs);
        isCommitted = cluster.GroupConfigs.Value(groupId, GroupConfigNames.ShareIsolationLevel) == ReadCommitted;
        end = isCommitted ? Partition!.LastStableOffset : Partition!.HighWatermark;
        if (Shared.NextOffset() < Partition.Log.StartOffset)
            Shared.OnLogStartMoved(Partition.Log.StartOffset);
        NextOffset = Shared.NextOffset();
        CanAcquire = Shared.CanAcquire(NextOffset);
    }
}
