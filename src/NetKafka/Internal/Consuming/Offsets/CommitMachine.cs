using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Offsets;

/// <summary>
/// Commits offsets one request after another, so that none overtakes an earlier one. What is retriable is tried again in its
/// turn until its deadline; an offset of a partition that was given up meanwhile is refused, since it would rewind the next
/// owner.
/// </summary>
sealed class CommitMachine(ConsumerContext context, IGroupMembership membership) : Machine
{
    // From version 10 on topics are named by ids: an offset of a topic that is gone is not taken for one of its name that was created since.
    const short FirstVersionWithIds = 10;

    readonly Queue<CommitJob> _jobs = new();
    CommitJob? _current;
    bool _isUnderWay;
    Instant _notBefore = Instant.Start;
    (CommitJob Job, KafkaException? Error)? _ended;

    public bool IsIdle => _current is null && _jobs.Count == 0;

    public void Add(CommitJob job)
    {
        _jobs.Enqueue(job);
        Wake();
    }

    /// <summary>
    /// Partitions are not this member's any more, so a commit of them that waits for its connection must not be written: where the
    /// coordinator has changed, the group's next generation may have the number of this one.
    /// </summary>
    public void OnUnassigned()
    {
        if (!_isUnderWay || _current is not { IsWritten: false } job || StillOwned(job) is not { } refusal)
            return;
        job.Request!.Abandon();
        (_isUnderWay, _current, _ended) = (false, null, (job, refusal));
        Wake();
    }

    /// <summary>The consumer is over: what still waits is told so.</summary>
    public void Abort(Effects effects)
    {
        var error = new KafkaException(
            $"Offsets of group '{context.Options.GroupId}' were not committed before the consumer had closed (CloseTimeout); "
                + "whether a broker has them is unknown.");
        _current?.OnEnd(error, effects);
        _current = null;
        while (_jobs.TryDequeue(out var job))
            job.OnEnd(error, effects);
    }

