namespace NetKafka.Tests.Support;

/// <summary>A clock that stands still until a test moves it, and timers that fire when a test says so.</summary>
sealed class ManualTime : TimeProvider
{
    readonly List<ManualTimer> _timers = [];
    long _ticks;

    public IReadOnlyList<ManualTimer> Timers => _timers;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(GetTimestamp());

    public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        lock (_timers)
            _timers.Add(timer);
        return timer;
    }

    /// <summary>Lets time pass from one timer that is due to the next.</summary>
    /// <returns>How many fired.</returns>
    public int PassWithTimers(TimeSpan time)
    {
        var end = GetTimestamp() + time.Ticks;
        for (var fired = 0; ; fired++)
        {
            ManualTimer? next;
            lock (_timers)
                next = _timers.Where(timer => timer.DueAt <= end).MinBy(timer => timer.DueAt);
            if (next is null)
            {
                Volatile.Write(ref _ticks, end);
                return fired;
            }
            Volatile.Write(ref _ticks, Math.Max(GetTimestamp(), next.DueAt));
            next.DueAt = long.MaxValue;
            next.Fire();
        }
    }

    public sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        readonly List<TimeSpan> _armed = [];
        long _dueAt = long.MaxValue;

        /// <summary>The timestamp at which it is to fire.</summary>
        public long DueAt
        {
            get => Volatile.Read(ref _dueAt);
            set => Volatile.Write(ref _dueAt, value);
        }

        public List<TimeSpan> Armed
        {
            get
            {
                lock (_armed)
                    return [.. _armed];
            }
        }

        public bool IsDisposed { get; private set; }

        /// <summary>Whether it was made where nothing flows on.</summary>
        public bool IsDetached { get; } = ExecutionContext.IsFlowSuppressed();

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_armed)
                _armed.Add(dueTime);
            DueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks;
            return true;
        }

        public void Dispose()
        {
            IsDisposed = true;
            DueAt = long.MaxValue;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
