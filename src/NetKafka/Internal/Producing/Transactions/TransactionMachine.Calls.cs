using NetKafka.Consuming;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;

namespace NetKafka.Internal.Producing.Transactions;

/// <content>The calls: what each asks for, and until when it waits.</content>
sealed partial class TransactionMachine
{
    /// <summary>Asks for the producer's id, and so fences those before it.</summary>
    public void Init(Call<bool> call, Effects effects)
    {
        if (IsRefused(call, effects))
            return;
        if (State is not (TransactionState.New or TransactionState.Initializing))
        {
            call.Succeed(true, effects);
            return;
        }
        _initCalls.Add(call);
        if (State == TransactionState.New)
            Move(TransactionState.Initializing);
        owner.Wake();
    }

    /// <summary>
    /// Begins anew after the end of the producer, as another producer of the name would, where it is not taken that such a one has begun: the
    /// coordinator has forgotten the id; or brokers that do not tell the two apart have fenced it after its transaction took, by its own
    /// clock, longer than it may. If another one has begun all the same, that one is shut out, and nothing is written twice.
    /// </summary>
    /// <param name="call">Answered at once with whether it does.</param>
    /// <param name="effects">Where the answer goes.</param>
    public void TryRenew(Call<bool> call, Effects effects)
    {
        var mayRenew = State == TransactionState.Over && _mayRenew;
        if (mayRenew)
        {
            (_mayRenew, _isAnew, _error) = (false, true, null);
            owner.SetRefusal(OutsideOfTransaction);
            Move(TransactionState.Initializing);
            owner.Wake();
        }
        call.Succeed(mayRenew, effects);
    }

    /// <summary>Answers a call when its time is over.</summary>
    public void Pause(Call<bool> call)
    {
        _pauses.Add(call);
        owner.Wake();
    }

    /// <summary>Begins a transaction, once there is an id.</summary>
    public void Begin(Call<bool> call, Instant now, Effects effects)
    {
        if (IsRefused(call, effects))
            return;
        switch (State)
        {
            case TransactionState.Ready when NeedsEpochOfVersion2:
                _beginCall = call;
                Move(TransactionState.Initializing);
                owner.Wake();
                break;
            case TransactionState.Ready:
                Open(now);
                call.Succeed(true, effects);
                break;
            case TransactionState.New or TransactionState.Initializing when _beginCall is null or { IsAnswered: true }:
                _beginCall = call;
                if (State == TransactionState.New)
                    Move(TransactionState.Initializing);
                owner.Wake();
                break;
            default:
                call.Fail(new InvalidOperationException(
                    $"A transaction of '{_id}' is {Describe(State)} already: commit or abort it before the next is begun."), effects);
                break;
        }
    }

    /// <summary>Makes a group's offsets part of the transaction.</summary>
    public void SendOffsets(ConsumerGroupMetadata group, IReadOnlyList<TopicPartitionOffset> offsets, Call<bool> call, Effects effects)
    {
        if (IsRefused(call, effects))
            return;
        if (State != TransactionState.Open)
        {
            call.Fail(State == TransactionState.Failed ? Failure(_error!) : Outside("No offsets can be sent"), effects);
            return;
        }
        if (offsets.Count == 0)
        {
            call.Succeed(true, effects);
            return;
        }
        _offsets.Enqueue(new OffsetsJob(group, offsets, call));
        owner.Wake();
    }

    /// <summary>Commits the transaction. A call that ran out of time is made again, and hears of the same end.</summary>
    public void Commit(Call<bool> call, Effects effects)
    {
        if (IsRefused(call, effects))
            return;
        switch (State)
        {
            case TransactionState.Open:
                owner.SetRefusal(OutsideOfTransaction);
                Move(TransactionState.Committing);
                _endCalls.Add(call);
                owner.Wake();
                break;
            case TransactionState.Committing:
                _endCalls.Add(call);
                owner.Wake();
                break;
            case TransactionState.Failed:
                call.Fail(Failure(_error!), effects);
                break;
            default:
                TellOfEnd(TransactionState.Committing, "Nothing can be committed", call, effects);
                break;
        }
    }

