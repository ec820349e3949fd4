using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Sharing;

/// <content>
/// The end of a share consumer, and of its work: what was acknowledged is sent, the sessions are closed, by which brokers release the rest, and the
/// group is left.
/// </content>
sealed partial class ShareMachine
{
    readonly List<Call<bool>> _unsubscribers = [];
    readonly List<Call<bool>> _unsubscribed = [];
    Closing? _close;
    bool _isEnded;

    /// <summary>Whether the consumer has ended.</summary>
    public bool IsClosed => _close is { IsClosed: true };

    /// <summary>Stops working: as closing, but the consumer may subscribe again.</summary>
    public void Unsubscribe(Call<bool> call)
    {
        _unsubscribers.Add(call);
        Watch([]);
        _fetches.Want(0);
        _context.Queue.Clear();
        _fetches.CloseSessions();
    }

    /// <summary>Ends the consumer; the call is answered when it has ended, by its deadline at the latest.</summary>
    public void Close(Call<bool> call)
    {
        if (_close is not null)
        {
            _close.Add(call);
            Wake();
            return;
        }
        _close = new Closing(call.Deadline, this);
        _close.Add(call);
        _context.Queue.FailForGood(new ObjectDisposedException("ShareConsumer", "The consumer was disposed."));
        _context.Queue.Clear();
        _fetches.Want(0);
        _fetches.CloseSessions();
        Wake();
    }

    public void OnSessionsClosed()
    {
        _context.Queue.Clear();
        if (_close is { } close)
            close.OnReleased();
        else
            _member.Suspend();
        Wake();
        _unsubscribed.AddRange(_unsubscribers);
        _unsubscribers.Clear();
    }

    void AnswerUnsubscribed(Effects effects)
    {
        foreach (var call in _unsubscribed)
            call.Succeed(true, effects);
        _unsubscribed.Clear();
    }

    void IClosingOwner.LeaveGroup(Instant deadline, Action onLeft) => _member.Leave(deadline, onLeft);

    void IClosingOwner.End(Effects effects) => End(effects);

    void EndReader(Effects effects)
    {
        _reader?.Fail(new ObjectDisposedException("ShareConsumer", "The consumer was disposed."), effects);
        _reader = null;
    }

    /// <summary>A defect has ended the consumer: nothing is waited for, since nothing can be trusted.</summary>
    void EndOnFault(Exception fault, Effects effects)
    {
        Calls.FailAll(fault, effects);
        _close?.Answer(effects);
        if (_isEnded)
            return;
        effects.Log(logger => ClientLog.ConsumerFaulted(logger, fault));
        End(effects);
    }

    void End(Effects effects)
    {
        if (_isEnded)
            return;
        _isEnded = true;
        _fetches.Abandon();
        TellApplication(effects);
        foreach (var commit in _commits)
            commit.Call.Succeed(commit.Results, effects);
        _commits.Clear();
        Calls.FailAll(new ObjectDisposedException("ShareConsumer", "The consumer was disposed."), effects);
        _context.Queue.Clear();
        foreach (var topic in _topics)
            _context.Cluster.Unwatch(topic);
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