    /// <summary>The finished positions that are newer than what was committed.</summary>
    /// <param name="wanted">The partitions in question.</param>
    public List<CommitJob.Entry> Finished(IEnumerable<AssignedPartition> wanted)
    {
        var entries = new List<CommitJob.Entry>();
        foreach (var partition in wanted)
        {
            var (offset, epoch) = context.Queue.PositionOf(partition);
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.CommitNamesWhatWasFetched))
                offset = partition.FetchOffset;
#endif
            if (offset >= 0 && offset > partition.CommitFloor)
                entries.Add(new CommitJob.Entry(new TopicPartitionOffset(partition.Partition, offset, epoch), partition, partition.Seeks));
        }
        return entries;
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_ended is { } ended)
        {
            _ended = null;
            if (ended.Error is null && context.MakeCommitRun is { } tell)
                effects.Dispatch(tell([.. ended.Job.Offsets.Select(static entry => entry.Offset)]));
            ended.Job.OnEnd(ended.Error, effects);
        }
        // First of all: what waits behind a commit that pauses has a time of its own.
        ExpireWaiting(now, effects);
        while (!_isUnderWay)
        {
            if (_current is null && !_jobs.TryDequeue(out _current))
                return NextDeadline();
            if (_current.IsOwn)
                _current.Offsets.RemoveAll(IsBehind);
            if (_current.Deadline <= now)
                End(TimedOut(_current), effects);
            else if (StillOwned(_current) is { } refusal)
                End(refusal, effects);
            else if (!membership.CanCommit)
                End(Describe(_current, ErrorCode.UnknownMemberId), effects);
            else if (_current.Offsets.Count == 0)
                End(null, effects);
            else if (_notBefore > now)
                return Instant.Earlier(Instant.Earlier(_notBefore, _current.Deadline), NextDeadline());
            else
                Send(_current, now);
        }
        return NextDeadline();
    }

    /// <summary>Whether a later offset was committed meanwhile, or may have been.</summary>
    static bool IsBehind(CommitJob.Entry entry) => entry.Partition.Seeks == entry.Seeks
        && (entry.Offset.Offset <= entry.Partition.CommitFloor || entry.Offset.Offset < entry.Partition.CommitSent);

    void Send(CommitJob job, Instant now)
    {
        _isUnderWay = true;
        job.Attempts++;
        job.SentGeneration = membership.Generation;
        var topics = new SortedDictionary<(string Name, Guid Id), List<OffsetCommitRequest.OffsetCommitRequestPartition>>();
        foreach (var entry in job.Offsets)
        {
            var (offset, partition, seeks) = entry;
            if (partition.Seeks == seeks)
                partition.CommitSent = offset.Offset;
            if (!topics.TryGetValue((offset.Topic, entry.TopicId), out var rows))
                topics.Add((offset.Topic, entry.TopicId), rows = []);
            rows.Add(new OffsetCommitRequest.OffsetCommitRequestPartition
            {
                PartitionIndex = offset.Partition, CommittedOffset = offset.Offset, CommittedLeaderEpoch = offset.LeaderEpoch,
                CommittedMetadata = offset.Metadata ?? "",
            });
        }
        var (generation, memberId) = (membership.Generation, membership.MemberId);
        var knowsIds = job.Offsets.TrueForAll(static entry => entry.TopicId != Guid.Empty);
#if NETKAFKA_CHECKED
        knowsIds &= !Planted.Has(Bug.OffsetsAreCommittedByName);
#endif
        var request = new Exchange<OffsetCommitRequest, OffsetCommitResponse>(
            version =>
            {
                job.IsWritten = true;
                return new OffsetCommitRequest
                {
                    GroupId = context.Options.GroupId!,
                    GenerationIdOrMemberEpoch = generation,
                    MemberId = memberId,
                    GroupInstanceId = version >= 7 && generation >= 0 ? context.Options.GroupInstanceId : null,
                    Topics = [.. topics.Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic
                    {
                        Name = topic.Key.Name, TopicId = version >= FirstVersionWithIds ? topic.Key.Id : Guid.Empty, Partitions = [.. topic.Value],
                    })],
                };
            },
            outcome => OnOutcome(job, outcome))
        {
            MaxVersion = knowsIds ? FirstVersionWithIds : (short)(FirstVersionWithIds - 1),
            Timeout = context.RequestTimeout,
            Deadline = Instant.Earlier(job.Deadline, now + context.RequestTimeout), Owner = this,
        };
        (job.Request, job.IsWritten) = (request, false);
        context.Cluster.Send(request, RequestTarget.Coordinator(Coordinator), LaneKey.Control);
    }

    CoordinatorKey Coordinator => CoordinatorKey.Group(context.Options.GroupId!);

    void OnOutcome(CommitJob job, Outcome<OffsetCommitResponse> outcome)
    {
        if (_current != job)
            return;
        _isUnderWay = false;
        Wake();
        if (!outcome.HasResponse)
        {
            OnFailure(job, outcome.Failure, outcome.Now);
            return;
        }
        var worst = ErrorCode.None;
        foreach (var row in outcome.Response.Topics.SelectMany(topic => topic.Partitions))
        {
            if (row.ErrorCode != ErrorCode.None && (worst == ErrorCode.None || !row.ErrorCode.IsRetriable()))
                worst = row.ErrorCode;
        }
        if (worst == ErrorCode.None)
            TakeSuccess(job);
        else
            TakeError(job, worst, outcome.NodeId, outcome.Now);
    }

    void TakeSuccess(CommitJob job)
    {
        foreach (var (offset, partition, seeks) in job.Offsets)
        {
            if (partition.Seeks == seeks)
                partition.CommitFloor = offset.Offset;
        }
        (_current, _ended) = (null, (job, null));
    }

    void TakeError(CommitJob job, ErrorCode error, int nodeId, Instant now)
    {
        job.LastError = Describe(job, error);
        switch (error)
        {
            case ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable:
                context.Cluster.ForgetCoordinator(Coordinator, nodeId);
                break;
            case ErrorCode.UnknownTopicId:
                // The topic is gone, or has not come to the coordinator yet; metadata tell which, and what is given up is not waited for.
                context.Cluster.Refresh(context.Cluster.View.Generation);
                if (job.IsLast)
                {
                    (_current, _ended) = (null, (job, job.LastError));
                    return;
                }
                break;
            case ErrorCode.StaleMemberEpoch:
                // The coordinator is an epoch further, which the answer to a heartbeat will say; the member is one still.
                break;
            case ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId:
                // While the group rebalances the member is not lost; its partitions may stay, under a new generation.
                var isOlder = job.SentGeneration != membership.Generation;
                var isStale = membership.IsRebalancing || isOlder;
                if (!isStale)
                    membership.OnRefused(error);
                // The last commit holds up a rebalance, so it is sent again only where a newer generation has begun meanwhile.
                var isOver = job.IsLast ? !isOlder : _jobs.Any(other => other.IsLast);
                if (error == ErrorCode.FencedInstanceId || isOver || (!isStale && error != ErrorCode.RebalanceInProgress))
                {
                    (_current, _ended) = (null, (job, job.LastError));
                    return;
                }
                break;
            default:
                if (!error.IsRetriable())
                {
                    (_current, _ended) = (null, (job, job.LastError));
                    return;
                }
                break;
        }
        _notBefore = now + context.RetryBackoff.After(job.Attempts, context.Random);
    }

    void OnFailure(CommitJob job, RequestFailure failure, Instant now)
    {
        job.LastError = new KafkaConnectionException($"Offsets of group '{context.Options.GroupId}' were not committed: "
            + $"{failure.Detail}", failure.Cause)
        { Broker = failure.Broker, Attempts = job.Attempts, IsRetriable = failure.IsRetriable };
        // A commit whose answer was lost is sent again: it says the same, and nothing later has been sent meanwhile.
        if (failure.IsRetriable || failure.Reason == RequestFailureReason.Expired)
            _notBefore = now + context.RetryBackoff.After(job.Attempts, context.Random);
        else
            (_current, _ended) = (null, (job, failure.Error.IsAuthorization() ? Describe(job, failure.Error) : job.LastError));
    }

    /// <summary>Drops what was given up; an error if that leaves a user's commit incomplete.</summary>
    KafkaException? StillOwned(CommitJob job)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.CommitNamesWhatWasGivenUp))
            return null;
