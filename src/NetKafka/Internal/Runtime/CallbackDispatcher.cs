using Microsoft.Extensions.Logging;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Runs user code in order, one runner at a time, on a thread of its own: it sleeps until it is called, while threads of the
/// pool would each spin before they sleep, which costs more than most batches of callbacks. A callback may block, even on
/// something that only the callbacks behind it can bring about: while one makes no progress a spare runner of the pool takes
/// over the rest. What is not brief, such as a loop over records that goes on, keeps its thread, and another one is the
/// runner from then on.
/// </summary>
sealed class CallbackDispatcher : IDispatcher, IThreadPoolWorkItem, IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    readonly object _gate = new();
    readonly Queue<Dispatch> _items = new();
    readonly List<Dispatch> _begun = [];
    readonly ITimer _watch;
    readonly ILogger _logger;
    Thread? _thread;
    IThreadLender? _lender;
    IThreadLender? _watchedEarly;
    int _lentLooks;
    bool _isThreadCalled;
    bool _isThreadBusy;
    bool _isDisposed;
    int _runner;
    bool _isScheduled;
    bool _isWatching;
    bool _isSpareQueued;
    long _moves;
    long _movesAtLastLook;

    public CallbackDispatcher(TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _watch = DetachedTimer.Create(time, static self => ((CallbackDispatcher)self!).Look(), this);
    }

    public bool IsHome => SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default;

    public void Queue(Dispatch item)
    {
        lock (_gate)
        {
            _items.Enqueue(item);
            if (_isScheduled)
            {
                // The runner may be stuck, and then what was queued waits for it.
                WatchNeedsLock();
                return;
            }
            _isScheduled = true;
            CallRunnerNeedsLock();
        }
    }

    public void QueueInTurn(Dispatch item)
    {
        lock (_gate)
            _items.Enqueue(item);
    }

    public void Start(IThreadLender? lender, bool isAwaited = true)
    {
        lock (_gate)
        {
            if (_items.Count == 0)
                return;
            if (_isScheduled)
            {
                WatchNeedsLock();
                return;
            }
            _isScheduled = true;
            if (lender is null || !_items.Peek().IsBrief)
            {
                CallRunnerNeedsLock();
                return;
            }
            (_lender, _lentLooks) = (lender, 0);
            // Its owner waits for the thread, however little there is to run; but not where nothing is expected: an idle
            // client would arm a timer for each of its rare messages.
            if (isAwaited || _watchedEarly == lender)
                WatchNeedsLock();
            _watchedEarly = null;
        }
        RunItems(lender);
    }

    public void Watch(IThreadLender lender)
    {
        lock (_gate)
        {
            // Between a turn and the lending of its thread another turn may send.
            if (_lender != lender)
                _watchedEarly = lender;
            WatchNeedsLock();
        }
    }

    public void RunLater(Action work) => ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);

    /// <summary>Ends the thread once it has run what was queued. What comes later runs on the pool.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.Pulse(_gate);
        }
        _watch.Dispose();
    }

    void IThreadPoolWorkItem.Execute() => RunItems();

    /// <summary>Calls the dispatcher's own thread, or one of the pool where that is still busy.</summary>
    void CallRunnerNeedsLock()
    {
        if (_isThreadBusy || _isDisposed)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }
        _isThreadCalled = true;
        if (_thread is not null)
        {
            Monitor.Pulse(_gate);
            return;
        }
        _thread = new Thread(RunThread) { IsBackground = true, Name = "NetKafka callbacks" };
        _thread.UnsafeStart();
    }

    void RunThread()
    {
        Monitor.Enter(_gate);
        while (true)
        {
            while (!_isThreadCalled && !_isDisposed)
                Monitor.Wait(_gate);
            if (!_isThreadCalled)
                break;
            (_isThreadCalled, _isThreadBusy) = (false, true);
            Monitor.Exit(_gate);
            RunItems();
            Monitor.Enter(_gate);
            _isThreadBusy = false;
        }
        Monitor.Exit(_gate);
    }

    /// <summary>A runner: works until nothing is left, or until another has taken over.</summary>
    /// <param name="lender">Who lent the thread, to which only what is brief may be given.</param>
    void RunItems(IThreadLender? lender = null)
    {
        var clean = ExecutionContext.Capture()!;
        int me;
        Dispatch[] stuck;
        lock (_gate)
        {
            me = ++_runner;
            _isSpareQueued = false;
            stuck = [.. _begun];
        }
        foreach (var item in stuck)
        {
            RunGuarded(item, clean);
            // All of it has begun now: nothing waits behind what still blocks, and what comes need not be watched for its sake.
            End(item);
        }
        while (TryBegin(ref me, lender, out var item))
        {
            RunGuarded(item, clean);
            if (item.IsBrief)
                End(item);
        }
    }

    /// <summary>What has ended is watched no longer, and counts as getting on.</summary>
    void End(Dispatch item)
    {
        lock (_gate)
        {
            _begun.Remove(item);
            _moves++;
        }
    }

    /// <summary>Takes the next item, if the caller is the runner or there is none.</summary>
    bool TryBegin(ref int me, IThreadLender? lender, out Dispatch item)
    {
        lock (_gate)
        {
            item = null!;
            if (me != _runner && !TryTakeOverNeedsLock(ref me))
                return false;
            if (lender is not null && _items.TryPeek(out var next) && !next.IsBrief)
            {
                _lender = null;
                CallRunnerNeedsLock();
                return false;
            }
            if (!_items.TryDequeue(out item!))
            {
                _lender = null;
                _isScheduled = false;
                return false;
            }
            _moves++;
            if (!item.IsBrief)
            {
                LeaveRestNeedsLock();
                return true;
            }
            _begun.Add(item);
            // A lone callback with nothing behind it holds up nobody: no timer for it.
            if (_items.Count > 0 || _begun.Count > 1 || item.HasMany)
                WatchNeedsLock();
            return true;
        }
    }

    /// <summary>What is not brief is run by a thread that is the runner no more, so that nothing waits for its end.</summary>
    void LeaveRestNeedsLock()
    {
        _runner++;
        _isScheduled = _items.Count > 0;
        if (_isScheduled)
            CallRunnerNeedsLock();
    }

    /// <summary>Back from what was not brief, a thread goes on with what has come meanwhile, unless another does.</summary>
    bool TryTakeOverNeedsLock(ref int me)
    {
        if (_isScheduled || _items.Count == 0)
            return false;
        _isScheduled = true;
        me = ++_runner;
        return true;
    }

    void RunGuarded(Dispatch item, ExecutionContext clean)
    {
        try
        {
            item.Run();
        }
        catch (Exception error)
        {
            // Items report what user code throws by themselves; what comes here has no other way to be seen.
            ClientLog.CallbackFailed(_logger, error);
        }
        // What the user's code left behind on the thread must not reach the next one's.
        SynchronizationContext.SetSynchronizationContext(null);
        ExecutionContext.Restore(clean);
    }

    void WatchNeedsLock()
    {
        if (_isWatching)
            return;
        _isWatching = true;
        _watch.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    void Look()
    {
        IThreadLender? kept;
        lock (_gate)
        {
            _isWatching = false;
            if (!_isScheduled)
                return;
            WatchNeedsLock();
            kept = TakeKeptThreadNeedsLock();
            if (IsStuckNeedsLock())
            {
                _isSpareQueued = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
        kept?.GoOnElsewhere();
    }

    /// <summary>A lent thread that is still kept at the second look is not waited for any longer.</summary>
    IThreadLender? TakeKeptThreadNeedsLock()
    {
        if (_lender is null || ++_lentLooks < 2)
            return null;
        var kept = _lender;
        _lender = null;
        return kept;
    }

    /// <summary>Nothing has begun, ended or got on since the last look: what was begun blocks.</summary>
    bool IsStuckNeedsLock()
    {
        var moves = _moves;
        foreach (var item in _begun)
            moves += item.Progress;
        var isStuck = moves == _movesAtLastLook && _begun.Count > 0 && !_isSpareQueued;
        _movesAtLastLook = moves;
        return isStuck;
    }
}
