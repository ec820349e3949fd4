using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// Acquires records of what is assigned, and acknowledges them: a session with each leader, and one request of it under way. It fetches when the
/// application waits and nothing is there, so that no record is locked while it waits for its turn here. A fetch takes acknowledgements along;
/// those that cannot wait for one, or renew a lock, have a request of their own.
/// </summary>
sealed partial class ShareFetchMachine(ShareContext context, ShareMemberMachine member, IShareFetchOwner owner) : Machine
{
    // Before it there is neither a strict limit nor a renewal.
    const short SecondVersion = 2;

    readonly List<ShareSession> _sessions = [];
    readonly List<Action<Effects>> _reports = [];
    readonly List<SentRange> _collected = [];

    // What was told of partitions that cannot be read, so that it is told once.
    readonly SortedDictionary<TopicPartition, ErrorCode> _refused = [];
    long _seenView = -1;
    bool _isAssignmentNew = true;
    bool _isClosing;
    int _rotation;

    /// <summary>How many records the application waits for; 0 while it does not.</summary>
    public int Wanted { get; private set; }

    /// <summary>Whether acknowledgements are to be sent at once, since somebody waits for what becomes of them.</summary>
    public bool IsCommitting { get; set; }

    /// <summary>Whether locks are renewed by themselves, when half of their time is over.</summary>
    public bool RenewsLocks { get; set; }

    /// <summary>For how long records are locked, as the last answer said; null before.</summary>
    public TimeSpan? LockTime { get; private set; }

    /// <summary>What was acquired and has not ended.</summary>
    public IEnumerable<AcquiredBatch> Open => _sessions.SelectMany(static session => session.Batches);

    public void Want(int records)
    {
        Wanted = records;
        Wake();
    }

    public void OnAssigned()
    {
        _isAssignmentNew = true;
        Wake();
    }

    /// <summary>Ends every session: what was said is sent, the rest is released by its broker. The owner is told when all are.</summary>
    public void CloseSessions()
    {
        _isClosing = true;
        Wake();
    }

    /// <summary>Gives up what is not answered: the consumer is over.</summary>
    public void Abandon()
    {
        foreach (var session in _sessions)
            End(session, new KafkaException("The consumer was disposed before the broker had answered."));
        _sessions.Clear();
        context.Cluster.CloseLane(context.FetchLane);
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        var view = context.Cluster.View;
        if (view.Generation != _seenView || _isAssignmentNew)
            Regroup(view);
        var next = Instant.Never;
        for (var i = 0; i < _sessions.Count; i++)
        {
            // With a strict limit one session fetches at a time, each in its turn.
            var session = _sessions[(i + _rotation) % _sessions.Count];
            if (session.IsBusy)
                continue;
            next = Instant.Earlier(next, session.NotBefore > now ? session.NotBefore : Step(session, now));
        }
        foreach (var session in _sessions)
            next = Instant.Earlier(next, SayNeed(session, now));
        if (_isClosing && _sessions.TrueForAll(static session => !session.IsBusy && !session.IsOpen))
        {
            _isClosing = false;
            owner.OnSessionsClosed();
        }
        return next;
    }

    void Regroup(ClusterView view)
    {
        (_seenView, _isAssignmentNew) = (view.Generation, false);
        foreach (var session in _sessions)
            session.Led.Clear();
        foreach (var (partition, id) in member.Assigned)
        {
            if (view.TryGetPartition(partition.Topic, partition.Partition, out var known) && known.LeaderId >= 0)
                SessionOf(known.LeaderId).Led.Add(partition, id);
        }
        _sessions.RemoveAll(static session => session is { IsBusy: false, IsOpen: false, Led.Count: 0 });
    }

    /// <summary>The sessions are kept in order of their brokers' ids.</summary>
    ShareSession SessionOf(int nodeId)
    {
        var index = 0;
        while (index < _sessions.Count && _sessions[index].NodeId < nodeId)
            index++;
        if (index == _sessions.Count || _sessions[index].NodeId != nodeId)
            _sessions.Insert(index, new ShareSession(nodeId));
        return _sessions[index];
    }

