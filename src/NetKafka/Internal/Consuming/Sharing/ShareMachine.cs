using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;

namespace NetKafka.Internal.Consuming.Sharing;

/// <summary>
/// One share consumer, put together: it joins what member, sessions and the application tell each other, and answers the application's calls.
/// Nothing happens before the application first reads.
/// </summary>
sealed partial class ShareMachine : Machine, IShareMemberOwner, IShareFetchOwner, IClosingOwner, IClusterListener
{
    readonly ShareContext _context;
    readonly MachineQueue _machines;
    readonly ShareMemberMachine _member;
    readonly ShareFetchMachine _fetches;
    readonly ShareGroupInquiry _inquiry;
    readonly ReadingProspect _prospect;
    readonly Func<IReadOnlyList<ShareAcknowledgement>, Dispatch>? _makeHandlerRun;
    readonly List<ShareCommit> _commits = [];
    readonly List<ShareAcknowledgement> _told = [];
    readonly List<(TopicPartition Partition, long Offset)> _late = [];
    readonly Dictionary<string, ErrorCode> _topicErrors = [];
    readonly List<string> _missingTopics = [];
    IReadOnlyList<string> _topics;
    Call<bool>? _reader;
    bool _wasAssigned;
    int _wanted;
    long _lockTime;
    KafkaException? _fatal;
    Exception? _fault;

    /// <param name="context">What the machines share.</param>
    /// <param name="machines">The machines of the client.</param>
    /// <param name="makeHandlerRun">Makes a run of the application's handler of acknowledgements; null where it has none.</param>
    public ShareMachine(ShareContext context, MachineQueue machines, Func<IReadOnlyList<ShareAcknowledgement>, Dispatch>? makeHandlerRun)
    {
        (_context, _machines, _makeHandlerRun, _topics) = (context, machines, makeHandlerRun, [.. context.Options.Topics]);
        context.OnDefect = TakeFault;
        _member = new ShareMemberMachine(context, this);
        _fetches = new ShareFetchMachine(context, _member, this);
        _inquiry = new ShareGroupInquiry(context);
        _prospect = new ReadingProspect(context);
    }

    /// <summary>What the group is set to, as far as a broker has told. May be read from any thread.</summary>
    public ShareGroupSettings? GroupSettings => _inquiry.Settings;

    /// <summary>For how long records are locked, as the last fetch said. May be read from any thread.</summary>
    public TimeSpan? LockTime => Volatile.Read(ref _lockTime) is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    public string MemberId => _member.MemberId;

    public ShareMemberMachine Member => _member;

    /// <summary>The calls of the application that have no answer yet.</summary>
    public PendingCalls Calls { get; } = new();

    /// <summary>Whether locks are renewed by themselves.</summary>
    public bool RenewsLocks
    {
        set
        {
            _fetches.RenewsLocks = value;
            _fetches.Wake();
        }
    }

    public bool IsWaiting => _reader is { IsAnswered: false };

    /// <summary>Joins the machines of the client. Called once, inside the turn.</summary>
    public void Start()
    {
        _context.Cluster.Subscribe(this);
        foreach (var topic in _topics)
            _context.Cluster.Watch(topic);
        foreach (var machine in All())
            _machines.Add(machine);
    }

    public void OnClusterChanged(ClusterView view)
    {
        CheckTopics(view);
        _member.OnClusterChanged();
        _fetches.Wake();
    }

    /// <summary>The application has said something of records.</summary>
    public void OnApplication()
    {
        _fetches.Wake();
        Wake();
    }

    /// <summary>The application waits for records. The call is answered once there are some, or something to throw.</summary>
    /// <param name="call">The call.</param>
    /// <param name="records">How many it can take at once.</param>
    public void WaitForRecords(Call<bool> call, int records)
    {
        (_reader, _wanted) = (call, records);
        BeginFetching();
        Wake();
    }

    /// <summary>Works through these topics from now on.</summary>
    public void Subscribe(IReadOnlyList<string> topics)
    {
        Watch(topics);
        _member.Subscribe(topics);
        BeginFetching();
        Wake();
    }

    /// <summary>Sends what was acknowledged, and answers with what brokers say of it.</summary>
    public void Commit(Call<IReadOnlyList<ShareAcknowledgement>> call)
    {
        var commit = new ShareCommit(call, [.. _fetches.Open.Where(batch => _context.Queue.With(batch, static batch => batch.HasPending))]);
        _commits.Add(commit);
        TellLate();
        OnApplication();
    }

