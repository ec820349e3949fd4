using System.Threading.Tasks.Sources;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Producing;

namespace NetKafka.Internal.Runtime;

/// <summary>
/// The task of one awaited record, or of one that waits to be taken, used again once it was read and its continuation run. The outcome can be read before the
/// continuation runs, so a callback that waits for a record of its own batch finds it.
/// <para>
/// Three may race: the outcome, the token, and the reader. The first of outcome and token sets what is read; the object goes
/// back to the pool only when it was read and the batch has let go of it, and not at all if the token came in between.
/// </para>
/// </summary>
sealed class ProduceCall(ProduceCallPool pool) : AwaitedRecord, IValueTaskSource<RecordMetadata>, IValueTaskSource
{
    const int Open = 0;
    const int Setting = 1;
    const int Set = 2;

    ManualResetValueTaskSourceCore<RecordMetadata> _source;
    CancellationToken _cancellation;
    CancellationTokenRegistration _registration;
    RecordMetadata _metadata;
    Exception? _error;
    int _state;
    int _isRead;
    int _ends;
    bool _hasOutcome;
    bool _isWatched;

    /// <summary>For who awaits the outcome.</summary>
    public ValueTask<RecordMetadata> Task => new(this, _source.Version);

    /// <summary>For who awaits that the record is in.</summary>
    public ValueTask PostTask => new(this, _source.Version);

    public override bool IsOver => Volatile.Read(ref _state) != Open;

    /// <summary>Lets a token end the wait. Before the record is handed over.</summary>
    public void Watch(CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
            return;
        _cancellation = cancellation;
        _registration = cancellation.UnsafeRegister(static call => ((ProduceCall)call!).OnCancelled(), this);
    }

    public override void Complete(in RecordMetadata metadata) => SetOutcome(metadata, null);

    public override void Fail(Exception error) => SetOutcome(default, error);

    public override void RunContinuation()
    {
        // Where the token was first, it runs the continuation, and the object is not used again.
        if (!_hasOutcome)
            return;
        Signal();
        LetGo();
    }

    /// <summary>The record was never handed over, and nobody has the task.</summary>
    public void Drop()
    {
        if (_registration.Unregister() || !_cancellation.CanBeCanceled)
            pool.Return(this);
    }

    /// <summary>Makes the call as good as new.</summary>
    public void Reset()
    {
        _source.Reset();
        (_cancellation, _registration) = (default, default);
        (_metadata, _error, _state, _isRead, _ends, _hasOutcome, _isWatched) = (default, null, Open, 0, 0, false, false);
    }

    public RecordMetadata GetResult(short token)
    {
        _source.GetStatus(token);
        if (Volatile.Read(ref _state) != Set)
            throw new InvalidOperationException("The record has no outcome yet: await the task.");
        if (Interlocked.Exchange(ref _isRead, 1) != 0)
            throw new InvalidOperationException("The task of a record may be awaited once.");
        var (metadata, error) = (_metadata, _error);
        LetGo();
        return error is null ? metadata : throw error;
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        var status = _source.GetStatus(token);
        if (Volatile.Read(ref _state) != Set)
            return status;
        return _error switch
        {
            null => ValueTaskSourceStatus.Succeeded,
            OperationCanceledException => ValueTaskSourceStatus.Canceled,
            _ => ValueTaskSourceStatus.Faulted,
        };
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    void SetOutcome(in RecordMetadata metadata, Exception? error)
    {
        if (Interlocked.CompareExchange(ref _state, Setting, Open) != Open)
            return;
        // A registration that cannot be taken back is running: the object may be touched later, so it is not used again.
        _isWatched = _cancellation.CanBeCanceled && !_registration.Unregister();
        (_metadata, _error, _hasOutcome) = (metadata, error, true);
        Volatile.Write(ref _state, Set);
    }

    void OnCancelled()
    {
        if (Interlocked.CompareExchange(ref _state, Setting, Open) != Open)
            return;
        _error = new OperationCanceledException(
            "The wait for a record was cancelled. The record itself was not: it may be written.", _cancellation);
        Volatile.Write(ref _state, Set);
        pool.Dispatch(new Cancelled(this));
    }

    void Signal()
    {
        if (_error is null)
            _source.SetResult(_metadata);
        else
            _source.SetException(_error);
    }

    /// <summary>The batch and the reader each let go once; the second of them gives the object back.</summary>
    void LetGo()
    {
        if (Interlocked.Increment(ref _ends) == 2 && !_isWatched)
            pool.Return(this);
    }

    /// <summary>Runs the continuation of a wait that the token ended.</summary>
    sealed class Cancelled(ProduceCall call) : Dispatch
    {
        int _isRun;

        public override void Run()
        {
            if (Interlocked.Exchange(ref _isRun, 1) == 0)
                call.Signal();
        }
    }
}