#endif
        foreach (var entry in job.Offsets)
        {
            var (offset, partition, _) = entry;
            if (entry.TopicId != Guid.Empty && partition.TopicId != Guid.Empty && entry.TopicId != partition.TopicId)
            {
                return new KafkaException($"The topic of {offset.TopicPartition} was deleted and created anew, so its offset {offset.Offset} was not committed: "
                    + "it is none of the new one.")
                { Code = ErrorCode.UnknownTopicId, Partition = offset.TopicPartition };
            }
            if (context.Assignment.TryGet(offset.TopicPartition, out var assigned) && assigned == partition)
                continue;
            return new KafkaException(
                $"{offset.TopicPartition} is not assigned to this consumer any more, so its offset {offset.Offset} was not "
                    + "committed: it would rewind its new owner.")
            { Code = ErrorCode.IllegalGeneration, Partition = offset.TopicPartition };
        }
        return null;
    }

    void ExpireWaiting(Instant now, Effects effects)
    {
        for (var left = _jobs.Count; left > 0; left--)
        {
            var job = _jobs.Dequeue();
            if (job.Deadline <= now)
                job.OnEnd(TimedOut(job), effects);
            else
                _jobs.Enqueue(job);
        }
    }

    Instant NextDeadline()
    {
        var next = Instant.Never;
        foreach (var job in _jobs)
            next = Instant.Earlier(next, job.Deadline);
        return next;
    }

    void End(KafkaException? error, Effects effects)
    {
        var job = _current!;
        _current = null;
        job.OnEnd(error, effects);
    }

    KafkaException Describe(CommitJob job, ErrorCode error)
    {
        var message = $"Offsets of group '{context.Options.GroupId}' were not committed: {error.KafkaName()}";
        return error switch
        {
            _ when error.IsAuthorization() => new KafkaAuthorizationException(message + ". The principal lacks Read on the "
                + "group or on a topic.") { Code = error },
            ErrorCode.RebalanceInProgress => new KafkaException(message + ". The group is being rebalanced; the records may "
                + "be read again by another member.")
            { Code = error, IsRetriable = true, Attempts = job.Attempts },
            ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId => new KafkaException(
                message + ". The member was taken for dead and its partitions given to others: it did not read for "
                    + "MaxPollInterval, or its heartbeats did not arrive for SessionTimeout.")
            { Code = error, Attempts = job.Attempts },
            ErrorCode.OffsetMetadataTooLarge => new KafkaException(message + ". The metadata of an offset is longer than the broker's "
                + "offset.metadata.max.bytes.") { Code = error, Attempts = job.Attempts },
            ErrorCode.StaleMemberEpoch => new KafkaException(message + ". The group has moved on, and this member has not heard of it yet.")
            { Code = error, IsRetriable = true, Attempts = job.Attempts },
            _ => new KafkaException(message) { Code = error, IsRetriable = error.IsRetriable(), Attempts = job.Attempts },
        };
    }

    KafkaTimeoutException TimedOut(CommitJob job) => new(
        $"Offsets of group '{context.Options.GroupId}' were not committed in time "
            + "(DefaultApiTimeout)" + (job.LastError is { } last ? $"; the last error: {last.Message}" : "."),
        job.Attempts == 0 ? "commits before it" : "answer of the coordinator", job.LastError);
}
