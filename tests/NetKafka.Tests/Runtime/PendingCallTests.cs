using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Runtime;

public sealed class PendingCallTests
{
    readonly HeldDispatcher _dispatcher = new();
    readonly ManualTime _time = new();
    readonly ClientRuntime _runtime;

    public PendingCallTests() => _runtime = new KafkaClient(
        new KafkaClientOptions { BootstrapServers = "broker", TimeProvider = _time },
        new RuntimeSeams(new ScriptedTransport(), new RandomSource(1), _dispatcher)).Runtime;

    [Fact]
    public async Task Answer_reaches_the_user_on_the_dispatcher()
    {
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(1), CancellationToken.None);
        var task = call.Task;
        Post(effects => call.Succeed(7, effects));
        Assert.False(task.IsCompleted);
        _dispatcher.RunAll();

        Assert.Equal(7, await task);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_and_a_late_answer_is_dropped()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(1), cancellation.Token);
        var task = call.Task;
        cancellation.Cancel();
        Post(effects => call.Succeed(7, effects));
        _dispatcher.RunAll();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await task);
        Assert.Equal(cancellation.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Answer_that_comes_first_wins_over_a_cancellation()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(1), cancellation.Token);
        var task = call.Task;
        Post(effects => call.Succeed(7, effects));
        cancellation.Cancel();
        _dispatcher.RunAll();

        Assert.Equal(7, await task);
    }

    [Fact]
    public async Task Token_that_was_cancelled_before_ends_the_call_at_once()
    {
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(1), new CancellationToken(canceled: true));
        Assert.True(call.IsAnswered);
        _dispatcher.RunAll();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.Task);
    }

    [Fact]
    public void Second_run_by_a_spare_continues_nobody_twice()
    {
        var call = _runtime.CreateCall<int>(TimeSpan.FromSeconds(1), CancellationToken.None);
        var awaiter = call.Task.GetAwaiter();
        var continued = 0;
        awaiter.OnCompleted(() => continued++);
        Post(effects => call.Succeed(7, effects));
        var item = Assert.Single(_dispatcher.Items);
        item.Run();
        item.Run();

        Assert.Equal(1, continued);
    }

    [Fact]
    public void Deadline_is_counted_from_now_and_may_be_none()
    {
        _time.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(Instant.Start + TimeSpan.FromSeconds(5), _runtime.CreateCall<int>(TimeSpan.FromSeconds(2), CancellationToken.None).Deadline);
        Assert.Equal(Instant.Never, _runtime.CreateCall<int>(Timeout.InfiniteTimeSpan, CancellationToken.None).Deadline);
    }

    void Post(Action<Effects> call) => _runtime.Post(new Called(call));

    sealed class Called(Action<Effects> call) : LoopCall
    {
        public override void Run(Instant now, Effects effects) => call(effects);
    }
}
