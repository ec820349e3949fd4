using System.Runtime.CompilerServices;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// Moves an async method of the client away from the caller's context: what it awaits afterwards continues on the client's
/// scheduler, in a simulation as on the pool.
/// </summary>
readonly struct EnterAwaitable(IDispatcher dispatcher) : INotifyCompletion
{
    public EnterAwaitable GetAwaiter() => this;

    public bool IsCompleted => dispatcher.IsHome;

    public void OnCompleted(Action continuation) => dispatcher.RunLater(continuation);

    public void GetResult()
    {
    }
}