    /// <summary>Does what is due in a session that has nothing under way.</summary>
    /// <returns>When to look again.</returns>
    Instant Step(ShareSession session, Instant now)
    {
        var next = Prune(session, now);
        var (waiting, hasRenewal, hasStray) = Look(session);
        session.WaitingSince = waiting == 0 ? Instant.Never : Instant.Earlier(session.WaitingSince, now);
        if (_isClosing)
        {
            if (session.IsOpen)
                SendAcknowledge(session, ShareSession.FinalEpoch, now);
            return next;
        }
        var due = session.WaitingSince + context.Options.FetchMaxWait;
        if (waiting > 0 && (IsCommitting || hasRenewal || hasStray || (!MayFetch(session) && due <= now)))
        {
            SendAcknowledge(session, session.Epoch, now);
            return next;
        }
        if (MayFetch(session))
        {
            SendFetch(session, now);
            return next;
        }
        return waiting > 0 ? Instant.Earlier(next, due) : next;
    }

    /// <summary>
    /// What is locked in a session is others' when its connection ends, and what was said of it is lost; so that is not to end for having nothing to do.
    /// </summary>
    /// <returns>When that may change.</returns>
    Instant SayNeed(ShareSession session, Instant now)
    {
        var (isNeeded, next) = (false, Instant.Never);
        foreach (var batch in session.Batches)
        {
            var (isOpen, hasPending, until) = context.Queue.With(batch, static batch => (batch.OpenCount > 0, batch.HasPending, batch.LockedUntil));
            var isLocked = isOpen && until > now;
            isNeeded |= isLocked || hasPending;
            if (isLocked)
                next = Instant.Earlier(next, until);
        }
#if NETKAFKA_CHECKED
        isNeeded &= !Planted.Has(Bug.LocksEndWithAnIdleConnection);
#endif
        if (session.IsNeeded != isNeeded)
        {
            session.IsNeeded = isNeeded;
            context.Cluster.Need(session.NodeId, context.FetchLane, isNeeded);
        }
        return next;
    }

    bool MayFetch(ShareSession session) => Wanted > 0 && owner.IsWaiting && session.Led.Count > 0
        && !(context.IsRecordLimit && _sessions.Exists(static other => other.IsFetching));

    /// <summary>What waits to be said in a session.</summary>
    (int Waiting, bool HasRenewal, bool HasStray) Look(ShareSession session)
    {
        var (waiting, hasRenewal, hasStray) = (0, false, false);
        foreach (var batch in session.Batches)
        {
            var (count, isRenewal) = context.Queue.With(batch, static batch => (batch.WantedCount, batch.RenewalCount > 0));
            waiting += count;
            hasRenewal |= isRenewal;
            // A fetch would have the broker acquire records of it again.
            hasStray |= count > 0 && !session.Led.ContainsKey(batch.Partition);
        }
        return (waiting, hasRenewal, hasStray);
    }

    /// <summary>Renews what is to be renewed, and forgets what has ended.</summary>
    /// <returns>When something is to be renewed.</returns>
    Instant Prune(ShareSession session, Instant now)
    {
        var next = Instant.Never;
        session.Batches.RemoveAll(batch => context.Queue.With(batch, open =>
            open.OpenCount == 0 || (!open.HasPending && !RenewsLocks && open.LockedUntil + open.LockTime <= now && IsForgotten(open))));
        if (!RenewsLocks)
            return next;
        foreach (var batch in session.Batches)
        {
            var due = batch.LockedAt + batch.LockTime / 2;
            if (due <= now)
                context.Queue.With(batch, static batch =>
                {
                    batch.WantRenewal();
                    return true;
                });
            else
                next = Instant.Earlier(next, due);
        }
        return next;
    }

    /// <summary>Nothing was said of it for twice the time of its locks: it is others' since.</summary>
    static bool IsForgotten(AcquiredBatch batch)
    {
        batch.Lose(0, batch.Count, []);
        return true;
    }

