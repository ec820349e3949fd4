namespace NetKafka.Internal.Runtime;

/// <summary>
/// The one timer of a client. By the system's clock it is a thread that sleeps until the moment comes and runs the turn
/// itself: a timer of the runtime wakes its own thread, which wakes one of the pool, and that one spins before it sleeps
/// again. By any other clock it is a timer of that clock.
/// </summary>
sealed class LoopTimer : IDisposable
{
    readonly object _gate = new();
    readonly TimeProvider _time;
    readonly Action _onDue;
    readonly ITimer? _timer;
    readonly long _start;
    Thread? _thread;
    TimeSpan _due = TimeSpan.MaxValue;
    TimeSpan _wakesAt = TimeSpan.MaxValue;
    bool _isDisposed;

    public LoopTimer(TimeProvider time, Action onDue)
    {
        (_time, _onDue, _start) = (time, onDue, time.GetTimestamp());
        if (time != TimeProvider.System)
            _timer = DetachedTimer.Create(time, static self => ((LoopTimer)self!)._onDue(), this);
    }

    /// <summary>Sets the moment, counted from now, in place of any earlier one. It is not told of twice.</summary>
    public void Arm(TimeSpan wait)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            if (_timer is not null)
            {
                _timer.Change(RoundUp(wait), Timeout.InfiniteTimeSpan);
                return;
            }
            _due = Now + wait;
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "NetKafka timer" };
                _thread.UnsafeStart();
            }
            else if (_due < _wakesAt)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer?.Dispose();
            Monitor.Pulse(_gate);
        }
    }

    void Run()
    {
        while (WaitUntilDue())
            _onDue();
    }

    bool WaitUntilDue()
    {
        lock (_gate)
        {
            while (!_isDisposed)
            {
                var wait = _due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : RoundUp(_due - Now);
                if (wait <= TimeSpan.Zero && _due != TimeSpan.MaxValue)
                {
                    // Until the turn is over there is nobody to wake.
                    (_due, _wakesAt) = (TimeSpan.MaxValue, TimeSpan.MinValue);
                    return true;
                }
                _wakesAt = _due;
                Monitor.Wait(_gate, wait);
            }
            return false;
        }
    }

    TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Waits count whole milliseconds; one that ends early would find nothing due.</summary>
    static TimeSpan RoundUp(TimeSpan wait) =>
        TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue));
}
