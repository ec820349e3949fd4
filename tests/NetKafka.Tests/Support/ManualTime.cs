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
        var timer = new ManualTimer(() => callback(state));
        _timers.Add(timer);
        return timer;
    }

    public sealed class ManualTimer(Action fire) : ITimer
    {
        readonly List<TimeSpan> _armed = [];

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
            return true;
        }

        public void Dispose() => IsDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
