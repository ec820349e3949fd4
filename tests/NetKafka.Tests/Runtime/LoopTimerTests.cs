using NetKafka.Internal.Runtime;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Runtime;

/// <summary>The moment is told once, whether a thread waits for it or a timer of another clock.</summary>
public sealed class LoopTimerTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Moment_is_told_and_the_next_one_too()
    {
        var told = new SemaphoreSlim(0);
        using var timer = new LoopTimer(TimeProvider.System, () => told.Release());
        for (var i = 0; i < 3; i++)
        {
            timer.Arm(TimeSpan.FromMilliseconds(i));
            Assert.True(await told.WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task Earlier_moment_takes_the_place_of_a_later_one()
    {
        var told = new SemaphoreSlim(0);
        using var timer = new LoopTimer(TimeProvider.System, () => told.Release());
        timer.Arm(TimeSpan.FromDays(30));
        timer.Arm(TimeSpan.FromMilliseconds(1));

        Assert.True(await told.WaitAsync(Patience));
    }

    [Fact]
    public async Task Moment_set_while_the_last_one_is_told_is_told_too()
    {
        var told = new SemaphoreSlim(0);
        LoopTimer? timer = null;
        var count = 0;
        using (timer = new LoopTimer(TimeProvider.System, () =>
        {
            if (Interlocked.Increment(ref count) < 3)
                timer!.Arm(TimeSpan.Zero);
            told.Release();
        }))
        {
            timer.Arm(TimeSpan.Zero);
            for (var i = 0; i < 3; i++)
                Assert.True(await told.WaitAsync(Patience));
        }
    }

    [Fact]
    public void Other_clock_is_asked_for_its_own_timer_in_whole_milliseconds()
    {
        var time = new ManualTime();
        var told = 0;
        using var timer = new LoopTimer(time, () => told++);
        timer.Arm(TimeSpan.FromMilliseconds(1.2));

        Assert.Equal([TimeSpan.FromMilliseconds(2)], Assert.Single(time.Timers).Armed);
        time.Timers[0].Fire();
        Assert.Equal(1, told);
    }
}
