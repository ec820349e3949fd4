using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Consuming.Offsets;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming;

/// <summary>
/// One consumer, put together: it joins what members, offsets, fetches, commits and the application's reader tell each other,
/// and answers the application's calls. Nothing happens before the application first reads.
/// </summary>
sealed partial class ConsumerMachine : Machine, IMemberOwner, IFetchOwner, IPositionListener, IClosingOwner, IClusterListener, IGroupMembership
{
    // Reading is looked at this often within MaxPollInterval, so that a reader that stands still is found soon after it.
    const int LooksPerPollInterval = 10;

    readonly ConsumerContext _context;
    readonly MachineQueue _machines;
    readonly FetchMachine _fetches;
    readonly OffsetMachine _offsets;
    readonly OffsetQueryMachine _queries;
    readonly TopicQueryMachine _topics;
    readonly CommitMachine _commits;
    readonly HandoverMachine _handovers;
    GroupMembership? _member;
    readonly List<PositionWait> _positionWaits = [];
    readonly List<Call<bool>> _assignmentWaits = [];
    readonly Dictionary<string, ErrorCode> _topicErrors = [];
    readonly List<string> _missingTopics = [];
    readonly ReadingProspect _prospect;
    Call<bool>? _reader;
    bool _isActive;
    bool _isAssigned;
    bool _isAutoCommitting;
    long _seenReads;
    Instant _readAt = Instant.Start;
    Instant _autoCommitAt = Instant.Never;
    KafkaException? _fatal;
    Exception? _fault;

    public ConsumerMachine(ConsumerContext context, MachineQueue machines, IRebalanceHandlers handlers)
    {
        (_context, _machines) = (context, machines);
        context.OnDefect = TakeFault;
        _prospect = new ReadingProspect(context);
        _fetches = new FetchMachine(context, this);
        _offsets = new OffsetMachine(context, this, this);
        _queries = new OffsetQueryMachine(context);
        _topics = new TopicQueryMachine(context);
        _commits = new CommitMachine(context, this);
        _handovers = new HandoverMachine(context, _offsets, _commits, handlers);
    }

    public string MemberId => _member?.MemberId ?? "";

    public int Generation => _member?.Generation ?? -1;

    public bool CanCommit => _member?.CanCommit ?? true;

    public bool IsRebalancing => _member?.IsRebalancing ?? false;

    public bool IsOfConsumerProtocol => _member?.IsOfConsumerProtocol ?? false;

    public Guid TopicIdOf(TopicPartition partition) => _member?.TopicIdOf(partition) ?? Guid.Empty;

    /// <summary>Joins the machines of the client. Called once, inside the turn.</summary>
    public void Start(Instant now)
    {
        _context.Cluster.Subscribe(this);
        if (_context.Options.Subscription is { IsEmpty: false } subscription)
        {
            _context.Subscription.Set(subscription);
            _member = new GroupMembership(_context, this, _machines);
        }
        foreach (var machine in All())
            _machines.Add(machine);
        _autoCommitAt = now + _context.Options.AutoCommitInterval;
    }

    public void OnClusterChanged(ClusterView view)
    {
        if (IsOtherNow(view))
            _member?.OnSubscriptionChanged();
        CheckTopics(view);
        _offsets.OnClusterChanged(view);
        _queries.OnClusterChanged();
        _topics.OnClusterChanged();
        FollowTopics(view);
        _member?.OnClusterChanged();
        _fetches.Wake();
    }

    /// <summary>The reading thread has taken something, or let go of something that was waited for.</summary>
    public void OnReader()
    {
        _fetches.Wake();
        _handovers.OnReader();
        Wake();
    }

    /// <summary>
    /// The application waits for something to read. The call is answered once there is something, or at its deadline.
    /// </summary>
    public void WaitForRecords(Call<bool> call, Instant now)
    {
        (_reader, _readAt) = (call, now);
        Activate("the application began to read");
        Wake();
    }

    public void OnHandlerEnded(int token, Exception? error)
    {
        _handovers.OnHandlerEnded(token, error);
        Wake();
    }

    public void OnArrival() => Wake();

    public void OnOutOfRange(AssignedPartition partition, Instant now)
    {
        // What was fetched before is read first; then it is asked again.
        if (_context.Queue.PositionOf(partition).Offset < partition.FetchOffset)
            partition.BackOff(now, _context.RetryBackoff, _context.Random);
        else
            _offsets.OnOutOfRange(partition);
    }

