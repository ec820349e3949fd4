using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Internal.Producing;

/// <summary>
/// What the outcome of a request means for its batches: acknowledged, to be sent again, split, or given up. The fate of a
/// batch is acked, failed or unknown; unknown is not failed, and stays unknown until the same bytes get a certain answer.
/// </summary>
sealed class BatchOutcomes(
    ICluster cluster, ProducerOptions options, BatchSender sender, ProducerIdentity identity, BatchEndings endings, BatchSplitter splitter,
    Backoff backoff, RandomSource random)
{
    readonly bool _isIdempotent = options.IsIdempotent;

    public void OnAnswered(ProduceExchange exchange, List<NodeEndpoint>? endpoints, Instant now)
    {
        sender.OnRequestAnswered(exchange, now);
        if (endpoints is not null)
        {
            foreach (var endpoint in endpoints)
                cluster.LearnBroker(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        }
        foreach (ref var item in exchange.Items)
        {
            var queue = TakeOffWire(item.Batch);
            var isDuplicate = item.Error is ErrorCode.DuplicateSequenceNumber && _isIdempotent;
#if NETKAFKA_CHECKED
            isDuplicate &= !Planted.Has(Bug.DuplicateIsRefused);
#endif
            if (!item.IsAnswered)
                OnNoWord(item.Batch, "the broker's answer did not mention the partition", now);
            else if (item.Error is ErrorCode.None)
                OnAcked(item.Batch, item.BaseOffset, item.LogAppendTimeMs);
            else if (isDuplicate)
                OnAcked(item.Batch, -1, -1);
            else
                OnRefused(item, exchange, now);
            sender.MakeReady(queue, now);
        }
    }

    public void OnFailed(ProduceExchange exchange, RequestFailure failure, Instant now)
    {
        sender.OnRequestEnded(exchange.Broker, now);
        if (failure.Reason == RequestFailureReason.NotSent)
            cluster.Refresh(exchange.ViewGeneration);
        foreach (ref var item in exchange.Items)
        {
            var batch = item.Batch;
            var queue = TakeOffWire(batch);
            batch.MaybeWritten |= exchange.IsWritten && (failure.MayHaveHappened || failure.Reason == RequestFailureReason.Closed);
#if NETKAFKA_CHECKED
            batch.MaybeWritten &= !Planted.Has(Bug.LostIsNotWritten);
#endif
            (batch.LastProblem, batch.LastCode) = (failure.Detail, ErrorCode.None);
            if (batch.IsExpired)
                GiveUpLate(batch);
            else if (failure.IsRetriable || failure.Reason == RequestFailureReason.Expired)
                Retry(batch, now);
            else
                GiveUp(batch, failure.Detail, failure.Error, failure.Broker, failure.Cause);
            sender.MakeReady(queue, now);
        }
    }

    /// <summary>Ends a batch that is not under way, and settles what that means for those after it.</summary>
    public void GiveUp(ProduceBatch batch, string detail, ErrorCode code, string? broker, Exception? cause = null, bool isRetriable = false)
    {
        var failure = FailureOf(batch, detail, code) with { Broker = broker, Cause = cause, IsRetriable = isRetriable };
        if (batch.IsTaken)
            LeaveSequence(batch);
        endings.Failed(batch, failure);
    }

    public static ProduceFailure FailureOf(ProduceBatch batch, string detail, ErrorCode code) =>
        new(batch.Queue.TopicPartition, FateOf(batch), detail)
        {
            Code = code,
            Attempts = batch.Attempts,
        };

    static RecordFate FateOf(ProduceBatch batch)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.UnknownIsNotWritten))
            return RecordFate.NotWritten;
