using System.Runtime.InteropServices;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Consuming.Fetching;

/// <summary>
/// Takes answers of Fetch apart: first all of one is read, with nothing changed, since a malformed end voids the beginning;
/// then what it says of each partition is acted upon, if it still counts.
/// </summary>
sealed class FetchAnswer(ConsumerContext context, IFetchOwner owner)
{
    readonly List<(FetchTarget Target, FetchedRow Row)> _rows = [];
    readonly List<BrokerView> _endpoints = [];
    readonly List<(string Failure, bool IsAgain)> _failures = [];
    long _answers;
    bool _isEmpty;

    public int ThrottleTimeMs { get; private set; }

    public ErrorCode Error { get; private set; }

    public int SessionId { get; private set; }

    /// <summary>Reads an answer to its end. Rows that were not asked for are left out.</summary>
    /// <exception cref="MalformedMessageException">It is no such answer.</exception>
    public void Read(in Answer answer, FetchSession session)
    {
        _rows.Clear();
        var decoder = new FetchDecoder(answer.Body, answer.Version);
        (ThrottleTimeMs, Error, SessionId) = (decoder.ThrottleTimeMs, decoder.Error, decoder.SessionId);
        while (decoder.NextTopic(out var utf8, out var id))
        {
            string? name;
            _ = decoder.HasTopicIds ? session.TryGetName(id, out name) : session.TryGetName(utf8, out name);
            while (decoder.NextPartition(out var row))
            {
                if (name is not null && session.TryGet(name, row.Partition, out var target))
                    _rows.Add((target, row));
            }
        }
        decoder.ReadEnd(_endpoints);
    }

    /// <summary>Acts on what was read.</summary>
    /// <returns>Whether partitions are to be fetched from other brokers than they were.</returns>
    public bool Take(in Answer answer, int nodeId)
    {
        var isElsewhere = false;
        foreach (var endpoint in _endpoints)
            context.Cluster.LearnBroker(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        Lease? copy = null;
        _answers++;
        foreach (var (target, row) in _rows)
        {
            target.Slot.Answer = _answers;
            if (row.LeaderId >= 0)
                context.Cluster.LearnLeader(target.Partition.Topic, target.TopicId, target.Partition.Partition, row.LeaderId, row.LeaderEpoch);
            // An answer for what was asked before a seek, a pause or a revocation is not taken, nor is a second one for one place, nor one
            // of a leader before the one that has said that the position is in its log: what that one wrote may be gone (KIP-320).
            if (target.Owner is not { } partition)
                continue;
            var counts = Counts(target, partition);
#if NETKAFKA_CHECKED
            counts |= Planted.Has(Bug.OldFetchIsTaken);
#endif
            if (!counts)
                continue;
            if (row.Error != ErrorCode.None)
                isElsewhere |= TakeError(partition, row, nodeId, answer.Now);
            else
            {
                partition.OnFetched(target.TopicId);
                TakeRecords(partition, target.Slot, row, answer, ref copy);
                isElsewhere |= TakeReplica(partition, target, row, nodeId, answer.Now);
            }
        }
        copy?.Release();
        _isEmpty = _rows.Count == 0;
        _rows.Clear();
        return isElsewhere;
    }

    /// <summary>The leader may name a replica in this consumer's rack, which is fetched from for a while then (KIP-392).</summary>
    /// <returns>Whether the partition is to be fetched from another broker now.</returns>
    bool TakeReplica(AssignedPartition partition, in FetchTarget target, in FetchedRow row, int nodeId, Instant now)
    {
        if (partition.Replica == nodeId)
            partition.OnReplicaRead();
        if (row.PreferredReplica < 0 || row.PreferredReplica == nodeId)
            return false;
        if (!context.Cluster.View.Brokers.ContainsKey(row.PreferredReplica))
        {
            context.Cluster.Refresh(context.Cluster.View.Generation);
            partition.BackOff(now, context.RetryBackoff, context.Random);
            return false;
        }
        partition.FollowReplica(row.PreferredReplica, target.LeaderEpoch);
        return true;
    }

    /// <summary>
    /// Finds what has come to its end among what the answer leaves out: a session names no partition of which nothing is new. An answer
    /// that throttles leaves out all of them, whatever is new.
    /// </summary>
    public void TellEnds(List<FetchTarget> asked)
    {
        if (_isEmpty && ThrottleTimeMs > 0)
            return;
        foreach (ref readonly var target in CollectionsMarshal.AsSpan(asked))
        {
            if (target.Slot.Answer == _answers || target.Owner is not { } partition || !Counts(target, partition))
                continue;
            if (partition.HighWatermark < 0)
                (partition.HighWatermark, partition.LastStableOffset) = target.Slot.Told;
            if (EndOf(partition, target.Slot, partition.FetchOffset) is >= 0 and var end)
                AddEnd(partition, end);
        }
    }

    static bool Counts(in FetchTarget target, AssignedPartition partition) =>
        partition.Generation == target.Generation && partition.FetchOffset == target.Offset
            && partition.Stage == PositionStage.Ready && target.LeaderEpoch >= partition.ValidatedEpoch;

    /// <summary>The offset, if the end of the log is reached there and this is to be told; else −1.</summary>
    long EndOf(AssignedPartition partition, FetchSlot slot, long offset)
    {
        var end = context.IsReadCommitted ? slot.Told.LastStableOffset : slot.Told.HighWatermark;
        var isEnd = context.TellsEnds && end >= 0 && offset >= end && partition.EndQueued != offset;
#if NETKAFKA_CHECKED
        isEnd |= Planted.Has(Bug.EndIsToldWithEachAnswer) && context.TellsEnds && offset >= end;
        if (Planted.Has(Bug.BoundIsReachedByRecordsAlone))
            return isEnd ? offset : -1;
#endif
        return isEnd || IsBoundReached(partition, offset) ? offset : -1;
    }

    static bool IsBoundReached(AssignedPartition partition, long offset) => offset >= partition.Bound && partition.EndQueued != offset;

    /// <summary>Whether nothing more is to be fetched of a partition, which is told then.</summary>
    public bool EndsAtBound(AssignedPartition partition)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.BoundIsReachedByRecordsAlone))
            return partition.FetchOffset > partition.Bound;
