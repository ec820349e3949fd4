using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Runtime;

/// <summary>The rules of a turn, over a transport and a dispatcher that are played by hand.</summary>
public sealed class ClientLoopTests : IRuntimeOwner
{
    readonly ManualTime _time = new();
    readonly ScriptedTransport _transport = new();
    readonly HeldDispatcher _dispatcher = new();
    readonly ClientRuntime _runtime;
    Exception? _fault;

    public ClientLoopTests()
    {
        var kafka = new KafkaClient(
            new KafkaClientOptions { BootstrapServers = "broker:9092", TimeProvider = _time },
            new RuntimeSeams(_transport, new RandomSource(1), _dispatcher));
        _runtime = kafka.Runtime;
        _runtime.Attach(this);
    }

    ManualTime.ManualTimer Timer => _time.Timers[^1];

    void IRuntimeOwner.OnFault(Exception error) => _fault = error;

    ValueTask IAsyncDisposable.DisposeAsync() => default;

    [Fact]
    public void Call_of_an_idle_loop_runs_on_the_callers_thread_before_post_returns()
    {
        var ranOn = 0;
        Post((_, _) => ranOn = Environment.CurrentManagedThreadId);
        Assert.Equal(Environment.CurrentManagedThreadId, ranOn);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Timers_keep_nothing_of_the_call_that_made_the_client(bool isSuppressed)
    {
        var time = new ManualTime();
        var options = new KafkaClientOptions { BootstrapServers = "broker:9092", TimeProvider = time };
        using (isSuppressed ? ExecutionContext.SuppressFlow() : default(IDisposable?))
        {
            using var kafka = new KafkaClient(options);
            Assert.Equal(isSuppressed, ExecutionContext.IsFlowSuppressed());
        }

        Assert.NotEmpty(time.Timers);
        Assert.All(time.Timers, timer => Assert.True(timer.IsDetached));
    }

    [Fact]
    public void Turn_runs_no_user_code()
    {
        var callback = new Marked();
        Post((_, effects) => effects.Dispatch(callback));
        Assert.False(callback.HasRun);
        Assert.Same(callback, Assert.Single(_dispatcher.Items));
        _dispatcher.RunAll();
        Assert.True(callback.HasRun);
    }

    [Fact]
    public void Event_that_comes_during_a_turn_is_handled_after_it()
    {
        var order = new List<string>();
        Post((_, _) =>
        {
            Post((_, _) => order.Add("second"));
            order.Add("first");
        });
        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public void Turn_ends_after_64_events_and_the_rest_runs_elsewhere()
    {
        var handled = 0;
        Post((_, _) =>
        {
            handled++;
            for (var i = 0; i < 199; i++)
                Post((_, _) => handled++);
        });
        Assert.Equal(64, handled);
        foreach (var expected in new[] { 128, 192, 200 })
        {
            Assert.Single(_dispatcher.Later);
            _dispatcher.Later.Dequeue()();
            Assert.Equal(expected, handled);
        }
        Assert.Empty(_dispatcher.Later);
    }

    [Fact]
    public void Loop_that_handed_over_keeps_its_place_until_the_rest_has_run()
    {
        var handled = 0;
        Post((_, _) =>
        {
            for (var i = 0; i < 64; i++)
                Post((_, _) => handled++);
        });
        Assert.Equal(63, handled);
        Post((_, _) => handled += 100);
        Assert.Equal(63, handled);
        _dispatcher.Later.Dequeue()();
        Assert.Equal(164, handled);
    }

    [Fact]
    public void Machines_are_polled_once_a_turn_with_one_time()
    {
        var machine = new Timed();
        _runtime.Machines.Add(machine);
        Post((_, _) =>
        {
            machine.Wake();
            machine.Wake();
        });
        Assert.Equal([Instant.Start], machine.Polls);
    }

    [Fact]
    public void Timer_is_armed_again_only_for_an_earlier_deadline()
    {
        var machine = new Timed { Next = Instant.Start + TimeSpan.FromSeconds(10) };
        _runtime.Machines.Add(machine);
        Post((_, _) => { });
        machine.Next = Instant.Start + TimeSpan.FromSeconds(20);
        Post((_, _) => machine.Wake());
        Assert.Equal([TimeSpan.FromSeconds(10)], Timer.Armed);

        machine.Next = Instant.Start + TimeSpan.FromSeconds(5);
        Post((_, _) => machine.Wake());
        Assert.Equal([TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)], Timer.Armed);
    }

    [Fact]
    public void Timer_that_comes_too_early_is_armed_for_the_rest()
    {
        var machine = new Timed { Next = Instant.Start + TimeSpan.FromSeconds(20) };
        _runtime.Machines.Add(machine);
        Post((_, _) => { });
        _time.Pass(TimeSpan.FromSeconds(19));
        Timer.Fire();
        Assert.Single(machine.Polls);
        Assert.Equal(TimeSpan.FromSeconds(1), Timer.Armed[^1]);

        machine.Next = Instant.Never;
        _time.Pass(TimeSpan.FromSeconds(1));
        Timer.Fire();
        Assert.Equal(2, machine.Polls.Count);
        Assert.Equal(2, Timer.Armed.Count);
    }

    [Fact]
    public void Part_of_a_millisecond_is_waited_for_whole()
    {
        _runtime.Machines.Add(new Timed { Next = Instant.Start + TimeSpan.FromMicroseconds(1) });
        Post((_, _) => { });
        Assert.Equal(TimeSpan.FromMilliseconds(1), Timer.Armed[^1]);
    }

    [Fact]
    public void Defect_of_a_shared_machine_is_told_to_every_owner()
    {
        var defect = new DivideByZeroException();
        _runtime.Machines.Add(new Timed { WhenPolled = _ => throw defect });
        Post((_, _) => { });

        Assert.Same(defect, _fault);
        Assert.Same(defect, _runtime.Fault);
    }

    [Fact]
    public async Task Fault_in_a_shared_machine_ends_pending_calls()
    {
        var owner = new CallHolder();
        _runtime.Machines.Add(owner);
        _runtime.Attach(owner);
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(30), CancellationToken.None);
        Post((_, _) => owner.Call = call);
        var task = call.Task;
        var defect = new DivideByZeroException();
        Post((_, _) => throw defect);
        Assert.False(task.IsCompleted);
        _dispatcher.RunAll();

        Assert.Same(defect, await Assert.ThrowsAsync<DivideByZeroException>(async () => await task));
    }

