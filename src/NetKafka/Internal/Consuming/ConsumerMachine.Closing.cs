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
    GroupMembershipOperation _closeOperation;
    bool _isEnded;

    /// <summary>Whether the consumer has ended.</summary>
    public bool IsClosed => _close is { IsClosed: true };

    /// <summary>Ends the consumer; the call is answered when it has ended, by its deadline at the latest.</summary>
    public void Close(Call<bool> call, Instant now, GroupMembershipOperation operation = GroupMembershipOperation.Default)
    {
        if (_close is not null)
        {
            _close.Add(call);
            Wake();
            return;
        }
        (_close, _closeOperation) = (new Closing(call.Deadline, this), operation);
        _close.Add(call);
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
            _close.OnReleased();
            Wake();
        }));
        Wake();
    }

    void IClosingOwner.LeaveGroup(Instant deadline, Action onLeft) => LeaveGroup(deadline, _closeOperation, onLeft);

    void IClosingOwner.End(Effects effects) => End(effects);

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
        _close?.Answer(effects);
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
}
