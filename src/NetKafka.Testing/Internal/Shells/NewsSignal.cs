using System.Threading.Tasks.Sources;

namespace NetKafka.Testing.Internal.Shells;

/// <summary>
/// Wakes one waiter. Set before anybody waits, it is remembered once; a wake-up without cause is allowed, so who waits looks
/// again. Continuations never run inside <see cref="Set"/>.
/// </summary>
sealed class NewsSignal : IValueTaskSource
{
    readonly Lock gate = new();
    ManualResetValueTaskSourceCore<bool> core = new() { RunContinuationsAsynchronously = true };
    CancellationTokenRegistration registration;
    bool isSet;
    bool isWaiting;

    internal void Set()
    {
        lock (gate)
        {
            if (!isWaiting)
            {
                isSet = true;
                return;
            }

            isWaiting = false;
        }

        core.SetResult(true);
    }

    internal ValueTask WaitAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (isWaiting)
                throw new InvalidOperationException("A stream has one reader and one writer at a time.");
            if (isSet)
            {
                isSet = false;
                return ValueTask.CompletedTask;
            }

            core.Reset();
            isWaiting = true;
        }

        var task = new ValueTask(this, core.Version);
        registration = cancellation.UnsafeRegister(static (signal, token) => ((NewsSignal)signal!).Cancel(token), this);
        return task;
    }

    void Cancel(CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!isWaiting)
                return;
            isWaiting = false;
        }

        core.SetException(new OperationCanceledException(cancellation));
    }

    void IValueTaskSource.GetResult(short token)
    {
        registration.Dispose();
        core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);
}
