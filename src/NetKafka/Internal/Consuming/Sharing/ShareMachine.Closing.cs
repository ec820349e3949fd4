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
    public bool IsClosed => _close is { Step: CloseStep.Closed };

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
            _close.Calls.Add(call);
            Wake();
            return;
        }
        _close = new Closing(call.Deadline);
        _close.Calls.Add(call);
        _context.Queue.FailForGood(new ObjectDisposedException("ShareConsumer", "The consumer was disposed."));
        _context.Queue.Clear();
        _fetches.Want(0);
        _fetches.CloseSessions();
        Wake();
    }

    public void OnSessionsClosed()
    {
        _context.Queue.Clear();
        if (_close is { Step: CloseStep.EndingSessions } close)
            close.Step = CloseStep.Leaving;
        else if (_close is null)
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

    Instant PollClose(Closing close, Instant now, Effects effects)
    {
        var error = new ObjectDisposedException("ShareConsumer", "The consumer was disposed.");
        _reader?.Fail(error, effects);
        _reader = null;
        if (close.Step != CloseStep.Closed && close.Deadline <= now)
            close.Step = CloseStep.Ended;
        if (close.Step == CloseStep.Leaving)
        {
            close.Step = CloseStep.AwaitingLeave;
            _member.Leave(close.Deadline, () =>
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

    /// <summary>A defect has ended the consumer: nothing is waited for, since nothing can be trusted.</summary>
    void EndOnFault(Exception fault, Effects effects)
    {
        Calls.FailAll(fault, effects);
        foreach (var call in _close?.Calls ?? [])
            call.Succeed(true, effects);
        _close?.Calls.Clear();
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

    enum CloseStep
    {
        /// <summary>What was acknowledged is being sent, and the sessions are being closed.</summary>
        EndingSessions,

        /// <summary>They are; the group is to be left.</summary>
        Leaving,

        /// <summary>The coordinator was told.</summary>
        AwaitingLeave,

        /// <summary>Nothing more is waited for.</summary>
        Ended,

        /// <summary>Everything was given back.</summary>
        Closed,
    }

    sealed class Closing(Instant deadline)
    {
        public Instant Deadline { get; } = deadline;

        public CloseStep Step { get; set; }

        public List<Call<bool>> Calls { get; } = [];
    }
}