    void SendFetch(ShareSession session, Instant now)
    {
        var sent = Collect(session);
        var options = context.Options;
        var limit = context.IsRecordLimit ? Math.Min(options.MaxPollRecords, Wanted) : options.MaxPollRecords;
        var request = new ShareFetchRequest
        {
            GroupId = context.Group, MemberId = member.MemberId, MaxWaitMs = (int)options.FetchMaxWait.TotalMilliseconds, MinBytes = options.FetchMinBytes,
            MaxBytes = options.FetchMaxBytes, MaxRecords = limit, BatchSize = limit, ShareAcquireMode = (sbyte)(context.IsRecordLimit ? 1 : 0),
        };
        session.Plan(request, ByPartition(sent, static (first, last, type) =>
            new ShareFetchRequest.AcknowledgementBatch { FirstOffset = first, LastOffset = last, AcknowledgeTypes = [type] }));
        (session.IsBusy, session.IsFetching, session.WaitingSince) = (true, true, Instant.Never);
        _rotation = (_sessions.IndexOf(session) + 1) % _sessions.Count;
        context.Cluster.Send(
            new ShareFetchCall(
                request, context.IsRecordLimit ? SecondVersion : ShareFetchRequest.LowestVersion,
                (response, answer) => OnFetched(session, sent, response, answer, now), (failure, at) => OnFailure(session, sent, failure, at))
            {
                Timeout = context.RequestTimeout + options.FetchMaxWait, Deadline = now + context.RequestTimeout + options.FetchMaxWait, Owner = this,
            },
            RequestTarget.Broker(session.NodeId), context.FetchLane);
    }

    void SendAcknowledge(ShareSession session, int epoch, Instant now)
    {
        var sent = Collect(session);
        var isRenewal = sent.Exists(static range => range.Type == AcquiredBatch.Renew);
        var rows = ByPartition(sent, static (first, last, type) =>
            new ShareAcknowledgeRequest.AcknowledgementBatch { FirstOffset = first, LastOffset = last, AcknowledgeTypes = [type] });
        var request = new ShareAcknowledgeRequest
        {
            GroupId = context.Group, MemberId = member.MemberId, ShareSessionEpoch = epoch, IsRenewAck = isRenewal,
            Topics = [.. rows.GroupBy(static row => row.Key.TopicId).Select(static topic => new ShareAcknowledgeRequest.AcknowledgeTopic
            {
                TopicId = topic.Key,
                Partitions = [.. topic.Select(static row => new ShareAcknowledgeRequest.AcknowledgePartition
                {
                    PartitionIndex = row.Key.Partition, AcknowledgementBatches = row.Value,
                })],
            })],
        };
        (session.IsBusy, session.WaitingSince) = (true, Instant.Never);
        context.Cluster.Send(
            new Exchange<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(request, outcome => OnAcknowledge(session, sent, epoch, outcome, now))
            {
                MinVersion = isRenewal ? SecondVersion : ShareAcknowledgeRequest.LowestVersion,
                Timeout = context.RequestTimeout, Deadline = now + context.RequestTimeout, Owner = this,
            },
            RequestTarget.Broker(session.NodeId), context.FetchLane);
    }

    List<SentRange> Collect(ShareSession session)
    {
        _collected.Clear();
        context.Queue.Collect(session.Batches, _collected);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RenewalIsToldAsAccept))
            return [.. _collected.Select(static range => range.Type == AcquiredBatch.Renew ? range with { Type = (sbyte)AcknowledgeType.Accept } : range)];
#endif
        return [.. _collected];
    }

    /// <summary>Acknowledgements as requests carry them: by partition, and ascending there.</summary>
    static SortedDictionary<(Guid TopicId, int Partition), T[]> ByPartition<T>(List<SentRange> sent, Func<long, long, sbyte, T> make)
    {
        var rows = new SortedDictionary<(Guid TopicId, int Partition), T[]>();
        foreach (var partition in sent.GroupBy(static range => (range.Batch.TopicId, range.Batch.Partition.Partition)))
            rows[partition.Key] = [.. partition.OrderBy(static range => range.FirstOffset).Select(range => make(range.FirstOffset, range.LastOffset, range.Type))];
        return rows;
    }

    void Report(string problem) => _reports.Add(effects => effects.Log(logger => ClientLog.ShareProblem(logger, context.Group, problem)));
}