    [Fact]
    public async Task Call_that_was_answered_in_the_turn_of_a_defect_reaches_its_user()
    {
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(30), CancellationToken.None);
        _runtime.Machines.Add(new Timed { WhenPolled = effects => call.Succeed(7, effects) });
        _runtime.Machines.Add(new Timed { WhenPolled = _ => throw new DivideByZeroException() });
        Post((_, _) => { });
        _dispatcher.RunAll();

        Assert.Equal(7, await call.Task);
        Assert.NotNull(_fault);
    }

    [Fact]
    public void Call_that_throws_keeps_no_other_event_of_its_turn_from_being_handled()
    {
        var handled = 0;
        Post((_, _) =>
        {
            Post((_, _) => throw new DivideByZeroException());
            Post((_, _) => handled++);
        });
        Assert.Equal(1, handled);
        Assert.IsType<DivideByZeroException>(_fault);
    }

    [Fact]
    public void Machine_that_throws_on_every_poll_does_not_keep_the_others_from_ending()
    {
        var bad = new Timed { WhenPolled = _ => throw new DivideByZeroException() };
        var good = new Timed();
        _runtime.Machines.Add(bad);
        _runtime.Machines.Add(good);
        Post((_, _) => { });
        Assert.Single(good.Polls);
        Post((_, _) =>
        {
            bad.Wake();
            good.Wake();
        });
        Assert.Equal(2, good.Polls.Count);
    }

    [Fact]
    public void Transport_that_throws_ends_the_client_and_not_its_caller()
    {
        _transport.ConnectError = new NotSupportedException();
        Post((_, _) => _runtime.Cluster.Watch("payments"));

        Assert.IsType<NotSupportedException>(_fault);
        Assert.Contains("close", _transport.Asked);
    }

    [Fact]
    public async Task Closing_ends_the_transport_and_the_timer()
    {
        Post((_, _) => _runtime.Cluster.Watch("payments"));
        Assert.Equal(["connect broker:9092"], _transport.Asked);
        var closing = _runtime.CloseAsync(TimeSpan.FromSeconds(5));
        _time.Pass(TimeSpan.FromMilliseconds(5));
        Timer.Fire();
        _dispatcher.RunAll();
        await closing;

        Assert.Equal(["connect broker:9092", "close"], _transport.Asked);
        Assert.True(_transport.IsDisposed && Timer.IsDisposed);
    }

    [Fact]
    public async Task Closing_ends_by_its_deadline_though_a_connection_does_not()
    {
        _transport.AnswersCloses = false;
        Post((_, _) => _runtime.Cluster.Watch("payments"));
        var closing = _runtime.CloseAsync(TimeSpan.FromSeconds(5));
        _dispatcher.RunAll();
        Assert.False(closing.IsCompleted);
        _time.Pass(TimeSpan.FromSeconds(5));
        Timer.Fire();
        _dispatcher.RunAll();
        await closing;

        Assert.True(_transport.IsDisposed);
    }

    void Post(Action<Instant, Effects> call) => _runtime.Post(new Called(call));

    sealed class Called(Action<Instant, Effects> call) : LoopCall
    {
        public override void Run(Instant now, Effects effects) => call(now, effects);
    }

    sealed class Marked : Dispatch
    {
        public bool HasRun { get; private set; }

        public override void Run() => HasRun = true;
    }

    sealed class Timed : Machine
    {
        public Instant Next { get; set; } = Instant.Never;

        public List<Instant> Polls { get; } = [];

        public Action<Effects> WhenPolled { get; init; } = _ => { };

        public override Instant Poll(Instant now, Effects effects)
        {
            Polls.Add(now);
            WhenPolled(effects);
            return Next;
        }
    }

    /// <summary>What a producer or admin does: it is told of the fault and ends its calls at the next poll.</summary>
    sealed class CallHolder : Machine, IRuntimeOwner
    {
        Exception? _fault;

        public Call<int>? Call { get; set; }

        public void OnFault(Exception error)
        {
            _fault = error;
            Wake();
        }

        public override Instant Poll(Instant now, Effects effects)
        {
            if (_fault is not null)
                Call?.Fail(_fault, effects);
            return Instant.Never;
        }

        public ValueTask DisposeAsync() => default;
    }
}
