using Microsoft.Extensions.Logging;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Runs user code on the thread pool, in order, one runner at a time. A callback may block, even on something that only the
/// callbacks behind it can bring about: while one makes no progress a spare runner takes over the rest.
/// </summary>
sealed class PoolDispatcher : IDispatcher, IThreadPoolWorkItem, IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    readonly Lock _gate = new();
    readonly Queue<Dispatch> _items = new();
    readonly List<Dispatch> _begun = [];
    readonly ITimer _watch;
    readonly ILogger _logger;
    int _runner;
    bool _isScheduled;
    bool _isWatching;
    bool _isSpareQueued;
    long _moves;
    long _movesAtLastLook;

    public PoolDispatcher(TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _watch = DetachedTimer.Create(time, static self => ((PoolDispatcher)self!).Look(), this);
    }

    public bool IsHome => SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default;

    public void Queue(Dispatch item)
    {
        lock (_gate)
        {
            _items.Enqueue(item);
            if (!TryScheduleNeedsLock())
                return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void QueueInTurn(Dispatch item)
    {
        lock (_gate)
            _items.Enqueue(item);
    }

    public void Start(bool isThreadLent)
    {
        lock (_gate)
        {
            if (_items.Count == 0 || !TryScheduleNeedsLock())
                return;
        }
        if (isThreadLent)
            RunItems();
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void RunLater(Action work) => ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);

    public void Dispose() => _watch.Dispose();

    void IThreadPoolWorkItem.Execute() => RunItems();

    /// <summary>Whether a runner is to be started; if there is one, it may be stuck, and then what was queued waits for it.</summary>
    bool TryScheduleNeedsLock()
    {
        if (_isScheduled)
        {
            WatchNeedsLock();
            return false;
        }
        return _isScheduled = true;
    }

    /// <summary>A runner: works until nothing is left, or until another has taken over.</summary>
    void RunItems()
    {
        int me;
        Dispatch[] stuck;
        lock (_gate)
        {
            me = ++_runner;
            _isSpareQueued = false;
            stuck = [.. _begun];
        }
        foreach (var item in stuck)
            RunGuarded(item);
        while (TryBegin(me, out var item))
        {
            RunGuarded(item);
            lock (_gate)
            {
                _begun.Remove(item);
                _moves++;
            }
        }
    }

    bool TryBegin(int me, out Dispatch item)
    {
        lock (_gate)
        {
            item = null!;
            if (me != _runner)
                return false;
            if (!_items.TryDequeue(out item!))
            {
                _isScheduled = false;
                return false;
            }
            _begun.Add(item);
            _moves++;
            // A lone callback with nothing behind it holds up nobody: no timer for it.
            if (_items.Count > 0 || _begun.Count > 1 || item.HasMany)
                WatchNeedsLock();
            return true;
        }
    }

    void RunGuarded(Dispatch item)
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
        lock (_gate)
        {
            _isWatching = false;
            if (!_isScheduled)
                return;
            WatchNeedsLock();
            // Nothing has begun, ended or got on since the last look: what was begun blocks.
            var moves = _moves;
            foreach (var item in _begun)
                moves += item.Progress;
            var isStuck = moves == _movesAtLastLook && _begun.Count > 0 && !_isSpareQueued;
            _movesAtLastLook = moves;
            if (!isStuck)
                return;
            _isSpareQueued = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
