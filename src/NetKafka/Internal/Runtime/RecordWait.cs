using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Runtime;

/// <summary>The wait of one loop until there is something to read, used again for the next: a loop waits for one thing at a time.</summary>
/// <param name="runtime">The runtime.</param>
/// <param name="machine">The machine of the consumer, with which a defect stays.</param>
/// <param name="waiter">The consumer.</param>
/// <param name="timeout">How long is waited at the longest, from the first wait on.</param>
/// <param name="cancellation">Ends a wait.</param>
sealed class RecordWait(ClientRuntime runtime, Machine machine, IRecordWaiter waiter, TimeSpan timeout, CancellationToken cancellation) : LoopCall
{
    PendingCall<bool>? _call;
    int _records;

    /// <param name="records">How many records are of use.</param>
    public ValueTask<bool> BeginAsync(int records = int.MaxValue)
    {
        _records = records;
        if (_call is null)
            _call = runtime.CreateCall<bool>(timeout, cancellation);
        else
            _call.Reuse();
        // Read before the call is handed over: it may have its answer, and be in use again, before the post returns.
        var task = _call.Task;
        runtime.Post(this);
        return task;
    }

    public override void Run(Instant now, Effects effects)
    {
        try
        {
            waiter.WaitForRecords(_call!, _records, now, effects);
        }
        catch (Exception error) when (machine.TakeFault(error))
        {
        }
    }
}
