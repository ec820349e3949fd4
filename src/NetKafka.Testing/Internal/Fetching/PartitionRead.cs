using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Testing.Internal.Fetching;

/// <summary>What one partition gives to one Fetch.</summary>
sealed class PartitionRead(SessionPartition session)
{
    const sbyte ReadCommitted = 1;
    const short FirstVersionWithRacks = 11;
    ErrorCode error;
    (int Epoch, long EndOffset) diverging = (-1, -1);
    int firstBatch;
    int preferredReplica = -1;
    int nodeId;
    bool isFollower;

    internal SessionPartition Session { get; } = session;

    internal Partition? Partition { get; private set; }

    /// <summary>As the broker that is asked knows it.</summary>
    long HighWatermark => Partition!.HighWatermarkAt(nodeId);

    internal int TakenBytes { get; private set; }

    internal bool IsUrgent => error != ErrorCode.None || diverging.Epoch >= 0 || preferredReplica >= 0;

    /// <summary>The error is one that goes with the address of the leader (KIP-951).</summary>
    internal bool NamesLeader => error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch;

    internal void Run(Call<FetchRequest, FetchResponse> call, long bytesLeft, bool isFirst)
    {
        var wanted = Session.Wanted;
        error = Locate(call);
        if (error != ErrorCode.None)
            return;
        var log = Partition!.Log;
        if (wanted.LastFetchedEpoch >= 0 && IsDiverging(log, wanted))
            return;
        if (wanted.FetchOffset < Partition.StartOffsetAt(nodeId) || wanted.FetchOffset > Partition.EndOffsetAt(nodeId))
        {
            error = ErrorCode.OffsetOutOfRange;
            return;
        }

        preferredReplica = Prefer(call);
        if (preferredReplica >= 0)
            return;
        var end = call.Request.IsolationLevel == ReadCommitted ? Partition.StableBelow(HighWatermark) : HighWatermark;
        Take(log, end, Math.Min(bytesLeft, wanted.PartitionMaxBytes), isFirst, call.Cluster.Settings.CutLastFetchedBatch);
    }

    /// <summary>The answer for this partition, its records copied.</summary>
    internal FetchResponse.PartitionData Encode(Call<FetchRequest, FetchResponse> call)
    {
        var data = new FetchResponse.PartitionData
        {
            PartitionIndex = Session.Key.Index,
            ErrorCode = error,
            HighWatermark = -1,
            AbortedTransactions = null,
            Records = ReadOnlyMemory<byte>.Empty,
        };
        if (NamesLeader && call.Version >= 16)
            data.CurrentLeader = new() { LeaderId = Partition!.Leader, LeaderEpoch = Partition.LeaderEpoch };
        if (error != ErrorCode.None)
            return data;

        data.HighWatermark = HighWatermark;
        data.LastStableOffset = Partition!.StableBelow(HighWatermark);
        data.PreferredReadReplica = preferredReplica;
        data.LogStartOffset = Partition.StartOffsetAt(nodeId);
        if (diverging.Epoch >= 0)
        {
            data.DivergingEpoch = new() { Epoch = diverging.Epoch, EndOffset = diverging.EndOffset };
            return data;
        }

        data.Records = CopyRecords(out var nextOffset);
        if (call.Request.IsolationLevel == ReadCommitted)
            data.AbortedTransactions = AbortedBefore(nextOffset, call.Cluster.Settings);
        return data;
    }

    ErrorCode Locate(Call<FetchRequest, FetchResponse> call)
    {
        var key = Session.Key;
        var byId = call.Version >= 13;
        var topic = byId ? call.Cluster.FindTopic(key.TopicId) : call.Cluster.FindTopic(key.Topic);
        if (topic is null)
            return byId ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
        Partition = topic.Find(key.Index);
        return Partition is null
            ? ErrorCode.UnknownTopicOrPartition
            : CheckReplica(call, Partition);
    }

