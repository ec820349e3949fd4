using NetKafka.Internal.Kernel;

namespace NetKafka.Simulation.Tests.Engine;

public sealed class SimSchedulerTests
{
    static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    readonly SimScheduler _scheduler = new(new RandomSource(1), PickOrder.Any, new Story());

    [Fact]
    public void Clock_moves_only_when_nothing_can_run()
    {
        var time = new SimTime(_scheduler, new RandomSource(2), 0);
        var seen = new List<long>();
        Run(async () =>
        {
            var wait = Task.Delay(TimeSpan.FromSeconds(3), time);
            for (var i = 0; i < 10; i++)
            {
                await Task.Yield();
                seen.Add(_scheduler.Now);
            }
            await wait;
            seen.Add(_scheduler.Now);
        });
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 * TimeSpan.TicksPerSecond], seen);
        Assert.Equal(0, time.ArmedCount);
    }

    [Fact]
    public void Await_comes_back_to_the_one_thread()
    {
        var thread = Environment.CurrentManagedThreadId;
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(async () =>
        {
            _scheduler.Post(WorkKind.Later, _ => answer.SetResult(), null);
            await answer.Task;
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
        });
    }

    [Fact]
    public void Wait_that_nothing_ends_is_a_failure() =>
        Assert.Contains("Deadlock", Fails(() => new TaskCompletionSource().Task));

    [Fact]
    public void Call_that_goes_on_beyond_the_bound_is_a_failure()
    {
        var time = new SimTime(_scheduler, new RandomSource(2), 0);
        Assert.Contains("no end", Fails(() => Task.Delay(TimeSpan.FromHours(1), time)));
    }

    [Fact]
    public void Circle_without_time_is_a_failure() =>
        Assert.Contains("circle", Fails(async () =>
        {
            while (true)
                await Task.Yield();
        }));

    [Fact]
    public void Work_on_another_thread_is_a_failure()
    {
        var thread = new Thread(() => Assert.Throws<SimulationFailure>(_scheduler.CheckThread));
        thread.Start();
        thread.Join();
        Assert.Contains("escaped", Fails(async () => await Task.Yield()));
    }

    [Fact]
    public void Timer_that_was_moved_fires_at_its_last_moment_alone()
    {
        var time = new SimTime(_scheduler, new RandomSource(2), 0);
        var fired = new List<long>();
        using var timer = time.CreateTimer(_ => fired.Add(_scheduler.NowMs), null, TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromMilliseconds(30), Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);
        Run(() => Task.Delay(TimeSpan.FromMilliseconds(100), time));
        Assert.Equal([20], fired);
    }

    void Run(Func<Task> application) => _scheduler.Run(application, Bound.Ticks);

    string Fails(Func<Task> application) => Assert.Throws<SimulationFailure>(() => Run(application)).Message;
}
