using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Support;

/// <summary>A call whose answer a test looks at.</summary>
sealed class TestCall<T>(Instant deadline) : Call<T>(deadline)
{
    public T Value => Error is null ? Result! : throw Error;

    public Exception? Failure => Error;

    public override void Run()
    {
    }
}