    /// <summary>From version 11 on a consumer may be served by a follower.</summary>
    ErrorCode CheckReplica(Call<FetchRequest, FetchResponse> call, Partition partition)
    {
        nodeId = call.Broker.NodeId;
        isFollower = partition.Leader != nodeId;
        return Leadership.Check(
            partition, call.Broker, Session.Wanted.CurrentLeaderEpoch, call.Cluster.Settings.SelectsReplicasByRack && call.Version >= FirstVersionWithRacks);
    }

    /// <summary>The replica that a consumer is sent to: one in sync in its rack that has the offset, unless the leader is in it; -1 for none.</summary>
    int Prefer(Call<FetchRequest, FetchResponse> call)
    {
        var rack = call.Request.RackId;
        if (!call.Cluster.Settings.SelectsReplicasByRack || isFollower || call.Version < FirstVersionWithRacks || string.IsNullOrEmpty(rack) || call.Broker.Rack == rack)
            return -1;
        foreach (var replica in Partition!.Replicas)
        {
            if (Partition.InSync.Contains(replica) && Partition.StartOffsetAt(replica) <= Session.Wanted.FetchOffset
                && call.Cluster.FindBroker(replica) is { IsUp: true } broker && broker.Rack == rack)
                return replica;
        }
        return -1;
    }

    /// <summary>Whether the reader's last epoch ended before its offset: it read what has been cut since (KIP-595).</summary>
    bool IsDiverging(PartitionLog log, FetchRequest.FetchPartition wanted)
    {
        var end = log.Epochs.EndOffsetFor(wanted.LastFetchedEpoch, log.EndOffset);
        if (end.Epoch < 0)
        {
            error = ErrorCode.OffsetOutOfRange;
            return true;
        }

        if (end.Epoch >= wanted.LastFetchedEpoch && end.EndOffset >= wanted.FetchOffset)
            return false;
        diverging = end;
        return true;
    }

    void Take(PartitionLog log, long end, long maxBytes, bool isFirst, bool cut)
    {
        firstBatch = log.IndexOf(Session.Wanted.FetchOffset);
        if (firstBatch == log.Batches.Count || log.Batches[firstBatch].BaseOffset >= end)
            return;
        var first = log.Batches[firstBatch].Bytes.Length;
        if (first > maxBytes)
        {
            TakenBytes = isFirst ? first : 0;
            return;
        }

        long taken = 0;
        for (var i = firstBatch; i < log.Batches.Count && log.Batches[i].BaseOffset < end && taken < maxBytes; i++)
        {
            var length = log.Batches[i].Bytes.Length;
            if (taken + length > maxBytes && !cut)
                break;
            taken += length;
        }

        TakenBytes = (int)Math.Min(taken, maxBytes);
    }

    byte[] CopyRecords(out long nextOffset)
    {
        nextOffset = Session.Wanted.FetchOffset;
        if (TakenBytes == 0)
            return [];
        var copy = new byte[TakenBytes];
        var at = 0;
        for (var i = firstBatch; at < copy.Length; i++)
        {
            var batch = Partition!.Log.Batches[i];
            var length = Math.Min(batch.Bytes.Length, copy.Length - at);
            batch.Bytes.AsSpan(0, length).CopyTo(copy.AsSpan(at));
            at += length;
            nextOffset = batch.NextOffset;
        }

        return copy;
    }

    FetchResponse.AbortedTransaction[] AbortedBefore(long endOffset, ClusterSettings settings)
    {
        var aborted = Partition!.Log.Producers.Aborted
            .Where(span => span.LastOffset >= Session.Wanted.FetchOffset && span.FirstOffset < endOffset)
            .Select(span => new FetchResponse.AbortedTransaction { ProducerId = span.ProducerId, FirstOffset = span.FirstOffset })
            .ToArray();
        if (settings.TurnsAbortedList)
            Array.Reverse(aborted);
        return aborted;
    }
}
