using NetKafka.Diagnostics;
using NetKafka.Internal.Consuming.Offsets;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Handovers;

/// <summary>
/// Takes partitions over and gives them up, one handover after another. Giving up: nothing more is handed out, the
/// application finishes what it has in hand, its handler runs, what is finished is committed, and only then is the partition
/// gone. Each of these waits ends with the handover's deadline.
/// </summary>
sealed class HandoverMachine(ConsumerContext context, OffsetMachine offsets, CommitMachine commits, IRebalanceHandlers handlers) : Machine
{
    readonly Queue<Handover> _waiting = new();
    Handover? _current;
    bool _isCommitBegun;
    int _token;

    public bool IsIdle => _current is null && _waiting.Count == 0;

    /// <summary>Adds a handover behind those that wait. What is lost is gone at once.</summary>
    public void Begin(Handover handover)
    {
        if (handover.Kind == HandoverKind.Lost)
        {
            List<TopicPartition> lost = [.. handover.Partitions];
            handover.Partitions.RemoveAll(name => !context.Assignment.TryGet(name, out var partition) || partition.IsGivenUp);
            Remove(lost);
        }
        _waiting.Enqueue(handover);
        Wake();
    }

    /// <summary>Nothing of this may take longer than until a deadline: the consumer closes.</summary>
    public void Hurry(Instant deadline)
    {
        if (_current is not null)
            _current.Deadline = Instant.Earlier(_current.Deadline, deadline);
        foreach (var handover in _waiting)
            handover.Latest = deadline;
        Wake();
    }

    /// <summary>The reader has let go of something.</summary>
    public void OnReader() => Wake();

    /// <summary>The application's handler has ended.</summary>
    /// <param name="token">Which run.</param>
    /// <param name="error">What it threw; null if nothing.</param>
    public void OnHandlerEnded(int token, Exception? error)
    {
        if (error is not null)
            context.Queue.Fail(new KafkaException($"A rebalance handler threw: {error.Message} The rebalance went on without "
                + "it.", error));
        if (_current is { Step: HandoverStep.Handling } current && token == _token)
            AfterHandler(current);
        Wake();
    }

    public override bool TakeFault(Exception error) => context.OnDefect(error);

    public override Instant Poll(Instant now, Effects effects)
    {
        while (true)
        {
            if (_current is null)
            {
                if (!_waiting.TryDequeue(out _current))
                    return Instant.Never;
                _current.Deadline = Instant.Earlier(now + _current.Patience, _current.Latest);
                Start(_current);
            }
            var current = _current;
            var isLate = current.Deadline <= now;
            switch (current.Step)
            {
                case HandoverStep.Finishing when isLate || !IsAnyHeld(current):
                    if (isLate)
                        Report(effects, current, "the application did not finish the record or batch in hand in time; it may "
                            + "be read again by another member");
                    Handle(current, effects);
                    continue;
                case HandoverStep.Handling when isLate:
                    handlers.Cancel(_token);
                    Report(effects, current, "a rebalance handler did not end in time; the rebalance goes on without it");
                    AfterHandler(current);
                    continue;
                case HandoverStep.Committing when !_isCommitBegun:
                    Commit(current, now);
                    continue;
                case HandoverStep.Done:
                    _current = null;
                    Complete(current);
                    current.OnDone(effects);
                    continue;
                default:
                    return isLate ? Instant.Never : current.Deadline;
            }
        }
    }

    void Start(Handover handover)
    {
        _isCommitBegun = false;
        handover.Step = HandoverStep.Finishing;
        if (handover.Kind == HandoverKind.Assigned)
        {
            foreach (var partition in handover.Partitions)
                Add(partition, handover);
            return;
        }
        foreach (var partition in Assigned(handover))
        {
            partition.IsRevoking = true;
            context.Queue.Drop(partition);
        }
    }

