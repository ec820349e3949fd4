using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Engine;

/// <summary>
/// One thread, one seed, one clock. Everything of a run is a piece of work here; the next one is chosen by chance among those
/// that can run, and the clock moves only when none can. While it runs it is the thread's synchronization context, so every
/// await of the client and of the application comes back to it.
/// </summary>
sealed class SimScheduler(RandomSource random, PickOrder order, Story? story)
{
    // A run takes thousands of steps; one that takes so many in one moment goes round in a circle.
    const int MaxStepsPerMoment = 200_000;

    readonly List<Work> _runnable = [];
    readonly PriorityQueue<Work, long> _timed = new();
    readonly int _thread = Environment.CurrentManagedThreadId;
    int _stepsNow;
    string? _escape;

    /// <summary>Ticks of 100 ns since the run began.</summary>
    public long Now { get; private set; }

    public long NowMs => Now / TimeSpan.TicksPerMillisecond;

    /// <summary>When the machine was last busy with something else: what waited then had to wait until here.</summary>
    public long StalledUntil { get; private set; } = -1;

    public long Steps { get; private set; }

    public TraceHash Trace { get; } = new();

    public Story? Story { get; } = story;

    /// <summary>Runs something as soon as chance will have it.</summary>
    public void Post(WorkKind kind, SendOrPostCallback run, object? state)
    {
        CheckThread();
        _runnable.Add(new Work(kind, run, state));
    }

    /// <summary>Runs something at a moment; never before it.</summary>
    public void PostAt(long atTicks, WorkKind kind, SendOrPostCallback run, object? state)
    {
        CheckThread();
        if (atTicks <= Now)
            _runnable.Add(new Work(kind, run, state));
        else
            _timed.Enqueue(new Work(kind, run, state), atTicks);
    }

    /// <summary>Lets time pass while work waits, as a machine does that is busy with something else.</summary>
    public void Stall(long ticks)
    {
        MoveTo(Now + ticks);
        StalledUntil = Now;
    }

    /// <summary>Runs until the task is over.</summary>
    /// <param name="start">Starts the application. Called here, so that it runs under this scheduler.</param>
    /// <param name="endTicks">The latest moment; the run fails if the task is not over then.</param>
    /// <exception cref="SimulationFailure">Nothing can run and no timer is set, or the time is up, or work escaped.</exception>
    public void Run(Func<Task> start, long endTicks)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new SimContext(this));
        try
        {
            var application = start();
            while (!application.IsCompleted)
                Step(endTicks);
            application.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Throws where code runs on another thread than the simulation's: a deterministic run would be none.</summary>
    public void CheckThread()
    {
        if (!IsHome())
            throw new SimulationFailure("Code has escaped to the thread pool.");
    }

    bool IsHome()
    {
        if (Environment.CurrentManagedThreadId == _thread)
            return true;
        Volatile.Write(ref _escape, Environment.StackTrace);
        return false;
    }

    void Step(long endTicks)
    {
        ThrowIfEscaped();
        if (_runnable.Count == 0)
        {
            if (!_timed.TryPeek(out _, out var next))
                throw new SimulationFailure("Deadlock: the application waits, nothing can run, and no timer is set.");
            if (next > endTicks)
                throw new SimulationFailure($"The application was not over at {TimeSpan.FromTicks(endTicks)}: a call has no end.");
            MoveTo(next);
        }
        if (++_stepsNow > MaxStepsPerMoment)
            throw new SimulationFailure($"More than {MaxStepsPerMoment} steps in one moment: something goes round in a circle.");
        Steps++;
        var work = Take(PickIndex());
        Trace.Mix(Now);
        Trace.Mix((long)work.Kind);
        work.Run(work.State);
    }

    void ThrowIfEscaped()
    {
        if (Volatile.Read(ref _escape) is { } stack)
            throw new SimulationFailure($"Code has escaped to the thread pool:\n{stack}");
    }

    void MoveTo(long ticks)
    {
        Now = Math.Max(Now, ticks);
        _stepsNow = 0;
        while (_timed.TryPeek(out _, out var at) && at <= Now)
            _runnable.Add(_timed.Dequeue());
    }

    int PickIndex()
    {
        var count = _runnable.Count;
        if (count == 1)
            return 0;
        if (order != PickOrder.Any && random.Next(8) != 0)
            return order == PickOrder.MostlyOldest ? 0 : count - 1;
        return random.Next(count);
    }

    Work Take(int index)
    {
        var work = _runnable[index];
        if (order == PickOrder.MostlyOldest)
        {
            _runnable.RemoveAt(index);
            return work;
        }
        _runnable[index] = _runnable[^1];
        _runnable.RemoveAt(_runnable.Count - 1);
        return work;
    }

    /// <summary>Where awaits come back to.</summary>
    sealed class SimContext(SimScheduler scheduler) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // An exception on a pool thread would end the process: the escape is noted, and the run fails by it.
            if (scheduler.IsHome())
                scheduler.Post(WorkKind.Continuation, d, state);
        }

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new SimulationFailure("Something waits for another thread, and there is none.");

        public override SynchronizationContext CreateCopy() => this;
    }
}
