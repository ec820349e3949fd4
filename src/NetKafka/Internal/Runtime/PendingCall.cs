using System.Threading.Tasks.Sources;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// A call of the user as he sees it: a task that a machine answers. Its token ends the wait: the call fails as cancelled, and
/// what a broker was already asked to do may still happen.
/// </summary>
sealed class PendingCall<T> : Call<T>, IValueTaskSource<T>
{
    readonly ClientRuntime _runtime;
    readonly CancellationToken _cancellation;
    CancellationTokenRegistration _registration;
    ManualResetValueTaskSourceCore<T> _source;
    int _isRun;

    public PendingCall(ClientRuntime runtime, Instant deadline, CancellationToken cancellation)
        : base(deadline)
    {
        (_runtime, _cancellation) = (runtime, cancellation);
        Watch();
    }

    public ValueTask<T> Task => new(this, _source.Version);

    /// <summary>Makes the call as good as new, once its answer was read: another wait for the same, with the same token.</summary>
    public void Reuse()
    {
        Renew();
        _isRun = 0;
        _source.Reset();
        Watch();
    }

    /// <summary>Gives the outcome to the user. His continuation runs here, on the dispatcher.</summary>
    public override void Run()
    {
        if (Interlocked.Exchange(ref _isRun, 1) != 0)
            return;
        _registration.Unregister();
        if (Error is not null)
            _source.SetException(Error);
        else
            _source.SetResult(Result!);
    }

    T IValueTaskSource<T>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    void Watch() => _registration = _cancellation.UnsafeRegister(static call => ((PendingCall<T>)call!).OnCancelled(), this);

    void OnCancelled() => _runtime.Post(new Cancellation(this));

    /// <summary>The wait is over: the machines learn of it where they may be touched.</summary>
    sealed class Cancellation(PendingCall<T> call) : LoopCall
    {
        public override void Run(Instant now, Effects effects) =>
            call.Fail(new OperationCanceledException(call._cancellation), effects);
    }
}