    public void OnRefused(AssignedPartition partition, ErrorCode error)
    {
        var message = $"{partition.Partition} cannot be fetched: {error.KafkaName()}";
        _offsets.Fail(partition, error.IsAuthorization()
            ? new KafkaAuthorizationException(message + ". The principal lacks Read on the topic.")
            { Code = error, Partition = partition.Partition }
            : new KafkaException(message) { Code = error, Partition = partition.Partition });
    }

    public void OnRefused(ErrorCode error) => _member?.OnRefused(error);

    public void OnPositionSettled(AssignedPartition partition)
    {
        _fetches.Wake();
        Wake();
    }

    public void Release(int number, IReadOnlyList<TopicPartition> partitions) => GiveUp(HandoverKind.Revoked, number, partitions);

    public void Lose(int number, IReadOnlyList<TopicPartition> partitions, string reason) => GiveUp(HandoverKind.Lost, number, partitions);

    public void Take(int number, IReadOnlyList<TopicPartition> partitions)
    {
        // What comes while the consumer gives everything up would never be given up itself: the member leaves without it.
        if (_close is not null || _isUnsubscribing)
            return;
        var member = _member!;
        _handovers.Begin(new Handover(HandoverKind.Assigned, [.. partitions], _context.Options.MaxPollInterval, callsHandlers: true, _ =>
        {
            _isAssigned = true;
            member.OnHandedOver(number);
            OnReader();
            _offsets.Wake();
        }));
    }

    void GiveUp(HandoverKind kind, int number, IReadOnlyList<TopicPartition> partitions)
    {
        var member = _member!;
        _handovers.Begin(new Handover(kind, [.. partitions], _context.Options.MaxPollInterval, callsHandlers: true, _ => member.OnHandedOver(number)));
    }

    public void OnMemberProblem(KafkaException problem)
    {
        _context.Queue.Fail(problem);
        Wake();
    }

    public void OnMemberFailed(KafkaException error)
    {
        _fatal = error;
        _context.Queue.FailForGood(error);
        Wake();
    }

    /// <summary>The calls of the application that have no answer yet.</summary>
    public PendingCalls Calls { get; } = new();

    /// <summary>A defect ends this consumer and nothing else: every call and every read throws it.</summary>
    public override bool TakeFault(Exception error)
    {
        EndWith(new KafkaException("The consumer ended on a defect of its own; dispose it and create another, and report "
            + "this.", error) { IsFatal = true });
        return true;
    }

    /// <summary>Ends everything with an error that is not this consumer's to handle.</summary>
    public void EndWith(Exception error)
    {
        _fault ??= error;
        _context.Queue.FailForGood(_fault);
        Wake();
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        if (_fault is not null)
        {
            EndOnFault(_fault, effects);
            return Instant.Never;
        }
        if (_close is { } close)
        {
            EndCalls(effects);
            return close.Poll(now, effects);
        }
        ReportTopics(effects);
        EndUnsubscribing(effects);
        WatchReader(now, effects);
        var next = AnswerReader(now, effects);
        next = Instant.Earlier(next, WatchUnsubscribing(now, effects));
        next = Instant.Earlier(next, AnswerWaits(now, effects));
        next = Instant.Earlier(next, AutoCommit(now));
        if (_reader is not null)
            next = Instant.Earlier(next, _reader.Deadline);
        // A runner waits for records while its handlers run.
        var isLookedAt = _isActive && _member is not null && (_reader is null || _context.Queue.IsProcessing);
        return isLookedAt ? Instant.Earlier(next, now + _context.Options.MaxPollInterval / LooksPerPollInterval) : next;
    }

    void Activate(string reason)
    {
        if (_isActive || _fatal is not null)
            return;
        _isActive = true;
        _member?.Join(reason);
    }

    /// <summary>Tells whether the application still reads; if not for too long, its partitions are given to others.</summary>
    void WatchReader(Instant now, Effects effects)
    {
        var reads = _context.Queue.Reads;
        if (StuckHandler(now) is { } stuck)
        {
            if (_isActive && _member is not null && _handovers.IsIdle)
                Suspend(_member, stuck, effects);
            return;
        }
        if (reads != _seenReads || _reader is not null)
        {
            (_seenReads, _readAt) = (reads, now);
            // A member that had been suspended comes back with the next read.
            if (!_isActive && reads > 0 && _close is null && _member is not null)
                Activate("the application reads again");
            return;
        }
        if (_isActive && _member is not null && now - _readAt >= _context.Options.MaxPollInterval && _handovers.IsIdle)
            Suspend(_member, $"the application did not ask for a record for {_context.Options.MaxPollInterval} (MaxPollInterval); it "
                + "joins again when it does", effects);
    }