    void Handle(Handover handover, Effects effects)
    {
        handover.Step = HandoverStep.Handling;
        _token++;
        var told = handover.Kind == HandoverKind.Revoked ? GiveUp(handover) : handover.Partitions;
        var run = handover.CallsHandlers && told.Count > 0 ? handlers.MakeRun(handover.Kind, told, _token) : null;
        if (run is null)
            AfterHandler(handover);
        else
            effects.Dispatch(run);
    }

    /// <summary>
    /// What is still here, of which the application is told now: a rebalance and the end of the consumer may meet, and both give up the
    /// same.
    /// </summary>
    List<TopicPartition> GiveUp(Handover handover)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.HandlersAreToldTwice))
            return handover.Partitions;
#endif
        var told = new List<TopicPartition>();
        foreach (var partition in Assigned(handover))
        {
            partition.IsGivenUp = true;
            told.Add(partition.Partition);
        }
        return told;
    }

    void AfterHandler(Handover handover)
    {
        handover.Step = HandoverStep.Done;
        if (handover.Kind != HandoverKind.Revoked)
            return;
        foreach (var partition in Assigned(handover))
            partition.IsHandedOver = true;
        if (context.Options is { EnableAutoCommit: true, GroupId: not null })
            handover.Step = HandoverStep.Committing;
    }

    void Commit(Handover handover, Instant now)
    {
        _isCommitBegun = true;
        var entries = commits.Finished(Assigned(handover));
        if (entries.Count == 0)
        {
            handover.Step = HandoverStep.Done;
            return;
        }
        // A handler that ran into the deadline leaves some time for what is finished all the same.
        var deadline = Instant.Later(handover.Deadline, now + context.RetryBackoff.Max);
        commits.Add(new CommitJob(entries, deadline, IsOwn: true, IsLast: true, (error, effects) =>
        {
            if (error is not null)
                effects.Log(logger => ClientLog.CommitFailed(logger, context.Options.GroupId!, "before giving up "
                    + $"partitions: {error.Message}"));
            handover.Step = HandoverStep.Done;
            Wake();
        }));
    }

    void Complete(Handover handover)
    {
        if (handover.Kind != HandoverKind.Assigned)
        {
            Remove(handover.Partitions);
            return;
        }
        foreach (var partition in Assigned(handover))
        {
            partition.IsTaking = false;
            if (partition.Stage == PositionStage.Assigned)
                offsets.Begin(partition);
        }
    }

    void Add(TopicPartition name, Handover handover)
    {
        if (context.Assignment.TryGet(name, out _))
            return;
        var partition = new AssignedPartition(name) { IsTaking = true };
        context.Assignment.Add(partition);
        context.Cluster.Watch(name.Topic);
        foreach (var start in handover.Starts)
        {
            if (start.Partition == name)
                Positions.Begin(context, partition, start);
        }
    }

    void Remove(List<TopicPartition> partitions)
    {
        foreach (var name in partitions)
        {
            if (!context.Assignment.TryGet(name, out var partition))
                continue;
            partition.IsRevoking = true;
            context.Queue.Drop(partition);
            context.Queue.Abandon(partition);
            context.Assignment.Remove(name);
            context.Cluster.Unwatch(name.Topic);
        }
        commits.OnUnassigned();
    }

    bool IsAnyHeld(Handover handover)
    {
        if (handover.Kind != HandoverKind.Revoked)
            return false;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.RecordInHandIsNotWaitedFor))
            return false;
#endif
        foreach (var partition in Assigned(handover))
        {
            if (context.Queue.IsHeld(partition))
                return true;
        }
        return false;
    }

    List<AssignedPartition> Assigned(Handover handover)
    {
        var assigned = new List<AssignedPartition>();
        foreach (var name in handover.Partitions)
        {
            if (context.Assignment.TryGet(name, out var partition))
                assigned.Add(partition);
        }
        return assigned;
    }

    void Report(Effects effects, Handover handover, string problem) =>
        effects.Log(logger => ClientLog.GroupProblem(logger, context.Options.GroupId ?? "(none)", $"{handover.Kind}: {problem}"));
}