    /// <summary>Aborts the transaction, whatever has failed in it.</summary>
    public void Abort(Call<bool> call, Effects effects)
    {
        if (IsRefused(call, effects))
            return;
        switch (State)
        {
            case TransactionState.Open or TransactionState.Failed:
                owner.SetRefusal(OutsideOfTransaction);
                Move(TransactionState.Aborting);
                _endCalls.Add(call);
                owner.Wake();
                break;
            case TransactionState.Aborting:
                _endCalls.Add(call);
                owner.Wake();
                break;
            case TransactionState.Committing:
                call.Fail(new TransactionException(
                    $"The commit of a transaction of '{_id}' was asked for, and may have happened: call CommitTransactionAsync again to hear of its end.",
                    TransactionRemedy.Retry) { IsRetriable = true }, effects);
                break;
            default:
                TellOfEnd(TransactionState.Aborting, "Nothing can be aborted", call, effects);
                break;
        }
    }

    /// <summary>A call that ran out of time, or was cancelled, is made again after its end has come.</summary>
    void TellOfEnd(TransactionState end, string refusal, Call<bool> call, Effects effects)
    {
        if (_unheardEnd != end)
        {
            call.Fail(Outside(refusal), effects);
            return;
        }
        _unheardEnd = null;
        call.Succeed(true, effects);
    }

    /// <summary>The producer is gone: whoever waits for anything is told so.</summary>
    public void FailAll(Func<Exception> error, Effects effects)
    {
        // Those of a failure that were not told of it yet are among them.
        foreach (var report in _reports)
            report(effects);
        _reports.Clear();
        foreach (var call in TakeCalls())
            call.Fail(error(), effects);
        foreach (var pause in _pauses)
            pause.Fail(error(), effects);
        _pauses.Clear();
    }

    /// <summary>All calls that wait for an answer.</summary>
    Call<bool>[] TakeCalls()
    {
        Call<bool>[] calls = [.. _initCalls, .. _endCalls, .. _offsets.Select(static job => job.Call), .. _beginCall is { } begin ? (Call<bool>[])[begin] : []];
        _beginCall = null;
        _initCalls.Clear();
        _endCalls.Clear();
        _offsets.Clear();
        return calls;
    }

    void DropOffsets(Effects effects)
    {
        while (_offsets.TryDequeue(out var job))
            job.Call.Fail(Outside("No offsets can be sent"), effects);
    }

    /// <summary>A call that runs out of time ends; what it asked for goes on, and the same call may be made again.</summary>
    Instant EndLateCalls(Instant now, Effects effects)
    {
        var next = Instant.Never;
        EndLate(_initCalls, "The producer's id", "InitTransactionsAsync");
        if (_beginCall is { IsAnswered: false } begin)
        {
            if (begin.Deadline <= now)
                begin.Fail(Late("The producer's id", "BeginTransactionAsync"), effects);
            else
                next = Instant.Earlier(next, begin.Deadline);
        }
        for (var i = _pauses.Count - 1; i >= 0; i--)
        {
            if (_pauses[i].Deadline <= now)
                _pauses[i].Succeed(true, effects);
            if (_pauses[i].IsAnswered)
                _pauses.RemoveAt(i);
            else
                next = Instant.Earlier(next, _pauses[i].Deadline);
        }
        EndLate(_endCalls, State == TransactionState.Aborting ? "The abort" : "The commit", "it");
        foreach (var job in _offsets)
        {
            if (job.Call.Deadline <= now)
                job.Call.Fail(Late("The answer to the offsets", "CommitTransactionAsync, which waits for it too,"), effects);
            else
                next = Instant.Earlier(next, job.Call.Deadline);
        }
        return next;

        void EndLate(List<Call<bool>> calls, string what, string again)
        {
            for (var i = calls.Count - 1; i >= 0; i--)
            {
                if (calls[i].Deadline <= now)
                    calls[i].Fail(Late(what, again), effects);
                if (calls[i].IsAnswered)
                    calls.RemoveAt(i);
                else
                    next = Instant.Earlier(next, calls[i].Deadline);
            }
        }
    }

    KafkaTimeoutException Late(string what, string again) => new(
        $"{what} for transactional id '{_id}' did not come within {options.MaxBlock.TotalSeconds:0.###} s (MaxBlock): {_lastProblem}. Call {again} again; "
        + "it goes on where this call has left off.", "transaction coordinator")
    {
        IsRetriable = true,
    };

    bool IsRefused(Call<bool> call, Effects effects)
    {
        if (State != TransactionState.Over)
            return false;
        call.Fail(Failure(_error!), effects);
        return true;
    }
}