#endif
        return batch.MaybeWritten ? RecordFate.Unknown : RecordFate.NotWritten;
    }

    static PartitionQueue TakeOffWire(ProduceBatch batch)
    {
        batch.Exchange = null;
        if (--batch.Queue.OnWire == 0)
            batch.Queue.WireBroker = -1;
        return batch.Queue;
    }

    void OnAcked(ProduceBatch batch, long baseOffset, long logAppendTimeMs)
    {
        if (batch.IsDoubtful)
            ClearDoubts(batch.Queue.Sequence);
        OnInTheLog(batch, baseOffset, logAppendTimeMs);
    }

    void OnInTheLog(ProduceBatch batch, long baseOffset, long logAppendTimeMs)
    {
        batch.Queue.Sequence.OnAcked(batch, baseOffset < 0 ? -1 : baseOffset + batch.Count - 1);
        if (batch.IsExpired)
            endings.ReleaseLate(batch);
        else
            endings.Acked(batch, baseOffset, logAppendTimeMs);
    }

    /// <summary>The request has an outcome, but this batch has none.</summary>
    void OnNoWord(ProduceBatch batch, string problem, Instant now)
    {
        batch.MaybeWritten = true;
        (batch.LastProblem, batch.LastCode) = (problem, ErrorCode.None);
        if (batch.IsExpired)
            GiveUpLate(batch);
        else
            Retry(batch, now);
    }

    void OnRefused(in ProduceItem item, ProduceExchange exchange, Instant now)
    {
        var batch = item.Batch;
        var code = item.Error;
        var name = $"{code.KafkaName()}{(string.IsNullOrEmpty(item.Message) ? "" : $", \"{item.Message}\"")}";
        (batch.LastProblem, batch.LastCode) = ($"the broker answered {name}", code);
        // An answer that is no certain refusal leaves open whether the leader has the batch in its log.
        batch.MaybeWritten |= !IsCertainRefusal(code);
        if (code.NeedsMetadataRefresh())
            LearnLeader(item, exchange);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.TooLargeIsSentAgain) && code is ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge && !batch.IsExpired)
        {
            Retry(batch, now);
            return;
        }
#endif
        if (batch.IsExpired)
            GiveUpLate(batch);
        else if (code is ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge && batch.Count > 1)
            Split(batch);
        else if (_isIdempotent && code is ErrorCode.OutOfOrderSequenceNumber)
            OnOutOfOrder(batch, now);
        else if (_isIdempotent && code is ErrorCode.UnknownProducerId && item.LogStartOffset < 0)
            Retry(batch, now);
        else if (options.TransactionalId is not null && code is ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced)
            GiveUpRefused(item, name, exchange.Broker.NodeId);
        else if (_isIdempotent && code is ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced)
            OnStrangeProducer(batch, code, now);
        else if (code.IsRetriable())
            Retry(batch, now, isLeaderKnown: item.LeaderId >= 0 && LeaderIs(batch.Queue, item.LeaderId) && item.LeaderId != exchange.Broker.NodeId);
        else
            GiveUpRefused(item, name, exchange.Broker.NodeId);
    }

    /// <summary>
    /// Out of order behind a batch that is not acknowledged is a consequence of it, and only a reason to send again. The
    /// oldest batch is out of order where a batch is missing before it, and then it is itself missing for certain.
    /// </summary>
    void OnOutOfOrder(ProduceBatch batch, Instant now)
    {
        var sequence = batch.Queue.Sequence;
        if (sequence.IsProvenByLater(batch) && sequence.IsLogAnother)
        {
            GiveUp(batch, "its topic was deleted and created anew while it was on its way", batch.LastCode, null);
            return;
        }
        if (sequence.IsProvenByLater(batch))
        {
            // More batches came after it than the broker remembers, so it cannot tell a repeated one any more. Or it is a part
            // of one that is there whole, and then the other parts are there too.
            OnInTheLog(batch, -1, -1);
            return;
        }
        if (sequence.Unacked[0] == batch || (sequence.HasHole && batch.Queue.OnWire == 0))
        {
            if (batch.IsDoubtful)
            {
                GiveUp(batch, "it was split, and the broker may have had it whole before", batch.LastCode, null);
                sequence.HasHole = true;
                return;
            }
            batch.MaybeWritten = false;
            sequence.HasHole = true;
        }
        Retry(batch, now, isLeaderKnown: sequence.HasHole);
    }

    /// <summary>A part was taken under its number, so the whole that it came from was not there, nor was anything behind it.</summary>
    static void ClearDoubts(SequenceState sequence)
    {
        foreach (var other in sequence.Unacked)
        {
            if (other.IsDoubtful)
                other.IsDoubtful = other.MaybeWritten = false;
        }
    }

    /// <summary>
    /// The broker does not know the producer (its records may have passed retention), or knows a later epoch: the batch was
    /// not written this time. If it cannot have been before, it goes out again under a new stamp.
    /// </summary>
    void OnStrangeProducer(ProduceBatch batch, ErrorCode code, Instant now)
    {
        var sequence = batch.Queue.Sequence;
        if (code is not ErrorCode.UnknownProducerId)
            identity.Renew(sequence.Stamp);
        if (batch.MaybeWritten)
        {
            GiveUp(batch, batch.LastProblem!, code, null);
            sequence.HasHole = true;
            return;
        }
        sequence.HasHole = true;
        Retry(batch, now, isLeaderKnown: true);
    }

    void LearnLeader(in ProduceItem item, ProduceExchange exchange)
    {
        var queue = item.Batch.Queue;
        if (item.LeaderId >= 0)
            cluster.LearnLeader(queue.Topic.Name, item.TopicId, queue.Partition, item.LeaderId, item.LeaderEpoch);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.NewLeaderIsNotLookedFor))
            return;
