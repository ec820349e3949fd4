using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Runtime;

/// <summary>The watch over blocked callbacks is fired by hand: two looks without a move between them show that one blocks.</summary>
public sealed class PoolDispatcherTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly ManualTime _time = new();

    ManualTime.ManualTimer Watch => Assert.Single(_time.Timers);

    [Fact]
    public async Task Items_begin_in_the_order_in_which_they_were_queued()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        var order = new ConcurrentQueue<int>();
        var done = new TaskCompletionSource();
        for (var i = 0; i < 1000; i++)
        {
            var number = i;
            dispatcher.Queue(new Item(() =>
            {
                order.Enqueue(number);
                if (number == 999)
                    done.SetResult();
            }));
        }
        await done.Task.WaitAsync(Patience);

        Assert.Equal(Enumerable.Range(0, 1000), order);
    }

    [Fact]
    public async Task Callback_that_blocks_on_one_behind_it_ends()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource<bool>();
        dispatcher.Queue(new Item(() =>
        {
            begun.SetResult();
            ended.SetResult(released.Wait(Patience));
        }));
        await begun.Task.WaitAsync(Patience);
        dispatcher.Queue(new Item(released.Set));
        Watch.Fire();
        Watch.Fire();

        Assert.True(await ended.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task One_look_is_not_enough_to_call_a_callback_stuck()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var order = new ConcurrentQueue<string>();
        var done = new TaskCompletionSource();
        dispatcher.Queue(new Item(() =>
        {
            begun.SetResult();
            Assert.True(released.Wait(Patience));
            order.Enqueue("first");
        }));
        await begun.Task.WaitAsync(Patience);
        dispatcher.Queue(new Item(() =>
        {
            order.Enqueue("second");
            done.SetResult();
        }));
        Watch.Fire();
        released.Set();
        await done.Task.WaitAsync(Patience);

        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public async Task Item_that_gets_on_slowly_is_not_taken_for_stuck()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var order = new ConcurrentQueue<string>();
        var done = new TaskCompletionSource();
        var slow = new Item(() =>
        {
            begun.TrySetResult();
            released.Wait(Patience);
            order.Enqueue("slow");
        });
        dispatcher.Queue(slow);
        await begun.Task.WaitAsync(Patience);
        dispatcher.Queue(new Item(() =>
        {
            order.Enqueue("next");
            done.SetResult();
        }));
        for (var look = 0; look < 5; look++)
        {
            slow.CallbacksBegun++;
            Watch.Fire();
        }
        released.Set();
        await done.Task.WaitAsync(Patience);

        Assert.Equal(["slow", "next"], order);
    }

    [Fact]
    public async Task Spare_goes_on_with_the_item_that_blocks_before_the_ones_behind_it()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var order = new ConcurrentQueue<string>();
        var done = new TaskCompletionSource();
        var runs = 0;
        dispatcher.Queue(new Item(() =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                begun.SetResult();
                released.Wait(Patience);
                return;
            }
            order.Enqueue("rest of the first");
        }));
        await begun.Task.WaitAsync(Patience);
        dispatcher.Queue(new Item(() =>
        {
            order.Enqueue("second");
            done.SetResult();
        }));
        Watch.Fire();
        Watch.Fire();
        await done.Task.WaitAsync(Patience);
        released.Set();

        Assert.Equal(["rest of the first", "second"], order);
    }

    [Fact]
    public async Task Callback_that_throws_is_logged_and_the_next_one_runs()
    {
        var logger = new Recorder();
        using var dispatcher = new PoolDispatcher(_time, logger);
        var done = new TaskCompletionSource();
        dispatcher.Queue(new Item(() => throw new DivideByZeroException()));
        dispatcher.Queue(new Item(done.SetResult));
        await done.Task.WaitAsync(Patience);

        var (id, error) = Assert.Single(logger.Lines);
        Assert.Equal(900, id);
        Assert.IsType<DivideByZeroException>(error);
    }

    [Fact]
    public async Task Later_work_does_not_wait_for_items_of_users()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var ran = new TaskCompletionSource();
        dispatcher.Queue(new Item(() =>
        {
            begun.SetResult();
            released.Wait(Patience);
        }));
        await begun.Task.WaitAsync(Patience);
        dispatcher.RunLater(ran.SetResult);
        await ran.Task.WaitAsync(Patience);
        released.Set();
    }

    [Fact]
    public void Item_of_a_turn_runs_on_the_thread_that_is_lent_and_not_before_the_turn_is_over()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        var ranOn = 0;
        dispatcher.QueueInTurn(new Item(() => ranOn = Environment.CurrentManagedThreadId));
        Assert.Equal(0, ranOn);

        dispatcher.Start(isThreadLent: true);

        Assert.Equal(Environment.CurrentManagedThreadId, ranOn);
    }

    [Fact]
    public async Task Thread_of_a_caller_runs_no_item()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        var ranOn = new TaskCompletionSource<int>();
        dispatcher.QueueInTurn(new Item(() => ranOn.SetResult(Environment.CurrentManagedThreadId)));
        using var held = new ManualResetEventSlim();
        var caller = new Thread(() =>
        {
            dispatcher.Start(isThreadLent: false);
            held.Wait(Patience);
        });
        caller.Start();

        Assert.NotEqual(caller.ManagedThreadId, await ranOn.Task.WaitAsync(Patience));
        held.Set();
        caller.Join();
    }

    [Fact]
    public void Item_queued_while_a_lent_thread_runs_another_follows_on_that_thread()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        var order = new List<string>();
        dispatcher.QueueInTurn(new Item(() =>
        {
            dispatcher.QueueInTurn(new Item(() => order.Add("second")));
            dispatcher.Start(isThreadLent: false);
            order.Add("first");
        }));

        dispatcher.Start(isThreadLent: true);

        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public async Task Callback_that_blocks_a_lent_thread_does_not_hold_up_the_ones_behind_it()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var wasReleased = false;
        dispatcher.QueueInTurn(new Item(() =>
        {
            // The spare that takes over asks again for what was begun.
            if (begun.TrySetResult())
                wasReleased = released.Wait(Patience);
        }));
        dispatcher.QueueInTurn(new Item(released.Set));
        var turn = Task.Run(() => dispatcher.Start(isThreadLent: true));
        await begun.Task.WaitAsync(Patience);
        Watch.Fire();
        Watch.Fire();
        await turn.WaitAsync(Patience);

        Assert.True(wasReleased);
    }

    [Fact]
    public void Lone_callback_with_nothing_behind_it_is_not_watched()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        dispatcher.QueueInTurn(new Item(() => { }));
        dispatcher.Start(isThreadLent: true);
        Assert.Empty(Watch.Armed);

        dispatcher.QueueInTurn(new Item(() => { }) { IsOfMany = true });
        dispatcher.Start(isThreadLent: true);
        Assert.Single(Watch.Armed);
    }

    [Fact]
    public void Caller_with_a_context_of_his_own_is_not_at_home()
    {
        using var dispatcher = new PoolDispatcher(_time, NullLogger.Instance);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        var isHome = dispatcher.IsHome;
        SynchronizationContext.SetSynchronizationContext(null);
        Assert.False(isHome);
        Assert.True(dispatcher.IsHome);
        SynchronizationContext.SetSynchronizationContext(before);
    }

    sealed class Item(Action run) : Dispatch
    {
        public int CallbacksBegun { get; set; }

        public bool IsOfMany { get; init; }

        public override int Progress => CallbacksBegun;

        public override bool HasMany => IsOfMany;

        public override void Run() => run();
    }

    sealed class Recorder : ILogger
    {
        public ConcurrentQueue<(int Id, Exception? Error)> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue((eventId.Id, exception));
    }
}
