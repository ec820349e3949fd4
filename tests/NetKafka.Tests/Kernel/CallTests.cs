using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class CallTests
{
    [Fact]
    public void Call_is_answered_once_whatever_comes_later()
    {
        var effects = new Effects();
        var call = new Recorded(new Instant(5));
        call.Succeed(7, effects);
        call.Fail(new TimeoutException(), effects);
        call.Succeed(8, effects);

        Assert.Equal(1, effects.Count);
        Assert.Equal(EffectKind.Dispatch, effects[0].Kind);
        Assert.Same(call, effects[0].Payload);
        Assert.Equal((7, null), call.Outcome);
        Assert.True(call.IsAnswered);
    }

    [Fact]
    public void Failure_that_comes_first_stays()
    {
        var effects = new Effects();
        var call = new Recorded(Instant.Never);
        var error = new TimeoutException();
        call.Fail(error, effects);
        call.Succeed(8, effects);

        Assert.Equal(1, effects.Count);
        Assert.Equal((0, error), call.Outcome);
    }

    sealed class Recorded(Instant deadline) : Call<int>(deadline)
    {
        public (int, Exception?) Outcome => (Result, Error);

        public override void Run()
        {
        }
    }
}
