using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Producing;

public sealed class BrokerWindowTests
{
    const long Smallest = 1000;
    const long Largest = 1_000_000;
    const int Batch = 100;

    static readonly TimeSpan BufferTime = TimeSpan.FromMilliseconds(100);

    readonly BrokerWindow _window = new(1, BufferTime, Smallest, Largest);
    readonly Instant _now = Instant.Start + TimeSpan.FromSeconds(10);
    readonly Effects _effects = new();

    [Fact]
    public void Window_is_what_gets_through_within_the_buffer_time()
    {
        _window.Learn(100_000, TimeSpan.FromSeconds(1), _now);
        Assert.Equal(10_000, _window.LimitBytes);
    }

    [Fact]
    public void Window_follows_a_broker_that_becomes_slower_and_one_that_becomes_faster()
    {
        Learn(TimeSpan.FromSeconds(1), 200);
        Assert.Equal(Smallest, _window.LimitBytes);
        Learn(TimeSpan.FromMilliseconds(1), 200);
        Assert.True(_window.LimitBytes > 10 * Smallest, $"{_window.LimitBytes}");
    }

    [Fact]
    public void Window_is_at_least_two_round_trips_wide()
    {
        _window.LearnRoundTrip(TimeSpan.FromMilliseconds(300));
        _window.Learn(100_000, TimeSpan.FromSeconds(1), _now);
        Assert.Equal(60_000, _window.LimitBytes);
    }

    [Fact]
    public void Window_has_a_least_and_a_largest_width()
    {
        _window.Learn(100_000, TimeSpan.FromHours(1), _now);
        Assert.Equal(Smallest, _window.LimitBytes);
        var fast = new BrokerWindow(1, BufferTime, Smallest, Largest);
        fast.Learn(100_000, TimeSpan.FromTicks(1), _now);
        Assert.Equal(Largest, fast.LimitBytes);
    }

    [Fact]
    public void Batch_that_met_no_queue_tells_nothing_of_the_rate()
    {
        var before = _window.LimitBytes;
        _window.Learn(before / 2 - 1, TimeSpan.FromSeconds(1), _now);
        Assert.Equal(before, _window.LimitBytes);
    }

    [Fact]
    public void Without_a_buffer_time_only_the_memory_is_the_bound()
    {
        var window = new BrokerWindow(1, Timeout.InfiniteTimeSpan, Smallest, Largest);
        window.Learn(Largest, TimeSpan.FromHours(1), _now);
        Assert.Equal(Largest, window.LimitBytes);
    }

    [Fact]
    public void Caller_goes_on_once_a_quarter_of_the_window_is_free_and_is_not_overtaken()
    {
        Fill();
        Assert.False(_window.IsOpen(hasWaited: false));
        var call = Wait();
        Assert.False(_window.Release(Batch));
        Assert.False(_window.IsOpen(hasWaited: false));
        Assert.True(_window.IsOpen(hasWaited: true));
        while (!_window.Release(Batch))
            Assert.True(_window.QueuedBytes > _window.LimitBytes * 3 / 4);
        Poll();
        Assert.True(call.Value);
        Assert.True(_window.IsOpen(hasWaited: false));
    }

    [Fact]
    public void Release_asks_for_one_look_until_there_was_one()
    {
        Fill();
        Wait();
        while (!_window.Release(Batch))
        {
        }
        Assert.False(_window.Release(Batch));
        Poll();
        Assert.False(_window.HasWaiters);
    }

    /// <summary>
    /// The limit rises on the thread that tells callers: nothing crosses the opening mark then, and the next release has to wake
    /// those that wait all the same.
    /// </summary>
    [Fact]
    public void Window_that_widens_lets_callers_go_on_at_the_next_release()
    {
        Fill();
        var call = Wait();
        _window.Learn(_window.QueuedBytes, TimeSpan.FromTicks(1), _now);
        Assert.Equal(Largest, _window.LimitBytes);
        Assert.True(_window.Release(Batch));
        Poll();
        Assert.True(call.Value);
    }

