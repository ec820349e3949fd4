using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Engine;

/// <summary>The virtual clock as the client sees it. Timers fire at their moment or, as real ones do, somewhat later.</summary>
sealed class SimTime(SimScheduler scheduler, RandomSource random, long maxLatenessTicks) : TimeProvider
{
    /// <summary>The wall clock at the beginning of a run.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    TimeSpan _ahead;

    /// <summary>How many timers will still fire.</summary>
    public int ArmedCount { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => scheduler.Now;

    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(scheduler.Now) + _ahead;

    /// <summary>Sets the wall clock so far ahead of the true one, or behind it. Nothing that is measured by it may be a time that passes.</summary>
    public void Jump(TimeSpan ahead) => _ahead = ahead;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    long Lateness() => maxLatenessTicks == 0 ? 0 : random.Next((int)maxLatenessTicks);

    /// <summary>
    /// A timer leaves what it queued in the scheduler and looks at its own due time when that runs, so a change costs no search.
    /// </summary>
    sealed class SimTimer(SimTime owner, TimerCallback callback, object? state) : ITimer
    {
        static readonly SendOrPostCallback OnDue = static timer => ((SimTimer)timer!).Fire();

        readonly SimScheduler _scheduler = owner.Scheduler;
        long _due = long.MaxValue;
        TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _scheduler.CheckThread();
            _period = period;
            Arm(dueTime);
            return true;
        }

        public void Dispose() => SetDue(long.MaxValue);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void Arm(TimeSpan wait)
        {
            if (wait < TimeSpan.Zero)
            {
                SetDue(long.MaxValue);
                return;
            }
            SetDue(_scheduler.Now + wait.Ticks + owner.Lateness());
            _scheduler.PostAt(_due, WorkKind.Timer, OnDue, this);
        }

        void SetDue(long due)
        {
            owner.ArmedCount += (due == long.MaxValue ? 0 : 1) - (_due == long.MaxValue ? 0 : 1);
            _due = due;
        }

        void Fire()
        {
            // Another change has moved it, or it fired already.
            if (_due > _scheduler.Now)
                return;
            Arm(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);
            callback(state);
        }
    }

    SimScheduler Scheduler => scheduler;
}
