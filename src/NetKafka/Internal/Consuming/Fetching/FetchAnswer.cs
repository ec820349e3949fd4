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
    readonly List<string> _failures = [];

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
    public void Take(in Answer answer)
    {
        foreach (var endpoint in _endpoints)
            context.Cluster.LearnBroker(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        Lease? copy = null;
        foreach (var (target, row) in _rows)
        {
            if (row.LeaderId >= 0)
                context.Cluster.LearnLeader(target.Partition.Topic, target.TopicId, target.Partition.Partition, row.LeaderId, row.LeaderEpoch);
            // An answer for what was asked before a seek, a pause or a revocation is not taken, nor is a second one for one place, nor one
            // of a leader before the one that has said that the position is in its log: what that one wrote may be gone (KIP-320).
            if (target.Owner is not { } partition)
                continue;
            var counts = partition.Generation == target.Generation && partition.FetchOffset == target.Offset
                && partition.Stage == PositionStage.Ready && target.LeaderEpoch >= partition.ValidatedEpoch;
#if NETKAFKA_CHECKED
            counts |= Planted.Has(Bug.OldFetchIsTaken);
#endif
            if (!counts)
                continue;
            if (row.Error != ErrorCode.None)
                TakeError(partition, row, answer.Now);
            else
                TakeRecords(partition, row, answer, ref copy);
        }
        copy?.Release();
        _rows.Clear();
    }

    /// <summary>Keeps in mind that a broker could not be asked, for the log.</summary>
    public void OnFailure(BrokerFetch broker, RequestFailure failure)
    {
        if (broker.Failures == 0)
            _failures.Add($"{failure.Detail}; {broker.Partitions.Count} partitions wait for it");
        if (failure.Reason == RequestFailureReason.UnsupportedVersion)
        {
            context.Queue.Fail(new KafkaProtocolException(failure.Detail) { Broker = failure.Broker });
            owner.OnArrival();
        }
    }

    /// <summary>Logs what went wrong since the last time.</summary>
    public void Report(Effects effects)
    {
        foreach (var failure in _failures)
            effects.Log(logger => ClientLog.FetchFailed(logger, failure));
        _failures.Clear();
    }

    void TakeRecords(AssignedPartition partition, in FetchedRow row, in Answer answer, ref Lease? copy)
    {
        partition.Succeed();
        (partition.HighWatermark, partition.LastStableOffset, partition.LogStartOffset) =
            (row.HighWatermark, row.LastStableOffset, row.LogStartOffset);
        if (row.Records.IsEmpty)
            return;
        var length = Index(partition, row.Records.Span, out var nextOffset, out var epoch);
        if (length == 0)
            return;
        var (lease, start) = Hold(row.Records[..length], answer, ref copy);
        var aborted = context.IsReadCommitted ? row.Aborted : null;
        context.Queue.Add(partition, lease, start, length, aborted);
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

    /// <summary>Where the bytes lie for longer: in the answer's own buffer, or in one copy of a small answer.</summary>
    (Lease Lease, int Start) Hold(ReadOnlyMemory<byte> records, in Answer answer, ref Lease? copy)
    {
        if (answer.Lease is { } lease)
            return (lease, OffsetIn(records.Span, lease.Array));
        if (copy is null)
        {
            copy = context.Pool.Rent(answer.Body.Length);
            answer.Body.Span.CopyInPieces(copy.Array);
        }
        return (copy, OffsetIn(records.Span, answer.Body.Span));
    }

    static int OffsetIn(ReadOnlySpan<byte> part, ReadOnlySpan<byte> whole)
    {
        whole.Overlaps(part, out var offset);
        return offset;
    }

    void TakeError(AssignedPartition partition, in FetchedRow row, Instant now)
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
            _failures.Add($"{partition.Partition}: {row.Error.KafkaName()}; tried again soon");
            return;
        }
        owner.OnRefused(partition, row.Error);
    }
}
