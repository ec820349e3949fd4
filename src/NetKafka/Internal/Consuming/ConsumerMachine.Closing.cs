using NetKafka.Consuming;
using NetKafka.Diagnostics;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming;

/// <summary>
/// The end of a consumer: fetching stops, what is finished is committed, the group is left, connections are closed. Every
/// step ends with the deadline of the whole.
/// </summary>
sealed partial class ConsumerMachine
{
    Closing? _close;
    bool _isEnded;

    /// <summary>Whether the consumer has ended.</summary>
    public bool IsClosed => _close is { Step: CloseStep.Closed };

    /// <summary>Ends the consumer; the call is answered when it has ended, by its deadline at the latest.</summary>
    public void Close(Call<bool> call, Instant now, GroupMembershipOperation operation = GroupMembershipOperation.Default)
    {
        if (_close is not null)
        {
            _close.Calls.Add(call);
            Wake();
            return;
        }
        _close = new Closing(call.Deadline, operation);
        _close.Calls.Add(call);
        if (_fault is not null)
        {
            Wake();
            return;
        }
        _context.Queue.FailForGood(new ObjectDisposedException("Consumer", "The consumer was disposed."));
        _fetches.Close();
        _handovers.Hurry(call.Deadline);
        var patience = call.Deadline > now ? call.Deadline - now : TimeSpan.Zero;
        List<TopicPartition> all = [.. _context.Assignment.Snapshot.Select(partition => partition.Partition)];
        _handovers.Begin(new Handover(HandoverKind.Revoked, all, patience, callsHandlers: _member is not null, _ =>
        {
            _close.Step = CloseStep.Leaving;
            Wake();
        }));
        Wake();
    }

    Instant PollClose(Closing close, Instant now, Effects effects)
    {
        EndCalls(effects);
        if (close.Step != CloseStep.Closed && close.Deadline <= now)
            close.Step = CloseStep.Ended;
        if (close.Step == CloseStep.Leaving)
        {
            close.Step = CloseStep.AwaitingLeave;
            LeaveGroup(close.Deadline, close.Operation, () =>
            {
                close.Step = CloseStep.Ended;
                Wake();
            });
        }
        if (close.Step == CloseStep.Ended)
        {
            End(effects);
            close.Step = CloseStep.Closed;
        }
        if (close.Step != CloseStep.Closed)
            return close.Deadline;
        foreach (var call in close.Calls)
            call.Succeed(true, effects);
        close.Calls.Clear();
        return Instant.Never;
    }

    /// <summary>Whoever still waits for something other than the end is told of it.</summary>
    void EndCalls(Effects effects)
    {
        var error = new ObjectDisposedException("Consumer", "The consumer was disposed.");
        _reader?.Fail(error, effects);
        _reader = null;
        foreach (var wait in _positionWaits)
            wait.Call.Fail(error, effects);
        _positionWaits.Clear();
        foreach (var call in _assignmentWaits)
            call.Fail(error, effects);
        _assignmentWaits.Clear();
        foreach (var call in _unsubscribeWaits)
            call.Fail(error, effects);
        _unsubscribeWaits.Clear();
    }

    /// <summary>A defect has ended the consumer: nothing is waited for, since nothing can be trusted.</summary>
    void EndOnFault(Exception fault, Effects effects)
    {
        Calls.FailAll(fault, effects);
        foreach (var call in _close?.Calls ?? [])
            call.Succeed(true, effects);
        _close?.Calls.Clear();
        if (_isEnded)
            return;
        _isEnded = true;
        effects.Log(logger => ClientLog.ConsumerFaulted(logger, fault));
        _fetches.Close();
        End(effects);
    }

    void End(Effects effects)
    {
        _commits.Abort(effects);
        _queries.Abort(effects);
        _topics.Abort();
        Calls.FailAll(new ObjectDisposedException("Consumer", "The consumer was disposed."), effects);
        foreach (var partition in _context.Assignment.Snapshot)
        {
            _context.Queue.Drop(partition);
            _context.Queue.Abandon(partition);
            _context.Assignment.Remove(partition.Partition);
            _context.Cluster.Unwatch(partition.Partition.Topic);
        }
        _context.Queue.Clear();
        _context.Subscription.Set(new TopicSubscription());
        _context.Cluster.Unsubscribe(this);
        _context.Cluster.CloseLane(_context.GroupLane);
        foreach (var machine in All())
        {
            // This one stays until it has answered; it has no deadline any more.
            if (machine != this)
                _machines.Remove(machine);
        }
    }

    enum CloseStep
    {
        /// <summary>Partitions are being given up.</summary>
        Releasing,

        /// <summary>They are; the group is to be left.</summary>
        Leaving,

        /// <summary>The coordinator was told.</summary>
        AwaitingLeave,

        /// <summary>Nothing more is waited for.</summary>
        Ended,

        /// <summary>Everything was given back.</summary>
        Closed,
    }

    sealed class Closing(Instant deadline, GroupMembershipOperation operation)
    {
        public Instant Deadline { get; } = deadline;

        public GroupMembershipOperation Operation { get; } = operation;

        public CloseStep Step { get; set; }

        public List<Call<bool>> Calls { get; } = [];
    }
}
