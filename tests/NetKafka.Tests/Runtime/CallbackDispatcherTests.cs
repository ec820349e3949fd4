using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Runtime;

/// <summary>The watch over blocked callbacks is fired by hand: two looks without a move between them show that one blocks.</summary>
public sealed class CallbackDispatcherTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly ManualTime _time = new();

    ManualTime.ManualTimer Watch => Assert.Single(_time.Timers);

    [Fact]
    public async Task Items_begin_in_the_order_in_which_they_were_queued()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
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
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
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
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
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
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
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
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
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
        using var dispatcher = new CallbackDispatcher(_time, logger);
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
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
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
    public void Brief_item_of_a_turn_runs_on_the_thread_that_is_lent_and_not_before_the_turn_is_over()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var ranOn = 0;
        dispatcher.QueueInTurn(new Item(() => ranOn = Environment.CurrentManagedThreadId) { IsQuick = true });
        Assert.Equal(0, ranOn);

        dispatcher.Start(new Lender());

        Assert.Equal(Environment.CurrentManagedThreadId, ranOn);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Thread_that_is_not_lent_runs_nothing_and_a_lent_one_nothing_long(bool isLent, bool isBrief)
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var ranOn = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.QueueInTurn(new Item(() => ranOn.SetResult(Environment.CurrentManagedThreadId)) { IsQuick = isBrief });
        using var held = new ManualResetEventSlim();
        var caller = new Thread(() =>
        {
            dispatcher.Start(isLent ? new Lender() : null);
            held.Wait(Patience);
        });
        caller.Start();

        Assert.NotEqual(caller.ManagedThreadId, await ranOn.Task.WaitAsync(Patience));
        held.Set();
        caller.Join();
    }

    [Fact]
    public async Task Long_item_behind_a_brief_one_leaves_the_lent_thread_and_keeps_its_place()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var order = new ConcurrentQueue<string>();
        var done = new TaskCompletionSource();
        using var hasBegun = new ManualResetEventSlim();
        dispatcher.QueueInTurn(new Item(() => order.Enqueue("brief")) { IsQuick = true });
        dispatcher.QueueInTurn(new Item(() =>
        {
            order.Enqueue("long");
            hasBegun.Set();
        })
        { IsQuick = false });
        dispatcher.QueueInTurn(new Item(() =>
        {
            // Between taking an item and its first word its thread may be put aside; one that was overtaken never comes.
            hasBegun.Wait(Patience);
            order.Enqueue("brief again");
            done.SetResult();
        })
        { IsQuick = true });

        dispatcher.Start(new Lender());
        await done.Task.WaitAsync(Patience);

        Assert.Equal(["brief", "long", "brief again"], order);
    }

    [Fact]
    public void Item_queued_while_a_lent_thread_runs_another_follows_on_that_thread()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var order = new List<string>();
        dispatcher.QueueInTurn(new Item(() =>
        {
            dispatcher.QueueInTurn(new Item(() => order.Add("second")) { IsQuick = true });
            dispatcher.Start(null);
            order.Add("first");
        })
        { IsQuick = true });

        dispatcher.Start(new Lender());

        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public async Task Callback_that_blocks_a_lent_thread_holds_up_neither_its_lender_nor_the_ones_behind_it()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var lender = new Lender();
        var wasReleased = false;
        dispatcher.QueueInTurn(new Item(() =>
        {
            // The spare that takes over asks again for what was begun.
            if (begun.TrySetResult())
                wasReleased = released.Wait(Patience);
        })
        { IsQuick = true });
        dispatcher.QueueInTurn(new Item(released.Set) { IsQuick = true });
        var turn = Task.Run(() => dispatcher.Start(lender));
        await begun.Task.WaitAsync(Patience);
        Watch.Fire();
        Assert.Equal(0, lender.TimesMovedOn);
        Watch.Fire();
        await turn.WaitAsync(Patience);

        Assert.True(wasReleased);
        Assert.Equal(1, lender.TimesMovedOn);
    }

    [Fact]
    public async Task Lent_thread_is_watched_once_its_lender_wants_it_back_and_not_before()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var lender = new Lender();
        dispatcher.QueueInTurn(new Item(() =>
        {
            begun.SetResult();
            released.Wait(Patience);
        })
        { IsQuick = true });
        var turn = Task.Run(() => dispatcher.Start(lender, isAwaited: false));
        await begun.Task.WaitAsync(Patience);
        Assert.Empty(Watch.Armed);
        dispatcher.Watch(lender);
        Assert.Single(Watch.Armed);
        Watch.Fire();
        Watch.Fire();
        released.Set();
        await turn.WaitAsync(Patience);

        Assert.Equal(1, lender.TimesMovedOn);
    }

    [Fact]
    public void Send_between_a_turn_and_the_lending_of_its_thread_is_not_missed()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var lender = new Lender();
        dispatcher.QueueInTurn(new Item(() => { }) { IsQuick = true });
        dispatcher.Watch(lender);
        // The look comes before the thread is lent, and finds nothing.
        Watch.Fire();
        dispatcher.Start(lender, isAwaited: false);

        Assert.Equal(2, Watch.Armed.Count);
    }

    [Fact]
    public async Task Lender_of_a_thread_that_is_kept_by_many_quick_callbacks_goes_on_elsewhere_once()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var lender = new Lender();
        var many = new Item(() =>
        {
            begun.SetResult();
            released.Wait(Patience);
        })
        { IsQuick = true, IsOfMany = true };
        dispatcher.QueueInTurn(many);
        var turn = Task.Run(() => dispatcher.Start(lender));
        await begun.Task.WaitAsync(Patience);
        for (var look = 0; look < 4; look++)
        {
            many.CallbacksBegun++;
            Watch.Fire();
        }
        released.Set();
        await turn.WaitAsync(Patience);

        Assert.Equal(1, lender.TimesMovedOn);
    }

    [Fact]
    public async Task Long_item_holds_up_nothing_behind_it_without_anybody_looking()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<bool>();
        var order = new ConcurrentQueue<string>();
        using var hasBegun = new ManualResetEventSlim();
        dispatcher.Queue(new Item(() =>
        {
            order.Enqueue("long");
            hasBegun.Set();
            ended.SetResult(released.Wait(Patience));
        })
        { IsQuick = false });
        dispatcher.Queue(new Item(() =>
        {
            hasBegun.Wait(Patience);
            order.Enqueue("brief");
        }));
        dispatcher.Queue(new Item(() =>
        {
            order.Enqueue("long again");
            released.Set();
        })
        { IsQuick = false });

        Assert.True(await ended.Task.WaitAsync(Patience));
        Assert.Equal(["long", "brief", "long again"], order);
    }

    [Fact]
    public async Task What_a_callback_leaves_on_the_thread_does_not_reach_the_next()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var local = new AsyncLocal<string>();
        var seen = new TaskCompletionSource<(string?, SynchronizationContext?)>();
        dispatcher.Queue(new Item(() =>
        {
            local.Value = "left behind";
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        }));
        dispatcher.Queue(new Item(() => seen.SetResult((local.Value, SynchronizationContext.Current))));

        Assert.Equal((null, null), await seen.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Item_that_comes_after_the_end_runs_all_the_same()
    {
        var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        dispatcher.Dispose();
        var ran = new TaskCompletionSource();

        dispatcher.Queue(new Item(ran.SetResult));

        await ran.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Lone_callback_with_nothing_behind_it_is_not_watched()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var lone = new TaskCompletionSource();
        dispatcher.Queue(new Item(lone.SetResult));
        await lone.Task.WaitAsync(Patience);
        Assert.Empty(Watch.Armed);

        var many = new TaskCompletionSource();
        dispatcher.Queue(new Item(many.SetResult) { IsOfMany = true });
        await many.Task.WaitAsync(Patience);
        Assert.Single(Watch.Armed);
    }

    [Fact]
    public async Task Callback_that_goes_on_blocking_has_nobody_watch_the_lone_ones_after_it()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        using var released = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        var runs = 0;
        dispatcher.Queue(new Item(() =>
        {
            if (Interlocked.Increment(ref runs) > 1)
                return;
            begun.SetResult();
            released.Wait(Patience);
            ended.SetResult();
        }));
        await begun.Task.WaitAsync(Patience);
        // As the pool runs the spare.
        ((IThreadPoolWorkItem)dispatcher).Execute();

        var isRun = false;
        dispatcher.QueueInTurn(new Item(() => isRun = true));
        dispatcher.Start(new Lender(), isAwaited: false);

        Assert.True(isRun);
        Assert.Empty(Watch.Armed);
        released.Set();
        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public void Caller_with_a_context_of_his_own_is_not_at_home()
    {
        using var dispatcher = new CallbackDispatcher(_time, NullLogger.Instance);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        var isHome = dispatcher.IsHome;
        SynchronizationContext.SetSynchronizationContext(null);
        Assert.False(isHome);
        Assert.True(dispatcher.IsHome);
        SynchronizationContext.SetSynchronizationContext(before);
    }

    sealed class Lender : IThreadLender
    {
        public int TimesMovedOn { get; private set; }

        public void OnTurnOver()
        {
        }

        public void GoOnElsewhere() => TimesMovedOn++;
    }

    sealed class Item(Action run) : Dispatch
    {
        public bool IsQuick { get; init; } = true;

        public override bool IsBrief => IsQuick;

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