#endif
        if (!LeaderIs(queue, item.LeaderId))
            cluster.Refresh(exchange.ViewGeneration);
    }

    bool LeaderIs(PartitionQueue queue, int nodeId) =>
        nodeId >= 0 && cluster.View.TryGetPartition(queue.Topic.Name, queue.Partition, out var view) && view.LeaderId == nodeId;

    void Retry(ProduceBatch batch, Instant now, bool isLeaderKnown = false)
    {
        // Where the next try goes elsewhere, or under another number, a pause would only cost time.
        batch.Queue.RetryAt = isLeaderKnown ? now : now + backoff.After(batch.Attempts, random);
        var (partition, attempt, problem) = (batch.Queue.TopicPartition, batch.Attempts, batch.LastProblem ?? "");
        endings.Log(logger => ClientLog.BatchRetried(logger, partition.ToString(), attempt, problem));
    }

    void Split(ProduceBatch batch)
    {
        var sequence = batch.Queue.Sequence;
        var (partition, count) = (batch.Queue.TopicPartition, batch.Count);
        var place = sequence.Unacked.IndexOf(batch);
        sequence.Unacked.RemoveAt(place);
        sequence.Unacked.InsertRange(place, splitter.Split(batch, _isIdempotent ? sequence.Stamp : ProducerStamp.None));
        endings.Replaced(batch);
        endings.Log(logger => ClientLog.BatchSplit(logger, count, partition.ToString()));
    }

    void GiveUpRefused(in ProduceItem item, string name, int nodeId)
    {
        var batch = item.Batch;
        var detail = item.Error switch
        {
            ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge =>
                $"the broker answered {name}: a record of it passes max.message.bytes of the topic (or message.max.bytes of the broker), which is to be raised, or the record made smaller",
            ErrorCode.TopicAuthorizationFailed =>
                $"the broker answered {name}: the client's principal needs the WRITE permission on topic {batch.Queue.Topic.Name}",
            _ => $"the broker answered {name}",
        };
        var failure = FailureOf(batch, detail, item.Error) with { Broker = $"node {nodeId}", RecordMessages = item.RecordMessages };
        LeaveSequence(batch);
        endings.Failed(batch, failure);
    }

    void GiveUpLate(ProduceBatch batch)
    {
        LeaveSequence(batch);
        endings.ReleaseLate(batch);
    }

    void LeaveSequence(ProduceBatch batch)
    {
        if (_isIdempotent)
            batch.Queue.Sequence.OnGivenUp(batch);
        else
            batch.Queue.Sequence.Unacked.Remove(batch);
    }

    /// <summary>
    /// Errors of checks that come before the log is touched. After any other the leader may have the batch: not enough
    /// replicas after the append, a time-out while it waited for them, or its leadership lost meanwhile.
    /// </summary>
    static bool IsCertainRefusal(ErrorCode code) =>
#if NETKAFKA_CHECKED
        (Planted.Has(Bug.TimeoutOfReplicasIsRefusal) && code is ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend) ||
#endif
        code is
        ErrorCode.CorruptMessage or ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidTopicException
        or ErrorCode.NotEnoughReplicas or ErrorCode.InvalidRequiredAcks or ErrorCode.TopicAuthorizationFailed
        or ErrorCode.ClusterAuthorizationFailed or ErrorCode.InvalidTimestamp or ErrorCode.UnsupportedForMessageFormat
        or ErrorCode.PolicyViolation or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.InvalidProducerEpoch
        or ErrorCode.UnknownProducerId or ErrorCode.ProducerFenced or ErrorCode.InvalidRecord
        or ErrorCode.UnsupportedCompressionType or ErrorCode.UnknownTopicId or ErrorCode.InvalidTxnState
        or ErrorCode.TransactionAbortable or ErrorCode.ConcurrentTransactions or ErrorCode.InvalidProducerIdMapping
        or ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.LeaderNotAvailable or ErrorCode.UnsupportedVersion or ErrorCode.InvalidRequest;
}