#endif
        if (IsBoundReached(partition, partition.FetchOffset))
            AddEnd(partition, partition.FetchOffset);
        return partition.FetchOffset >= partition.Bound;
    }

    void AddEnd(AssignedPartition partition, long end)
    {
        partition.EndQueued = end;
        context.Queue.AddEnd(partition, end);
        owner.OnArrival();
    }

    /// <summary>Keeps in mind that a broker could not be asked, for the log.</summary>
    public void OnFailure(BrokerFetch broker, RequestFailure failure)
    {
        _failures.Add(($"{failure.Detail}; {broker.Partitions.Count} partitions wait for it", broker.Failures > 0));
        if (failure.Reason == RequestFailureReason.UnsupportedVersion)
        {
            context.Queue.Fail(new KafkaProtocolException(failure.Detail) { Broker = failure.Broker });
            owner.OnArrival();
        }
    }

    /// <summary>Logs what went wrong since the last time.</summary>
    public void Report(Effects effects)
    {
        foreach (var (failure, isAgain) in _failures)
        {
            if (isAgain)
                effects.Log(logger => ClientLog.FetchFailedAgain(logger, failure));
            else
                effects.Log(logger => ClientLog.FetchFailed(logger, failure));
        }
        _failures.Clear();
    }

    void TakeRecords(AssignedPartition partition, FetchSlot slot, in FetchedRow row, in Answer answer, ref Lease? copy)
    {
        partition.Succeed();
        (partition.HighWatermark, partition.LastStableOffset, partition.LogStartOffset) =
            (row.HighWatermark, row.LastStableOffset, row.LogStartOffset);
        slot.Told = (row.HighWatermark, row.LastStableOffset);
        var (nextOffset, epoch) = (partition.FetchOffset, -1);
        var length = row.Records.IsEmpty ? 0 : Index(partition, row.Records.Span, out nextOffset, out epoch);
        var end = EndOf(partition, slot, nextOffset);
        if (length == 0)
        {
            if (end >= 0)
                AddEnd(partition, end);
            return;
        }
        var (lease, start) = RecordBytes.Hold(row.Records[..length], answer, context.Pool, ref copy);
        var aborted = context.IsReadCommitted ? row.Aborted : null;
        if (end >= 0)
            partition.EndQueued = end;
        context.Queue.Add(partition, lease, start, length, aborted, end);
        (partition.FetchOffset, partition.FetchEpoch) = (nextOffset, Math.Max(epoch, partition.FetchEpoch));
        owner.OnArrival();
    }

    /// <summary>Finds where the next fetch goes on, by the headers alone. A batch that was cut off is left for then.</summary>
    /// <returns>
    /// The length of the whole batches; with a header that makes no sense among them all bytes, for the reader to report.
    /// </returns>
    static int Index(AssignedPartition partition, ReadOnlySpan<byte> records, out long nextOffset, out int epoch)
    {
        (nextOffset, epoch) = (partition.FetchOffset, -1);
        var position = 0;
        try
        {
            while (RecordBatchHeader.TryRead(records, position, out var header))
            {
                position += header.SizeInBytes;
                nextOffset = Math.Max(nextOffset, header.NextOffset);
#if NETKAFKA_CHECKED
                if (Planted.Has(Bug.RecordsAreCountedAsOffsets))
                    nextOffset = header.BaseOffset + header.RecordCount;
#endif
                epoch = header.PartitionLeaderEpoch;
            }
            return position;
        }
        catch (InvalidRecordBatchException)
        {
            return records.Length;
        }
    }

    /// <returns>Whether the partition is to be fetched from another broker now.</returns>
    bool TakeError(AssignedPartition partition, in FetchedRow row, int nodeId, Instant now)
    {
#if NETKAFKA_CHECKED
        if (partition.Replica == nodeId && row.Error == ErrorCode.OffsetOutOfRange && Planted.Has(Bug.ReplicaIsBelievedThatAnOffsetIsNotThere))
        {
            owner.OnOutOfRange(partition, now);
            return false;
        }
#endif
        // A replica may be behind, or have been moved away: what it lacks the leader has, or says what became of it.
        if (partition.Replica == nodeId && !row.Error.IsAuthorization())
        {
            if (row.Error.NeedsMetadataRefresh() || row.Error is ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch)
                context.Cluster.Refresh(context.Cluster.View.Generation);
            partition.OnReplicaFailed(now, context.ReplicaLease);
            return true;
        }
        TakeErrorOfLeader(partition, row, now);
        return false;
    }

    void TakeErrorOfLeader(AssignedPartition partition, in FetchedRow row, Instant now)
    {
        switch (row.Error)
        {
            case ErrorCode.OffsetOutOfRange:
#if NETKAFKA_CHECKED
                if (Planted.Has(Bug.OutOfRangeIsTriedAgain))
                    break;
#endif
                owner.OnOutOfRange(partition, now);
                return;
            case ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch:
                context.Cluster.Refresh(context.Cluster.View.Generation);
                partition.BackOff(now, context.RetryBackoff, context.Random);
                return;
        }
        var isRetriable = row.Error.IsRetriable() || row.Error == ErrorCode.UnknownServerError;
#if NETKAFKA_CHECKED
        isRetriable |= Planted.Has(Bug.OutOfRangeIsTriedAgain) && row.Error == ErrorCode.OffsetOutOfRange;
#endif
        if (isRetriable)
        {
            if (row.Error.NeedsMetadataRefresh())
                context.Cluster.Refresh(context.Cluster.View.Generation);
            partition.BackOff(now, context.RetryBackoff, context.Random);
            _failures.Add(($"{partition.Partition}: {row.Error.KafkaName()}; tried again soon", false));
            return;
        }
        owner.OnRefused(partition, row.Error);
    }
}