    public void OnShareAssigned()
    {
        if (_member.IsAssigned && !_wasAssigned)
            _inquiry.Ask();
        _wasAssigned = _member.IsAssigned;
        _fetches.OnAssigned();
        Wake();
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

    public void OnArrival()
    {
        Volatile.Write(ref _lockTime, _fetches.LockTime?.Ticks ?? 0);
        Wake();
    }

    public void OnAcknowledged(AcquiredBatch batch, IReadOnlyList<long> offsets, KafkaException? error, bool isRenewal)
    {
        if (offsets.Count > 0)
        {
            var result = new ShareAcknowledgement(batch.Partition, offsets, error) { IsRenewal = isRenewal };
            _told.Add(result);
            foreach (var commit in _commits)
            {
                if (commit.Awaited.Contains(batch))
                    commit.Add(result);
            }
        }
        Wake();
    }

    /// <summary>A defect ends this consumer and nothing else: every call and every read throws it.</summary>
    public override bool TakeFault(Exception error)
    {
        EndWith(new KafkaException("The share consumer ended on a defect of its own; dispose it and create another, and report this.", error)
        { IsFatal = true });
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
        TellLate();
        // Whoever goes on behind a commit may look at what the handler was told.
        TellApplication(effects);
        var next = AnswerCommits(now, effects);
        AnswerUnsubscribed(effects);
        if (_close is { } close)
        {
            EndReader(effects);
            return Instant.Earlier(next, close.Poll(now, effects));
        }
        foreach (var topic in _missingTopics)
            effects.Log(logger => ClientLog.TopicMissing(logger, topic));
        _missingTopics.Clear();
        return Instant.Earlier(next, AnswerReader(now, effects));
    }

    void BeginFetching()
    {
        if (_reader is null || _fatal is not null || _close is not null || _topics.Count == 0)
            return;
        _member.Join("the application reads");
        if (!_context.Queue.HasSomething)
            _fetches.Want(_wanted);
    }

    void Watch(IReadOnlyList<string> topics)
    {
        foreach (var topic in topics)
            _context.Cluster.Watch(topic);
        foreach (var topic in _topics)
            _context.Cluster.Unwatch(topic);
        _topics = topics;
    }

    Instant AnswerReader(Instant now, Effects effects)
    {
        var next = Instant.Never;
        if (_reader is { IsAnswered: true })
            StopWaiting();
        if (_reader is null)
        {
            _prospect.Reset();
            return next;
        }
        if (_topics.Count > 0 && !_context.Queue.HasSomething && _prospect.Look(_topics, [], now, out next) is { } hopeless)
            _context.Queue.Fail(hopeless);
        if (!_context.Queue.HasSomething)
            return next;
        _reader.Succeed(true, effects);
        StopWaiting();
        return Instant.Never;
    }

    void StopWaiting()
    {
        _reader = null;
        _prospect.Reset();
        _fetches.Want(0);
    }

    Instant AnswerCommits(Instant now, Effects effects)
    {
        var next = Instant.Never;
        for (var i = _commits.Count - 1; i >= 0; i--)
        {
            var commit = _commits[i];
            commit.Awaited.RemoveAll(batch => !_context.Queue.With(batch, static batch => batch.HasPending));
            if (commit.Awaited.Count == 0)
                commit.Call.Succeed(commit.Results, effects);
            else if (commit.Call.Deadline <= now)
                commit.Call.Fail(new KafkaTimeoutException(
                    $"Acknowledgements of share group '{_context.Group}' had no answer within DefaultApiTimeout; they are sent on, and OnAcknowledged is told.",
                    "answer of the broker")
                { IsRetriable = true }, effects);
            if (commit.Call.IsAnswered)
                _commits.RemoveAt(i);
            else
                next = Instant.Earlier(next, commit.Call.Deadline);
        }
        _fetches.IsCommitting = _commits.Count > 0;
        if (_commits.Count > 0)
            _fetches.Wake();
        return next;
    }

    /// <summary>Acknowledgements of records that were lost before are refused here.</summary>
    void TellLate()
    {
        _late.Clear();
        _context.Queue.BeginLook(_late);
        foreach (var partition in _late.GroupBy(static late => late.Partition, static late => late.Offset))
        {
            var result = new ShareAcknowledgement(partition.Key, [.. partition.Order()], ShareFetchMachine.LostError(partition.Key));
            _told.Add(result);
            foreach (var commit in _commits)
                commit.Add(result);
        }
    }

    void TellApplication(Effects effects)
    {
        if (_told.Count == 0)
            return;
        if (_makeHandlerRun is not null)
            effects.Dispatch(_makeHandlerRun([.. _told]));
        else
        {
            foreach (var result in _told)
            {
                if (result.Error is { } error)
                    effects.Log(logger => ClientLog.NotAcknowledged(logger, _context.Group, result.Offsets.Count, $"{result.TopicPartition}", error.Message));
            }
        }
        _told.Clear();
    }

    /// <summary>Tells the application of topics that it may not read, and the log of topics that do not exist; each once.</summary>
    void CheckTopics(ClusterView view)
    {
        foreach (var topic in _topics)
        {
            var error = view.Topics.TryGetValue(topic, out var known) ? known.Error : ErrorCode.None;
            if (_topicErrors.GetValueOrDefault(topic) == error)
                continue;
            _topicErrors[topic] = error;
            if (error.IsAuthorization())
                _context.Queue.Fail(new KafkaAuthorizationException(
                    $"Topic '{topic}' cannot be read: {error.KafkaName()}. The principal lacks Describe or Read on it.") { Code = error });
            else if (error == ErrorCode.InvalidTopicException)
                _context.Queue.Fail(new KafkaException($"Topic '{topic}' cannot be read: its name is not a legal one.") { Code = error });
            else if (error == ErrorCode.UnknownTopicOrPartition)
                _missingTopics.Add(topic);
        }
        Wake();
    }

    IEnumerable<Machine> All()
    {
        yield return this;
        yield return _fetches;
        yield return _inquiry;
        yield return _member;
    }
}
