using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <content>What brokers answer, and what becomes of a session without an answer.</content>
sealed partial class ShareFetchMachine
{
    // A lock that a broker did not tell the time of lasts for Kafka's default.
    static readonly TimeSpan DefaultLockTime = TimeSpan.FromSeconds(30);

    // A broker's word: what one fetch acquires of a partition is far below it.
    const int MostAcquired = 1_000_000;

    void OnFetched(ShareSession session, List<SentRange> sent, ShareFetchResponse response, in Answer answer, Instant sentAt)
    {
        (session.IsBusy, session.IsFetching) = (false, false);
        Wake();
        if (response.ErrorCode != ErrorCode.None)
        {
            OnSessionError(session, response.ErrorCode, response.ErrorMessage, answer.Now);
            return;
        }
        session.Advance();
        session.Failures = 0;
        if (response.AcquisitionLockTimeoutMs > 0)
            LockTime = TimeSpan.FromMilliseconds(response.AcquisitionLockTimeoutMs);
        foreach (var endpoint in response.NodeEndpoints)
            context.Cluster.LearnBroker(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        // What was said comes before what is acquired: it may be acquired again by the same answer.
        Settle(session, sent, response.Responses.SelectMany(static topic => topic.Partitions.Select(row =>
            ((topic.TopicId, row.PartitionIndex), (row.AcknowledgeErrorCode, row.AcknowledgeErrorMessage)))), sentAt, answer.Now);
        Lease? copy = null;
        foreach (var topic in response.Responses)
        {
            foreach (var row in topic.Partitions)
            {
                if (session.Find(topic.TopicId, row.PartitionIndex) is not { } partition)
                    continue;
                if (row.CurrentLeader.LeaderId >= 0)
                    context.Cluster.LearnLeader(partition.Topic, topic.TopicId, partition.Partition, row.CurrentLeader.LeaderId, row.CurrentLeader.LeaderEpoch);
                if (row.ErrorCode != ErrorCode.None)
                    OnPartitionError(session, partition, row, answer.Now);
                else
                {
                    _refused.Remove(partition);
                    if (row.AcquiredRecords.Length > 0)
                        Take(session, partition, topic.TopicId, row, answer, ref copy);
                }
            }
        }
        copy?.Release();
    }

    /// <summary>Hands on what was acquired.</summary>
    void Take(ShareSession session, TopicPartition partition, Guid topicId, ShareFetchResponse.PartitionData row, in Answer answer, ref Lease? copy)
    {
        var ranges = RangesOf(row.AcquiredRecords);
        if (ranges.Length == 0)
            return;
        var source = new AssignedPartition(partition);
        var batch = new AcquiredBatch(source, topicId, session, ranges, answer.Now, LockTime ?? DefaultLockTime);
        if (row.Records is { IsEmpty: false } records)
        {
            var (lease, start) = RecordBytes.Hold(records, answer, context.Pool, ref copy);
            batch.Chunk = new FetchedChunk();
            batch.Chunk.Begin(source, lease, start, records.Length, null);
        }
        // What is acquired again was lost before.
        foreach (var older in session.Batches.Where(older => older.Partition == partition))
        {
            foreach (var range in ranges)
                Lose(older, range.FirstOffset, range.LastOffset);
        }
        session.Batches.Add(batch);
        context.Queue.Add(batch);
        Wanted = 0;
        owner.OnArrival();
    }

    void Lose(AcquiredBatch batch, long first, long last)
    {
        var index = batch.IndexFrom(first);
        var end = batch.IndexFrom(last + 1);
        if (end > index)
            Tell(batch, context.Queue.Lose(batch, index, end - index), LostError(batch.Partition));
    }

    /// <summary>The ranges as a broker may have meant them: ascending, apart, none without offsets.</summary>
    static AcquiredRange[] RangesOf(ShareFetchResponse.AcquiredRecords[] acquired)
    {
        var ranges = new List<AcquiredRange>(acquired.Length);
        var (count, next) = (0, 0L);
        foreach (var range in acquired)
        {
            var (first, size) = (range.FirstOffset, range.LastOffset - range.FirstOffset + 1);
            if (first < next || size <= 0 || size > MostAcquired - count)
                continue;
            ranges.Add(new AcquiredRange(first, range.LastOffset, range.DeliveryCount, count));
            count += (int)size;
            next = range.LastOffset + 1;
        }
        return [.. ranges];
    }

    void OnAcknowledge(ShareSession session, List<SentRange> sent, int epoch, Outcome<ShareAcknowledgeResponse> outcome, Instant sentAt)
    {
        session.IsBusy = false;
        Wake();
        if (!outcome.HasResponse)
        {
            if (outcome.Failure.Reason == RequestFailureReason.UnsupportedVersion)
                OnNoRenewal(sent, outcome.Failure);
            else
                OnFailure(session, sent, outcome.Failure, outcome.Now);
            return;
        }
        var response = outcome.Response;
        if (response.ErrorCode != ErrorCode.None)
        {
            OnSessionError(session, response.ErrorCode, response.ErrorMessage, outcome.Now);
            return;
        }
        session.Advance();
        session.Failures = 0;
        foreach (var endpoint in response.NodeEndpoints)
            context.Cluster.LearnBroker(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        foreach (var topic in response.Responses)
        {
            foreach (var row in topic.Partitions)
            {
                if (row.CurrentLeader.LeaderId >= 0 && session.Find(topic.TopicId, row.PartitionIndex) is { } partition)
                    context.Cluster.LearnLeader(partition.Topic, topic.TopicId, partition.Partition, row.CurrentLeader.LeaderId, row.CurrentLeader.LeaderEpoch);
            }
        }
        Settle(session, sent, response.Responses.SelectMany(static topic => topic.Partitions.Select(row =>
            ((topic.TopicId, row.PartitionIndex), (row.ErrorCode, row.ErrorMessage)))), sentAt, outcome.Now);
        if (epoch == ShareSession.FinalEpoch)
            End(session, LostError(null));
    }

    /// <summary>A broker before 4.2 renews no lock. What else was to be said is said without.</summary>
    void OnNoRenewal(List<SentRange> sent, RequestFailure failure)
    {
        RenewsLocks = false;
        var error = new KafkaException($"A lock could not be renewed, which takes brokers from 4.2 on: {failure.Detail}.")
        { Code = ErrorCode.UnsupportedVersion, Broker = failure.Broker };
        foreach (var range in sent)
        {
            var isRenewal = range.Type == AcquiredBatch.Renew;
            context.Queue.Settle(range, isRenewal ? Verdict.Refused : Verdict.SendAgain, Instant.Start);
            if (isRenewal)
                Tell(range.Batch, OffsetsOf(range), error, isRenewal);
        }
    }

    /// <summary>Acts on what a broker says of acknowledgements, partition by partition.</summary>
    void Settle(
        ShareSession session, List<SentRange> sent, IEnumerable<((Guid, int) Key, (ErrorCode Error, string? Words) Said)> said, Instant sentAt, Instant now)
    {
        if (sent.Count == 0)
            return;
        var answers = new Dictionary<(Guid, int), (ErrorCode Error, string? Words)>();
        foreach (var (key, answer) in said)
            answers[key] = answer;
        foreach (var range in sent)
        {
            var (error, words) = answers.TryGetValue((range.Batch.TopicId, range.Batch.Partition.Partition), out var answer)
                ? answer
                : (ErrorCode.UnknownServerError, "the broker's answer does not name the partition");
            var verdict = VerdictOf(error, range, now);
            // What has been lost meanwhile was told as lost.
            var wasOpen = context.Queue.With(range.Batch, batch => batch.StageOf(range.Index)) is RecordStage.Waiting or RecordStage.Given;
            context.Queue.Settle(range, verdict, sentAt);
            if (verdict == Verdict.SendAgain)
            {
                Pause(session, now);
                continue;
            }
            // Where no record is the application has acknowledged none.
            if (wasOpen && range.Type != AcquiredBatch.Gap)
                Tell(range.Batch, OffsetsOf(range), verdict == Verdict.Accepted ? null : ErrorOf(range.Batch.Partition, error, words), range.Type == AcquiredBatch.Renew);
            if (error.NeedsMetadataRefresh())
                context.Cluster.Refresh(_seenView);
        }
    }

    static Verdict VerdictOf(ErrorCode error, in SentRange range, Instant now) => error switch
    {
        ErrorCode.None => Verdict.Accepted,
        ErrorCode.CoordinatorNotAvailable or ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator or ErrorCode.RequestTimedOut
            when range.Batch.LockedUntil > now => Verdict.SendAgain,
        ErrorCode.InvalidRecordState or ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch or ErrorCode.FencedStateEpoch
            or ErrorCode.UnknownTopicId or ErrorCode.UnknownTopicOrPartition => Verdict.Lost,
        _ => Verdict.Refused,
    };

    void OnPartitionError(ShareSession session, TopicPartition partition, ShareFetchResponse.PartitionData row, Instant now)
    {
        var error = row.ErrorCode;
        if (error.NeedsMetadataRefresh() || error is ErrorCode.UnknownTopicId or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch)
            context.Cluster.Refresh(_seenView);
        if (error.IsRetriable() || error is ErrorCode.UnknownServerError or ErrorCode.UnknownTopicId or ErrorCode.FencedLeaderEpoch)
        {
            if (session.Failures == 0)
                Report($"{partition}: {error.KafkaName()}; tried again soon");
        }
        else if (_refused.GetValueOrDefault(partition) != error)
        {
            _refused[partition] = error;
            var words = string.IsNullOrEmpty(row.ErrorMessage) ? "" : $" ({row.ErrorMessage})";
            var message = $"{partition} cannot be fetched: {error.KafkaName()}{words}.";
            context.Queue.Fail(error.IsAuthorization()
                ? new KafkaAuthorizationException(message + " The principal lacks Read on the topic.") { Code = error, Partition = partition }
                : new KafkaException(message) { Code = error, Partition = partition });
            owner.OnArrival();
        }
        Pause(session, now);
    }

    /// <summary>The broker refused the request as a whole: whatever it holds of the session, another is opened.</summary>
    void OnSessionError(ShareSession session, ErrorCode error, string? words, Instant now)
    {
        var isOfSession = error is ErrorCode.ShareSessionNotFound or ErrorCode.InvalidShareSessionEpoch;
        End(session, SessionError(error, words));
        if (isOfSession && session.Failures == 0)
        {
            session.Failures++;
            return;
        }
        if (!isOfSession && !error.IsRetriable() && error != ErrorCode.UnknownServerError)
        {
            var said = string.IsNullOrEmpty(words) ? "" : $" ({words})";
            var message = $"Share group '{context.Group}': {error.KafkaName()}{said}.";
            context.Queue.Fail(error.IsAuthorization()
                ? new KafkaAuthorizationException(message + " The principal lacks Read on the group or the topics.") { Code = error }
                : new KafkaException(message) { Code = error });
            owner.OnArrival();
        }
        else if (session.Failures <= 1)
            Report($"the session with node {session.NodeId}: {error.KafkaName()}; tried again soon");
        Pause(session, now);
    }

    void OnFailure(ShareSession session, List<SentRange> sent, RequestFailure failure, Instant now)
    {
        (session.IsBusy, session.IsFetching) = (false, false);
        Wake();
        if (failure.Reason == RequestFailureReason.UnsupportedVersion)
        {
            context.Queue.FailForGood(new KafkaProtocolException(context.IsRecordLimit
                ? $"AcquireMode is RecordLimit, which takes brokers from 4.2 on: {failure.Detail}. Set it to BatchOptimized, or upgrade the brokers."
                : $"Share groups take brokers from 4.1 on, whose feature share.version is finalized: {failure.Detail}.")
            { Code = ErrorCode.UnsupportedVersion, Broker = failure.Broker, IsFatal = true });
            owner.OnArrival();
        }
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.ShareEpochIsUsedAgain))
        {
            foreach (var range in sent)
                context.Queue.Settle(range, Verdict.SendAgain, now);
            Pause(session, now);
            return;
        }
#endif
        // The broker ends a session with its connection, and has acted on the request or has not: what is in hand is others' now.
        End(session, KafkaErrors.From(failure, $"Acknowledgements of share group '{context.Group}' had no answer"));
        if (failure.Reason == RequestFailureReason.Closed)
        {
            session.NotBefore = Instant.Never;
            return;
        }
        context.Cluster.Refresh(_seenView);
        if (session.Failures == 0)
            Report($"{failure.Detail}; {session.Led.Count} partitions wait for it");
        Pause(session, now);
    }