    /// <summary>What is wrong with the handler of a runner that takes too long, as a loop may; null if none does.</summary>
    string? StuckHandler(Instant now)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.StuckHandlerIsNotNoticed))
            return null;
#endif
        if (_context.Queue.OldestWork is not { } work || now - work.Since < _context.Options.MaxPollInterval)
            return null;
        return $"the handler of {work.Partition}, offset {work.Offset}, has run for {_context.Options.MaxPollInterval} (MaxPollInterval); the "
            + "member joins again when it has ended";
    }

    void Suspend(GroupMembership member, string reason, Effects effects)
    {
        _isActive = false;
        effects.Log(logger => ClientLog.GroupProblem(logger, _context.Options.GroupId!, reason));
        member.Suspend("the application did not read for longer than its MaxPollInterval");
    }

    Instant AnswerReader(Instant now, Effects effects)
    {
        var next = Instant.Never;
        if (_reader is null || _context.Queue.HasSomething)
            _prospect.Reset();
        else if (_prospect.Look(_context.Subscription.Topics, _assignedByHand, now, out next) is { } hopeless)
            _context.Queue.Fail(hopeless);
        if (_reader is null)
            return next;
        if (_context.Queue.HasSomething)
            _reader.Succeed(true, effects);
        else if (_reader.Deadline <= now)
            _reader.Succeed(false, effects);
        if (_reader.IsAnswered)
            _reader = null;
        return next;
    }

    Instant AutoCommit(Instant now)
    {
        var options = _context.Options;
        if (!options.EnableAutoCommit || options.GroupId is null || _context.Assignment.Snapshot.Length == 0)
            return Instant.Never;
        if (_autoCommitAt > now)
            return _autoCommitAt;
        _autoCommitAt = now + options.AutoCommitInterval;
        if (_isAutoCommitting || !CanCommit || !_handovers.IsIdle)
            return _autoCommitAt;
        var entries = _commits.Finished(_context.Assignment.Snapshot);
        if (entries.Count > 0)
            AutoCommit(entries, options.GroupId, now + options.DefaultApiTimeout);
        return _autoCommitAt;
    }

    // Apart from the look whether it is time: what a lambda captures is allocated where the method begins, at each poll.
    void AutoCommit(List<CommitJob.Entry> entries, string group, Instant deadline)
    {
        _isAutoCommitting = true;
        _commits.Add(new CommitJob(entries, deadline, IsOwn: true, IsLast: false, (error, effects) =>
        {
            _isAutoCommitting = false;
            if (error is not null)
                effects.Log(logger => ClientLog.CommitFailed(logger, group, error.Message));
        }));
    }

    /// <summary>
    /// Tells the application of topics that it may not read, and the log of topics that do not exist; each once.
    /// </summary>
    void CheckTopics(ClusterView view)
    {
        foreach (var topic in _context.Subscription.Topics.Concat(_assignedByHand.Select(partition => partition.Topic).Distinct()))
        {
            var error = view.Topics.TryGetValue(topic, out var known) ? known.Error : ErrorCode.None;
            if (_topicErrors.GetValueOrDefault(topic) == error)
                continue;
            _topicErrors[topic] = error;
            if (error.IsAuthorization())
                _context.Queue.Fail(new KafkaAuthorizationException($"Topic '{topic}' cannot be read: {error.KafkaName()}. "
                    + "The principal lacks Describe or Read on it.") { Code = error });
            else if (error == ErrorCode.InvalidTopicException)
                _context.Queue.Fail(new KafkaException($"Topic '{topic}' cannot be read: its name is not a legal one.")
                { Code = error });
            else if (error == ErrorCode.UnknownTopicOrPartition)
                _missingTopics.Add(topic);
        }
        Wake();
    }

    void ReportTopics(Effects effects)
    {
        foreach (var topic in _missingTopics)
            effects.Log(logger => ClientLog.TopicMissing(logger, topic));
        _missingTopics.Clear();
    }

    IEnumerable<Machine> All()
    {
        yield return this;
        yield return _fetches;
        yield return _offsets;
        yield return _queries;
        yield return _topics;
        yield return _commits;
        yield return _handovers;
        if (_member is not null)
        {
            yield return _member;
            if (_member.Member is { } member)
                yield return member;
        }
    }

    /// <summary>A seek that waits until its position is known.</summary>
    readonly record struct PositionWait(AssignedPartition Partition, int Seeks, Call<bool> Call);
}
