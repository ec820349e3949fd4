using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>The tasks of awaited records for use again, up to a bound. Safe from any thread.</summary>
sealed class ProduceCallPool(ClientRuntime runtime)
{
    const int MaxKept = 16 * 1024;

    readonly Lock _gate = new();
    readonly Stack<ProduceCall> _kept = new();

    public ProduceCall Rent()
    {
        lock (_gate)
        {
            if (_kept.TryPop(out var call))
                return call;
        }
        return new ProduceCall(this);
    }

    public void Return(ProduceCall call)
    {
        call.Reset();
        lock (_gate)
        {
            if (_kept.Count < MaxKept)
                _kept.Push(call);
        }
    }

    public void Dispatch(Dispatch item) => runtime.Dispatch(item);
}