    /// <summary>A session is over: nothing that was acquired in it is this consumer's any more, and whoever acknowledged it is told.</summary>
    void End(ShareSession session, KafkaException error)
    {
        session.End();
        foreach (var batch in session.Batches)
        {
            var lost = context.Queue.Lose(batch, 0, batch.Count);
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.AcknowledgementIsLostWithItsSession))
                continue;
#endif
            Tell(batch, lost, error);
        }
        session.Batches.Clear();
    }

    void Tell(AcquiredBatch batch, IReadOnlyList<long> offsets, KafkaException? error, bool isRenewal = false) =>
        owner.OnAcknowledged(batch, offsets, error, isRenewal);

    static long[] OffsetsOf(in SentRange range)
    {
        var offsets = new long[range.Count];
        for (var i = 0; i < offsets.Length; i++)
            offsets[i] = range.FirstOffset + i;
        return offsets;
    }

    static KafkaException ErrorOf(TopicPartition partition, ErrorCode error, string? words)
    {
        if (error == ErrorCode.InvalidRecordState)
            return LostError(partition);
        var said = string.IsNullOrEmpty(words) ? "" : $" ({words})";
        var message = $"Acknowledgements of {partition} do not count: {error.KafkaName()}{said}.";
        if (error.IsAuthorization())
            return new KafkaAuthorizationException(message + " The principal lacks Read on the topic.") { Code = error, Partition = partition };
        if (error is ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch)
            message += " The partition has another leader since the records were acquired, which gives them to others.";
        return new KafkaException(message) { Code = error, Partition = partition, IsRetriable = false };
    }

    /// <summary>What an acknowledgement is told whose record is not this consumer's any more.</summary>
    public static KafkaException LostError(TopicPartition? partition) => new(
        $"{(partition is null ? "Records" : $"Records of {partition}")} are not this consumer's any more: their lock has ended "
            + "(share.record.lock.duration.ms of the group), or the connection that they were acquired on. They are given to others. Acknowledge sooner, or "
            + "renew the lock meanwhile (AcknowledgeType.Renew).")
    { Code = ErrorCode.InvalidRecordState, Partition = partition };

    static KafkaException SessionError(ErrorCode error, string? words)
    {
        var said = string.IsNullOrEmpty(words) ? "" : $" ({words})";
        return new KafkaException(
            $"Acknowledgements do not count: {error.KafkaName()}{said}. The broker does not know the session that the records were acquired in, and gives them to "
                + "others.")
        { Code = error };
    }

    void Pause(ShareSession session, Instant now)
    {
        session.Failures++;
        session.NotBefore = now + context.RetryBackoff.After(session.Failures, context.Random);
    }
}