    [Fact]
    public void Callers_go_on_in_their_order_as_far_as_the_window_reaches()
    {
        Fill();
        var calls = Enumerable.Range(0, 20).Select(_ => Wait()).ToArray();
        while (!_window.Release(Batch))
        {
        }
        Poll();
        var free = (_window.LimitBytes - _window.QueuedBytes + Batch - 1) / Batch;
        Assert.Equal([.. Enumerable.Repeat(true, (int)free), .. Enumerable.Repeat(false, 20 - (int)free)], calls.Select(call => call.IsAnswered));
    }

    [Fact]
    public void Busy_broker_holds_up_its_own_partitions_and_no_others()
    {
        var bench = Busy(out _);
        Assert.Equal(AppendResult.BrokerBusy, bench.TryAppend("t", "x", out _, partition: 0));
        Assert.Equal(AppendResult.Appended, bench.TryAppend("t", "x", out _, partition: 1));
    }

    [Fact]
    public void Record_without_a_key_goes_where_the_broker_is_not_busy()
    {
        var bench = Busy(out _);
        for (var i = 0; i < 20; i++)
            Assert.Equal(AppendResult.Appended, bench.TryAppend("t", new string('x', 900), out _, partition: -1));
    }

    [Fact]
    public void Busy_broker_that_takes_some_lets_callers_go_on()
    {
        var bench = Busy(out var window);
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnBrokerAwaited(window, call);
        bench.Turn();
        Assert.False(call.IsAnswered);
        bench.Drain();
        Assert.True(call.Value);
        Assert.Equal(0, window.QueuedBytes);
        Assert.Equal(AppendResult.Appended, bench.TryAppend("t", "x", out _, partition: 0));
    }

    [Fact]
    public void Wait_for_a_busy_broker_ends_at_its_deadline_and_names_the_stage()
    {
        var bench = Busy(out var window);
        var call = new TestCall<bool>(bench.Now + TimeSpan.FromSeconds(60));
        bench.Machine.OnBrokerAwaited(window, call);
        bench.Turn();
        bench.Advance(TimeSpan.FromSeconds(60));
        var error = Assert.IsType<KafkaTimeoutException>(call.Failure);
        Assert.Equal("buffer time", error.Stage);
        Assert.Contains(nameof(ProducerOptions.BufferTime), error.Message);
    }

    [Fact]
    public void Outcomes_that_callbacks_are_slow_to_take_count_in_the_window()
    {
        var bench = Busy(out var window);
        bench.HoldsDispatches = true;
        bench.Drain();
        Assert.Equal(0, bench.Accumulator.Memory.UsedBytes);
        Assert.Equal(AppendResult.BrokerBusy, bench.TryAppend("t", "x", out _, partition: 0));
        bench.RunDispatched();
        Assert.Equal(0, window.QueuedBytes);
    }

    [Fact]
    public void Nothing_is_left_in_the_window_of_batches_that_failed()
    {
        var bench = Busy(out var window);
        bench.Advance(bench.Options.DeliveryTimeout);
        while (bench.WaitingRequests > 0)
            bench.Take().Answer(bench.Now);
        bench.Turn();
        Assert.Equal(0, window.QueuedBytes);
        bench.AssertNothingHeld();
    }

    /// <summary>A producer whose first broker has as much waiting for it as may; the others have nothing.</summary>
    static ProducerBench Busy(out BrokerWindow window)
    {
        var bench = new ProducerBench(new ProducerOptions { Linger = TimeSpan.Zero, BatchSize = 1000, MaxRequestSize = 1024, MaxInFlight = 1 })
            .WithTopic("t", 3).WithId();
        while (bench.TryAppend("t", new string('x', 900), out _, partition: 0) == AppendResult.Appended)
            bench.Turn();
        window = bench.Accumulator.GetTopic("t").Partitions!.All[0].Window!;
        Assert.True(window.QueuedBytes >= window.LimitBytes);
        return bench;
    }

    void Fill()
    {
        while (_window.QueuedBytes < _window.LimitBytes)
            _window.Charge(Batch);
    }

    TestCall<bool> Wait()
    {
        var call = new TestCall<bool>(_now + TimeSpan.FromSeconds(60));
        _window.Add(call);
        Poll();
        Assert.False(call.IsAnswered);
        return call;
    }

    void Poll() => _window.Poll(Batch, static _ => new TimeoutException(), _now, _effects);

    void Learn(TimeSpan time, int batches)
    {
        for (var i = 0; i < batches; i++)
            _window.Learn(_window.LimitBytes, time, _now);
    }
}
