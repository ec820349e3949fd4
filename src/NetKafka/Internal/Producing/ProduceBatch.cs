using System.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Protocol.Records;

namespace NetKafka.Internal.Producing;

/// <summary>
/// A batch from its first record to the last callback: records are written straight into the bytes that go on the wire.
/// Callers' threads fill it under the lock of its partition; once it is sealed it belongs to the machine; once it has ended,
/// to the dispatcher. Then it is used again.
/// <para>
/// As an item of the dispatcher it may be run by two threads at once: a spare takes over the rest where a callback blocks.
/// </para>
/// </summary>
sealed class ProduceBatch(BatchPool pool) : Dispatch
{
    readonly Lock _runGate = new();
    RecordCompletion[] _completions = [];
    int _completionCount;
    bool _isEnding;
    bool _areOutcomesSet;
    int _runners;
    int _nextToRun;
    long _baseOffset;
    long _logAppendTimeMs;
    ProduceFailure? _failure;
    volatile bool _isSealed;
    Lease? _lease;

    public RecordBatchWriter Writer { get; } = new();

    /// <summary>The partition; set when the batch is put to use there.</summary>
    public PartitionQueue Queue { get; set; } = null!;

    /// <summary>What the batch counts for in the buffer memory.</summary>
    public int ChargedBytes { get; private set; }

    public Instant CreatedAt { get; set; }

    /// <summary>How many records there are.</summary>
    public int Count { get; private set; }

    /// <summary>Large records that are still being copied in. Under the partition's lock.</summary>
    public int CopiesUnderWay { get; set; }

    /// <summary>Whether no record may be added any more. Under the partition's lock.</summary>
    public bool IsDetached { get; set; }

    /// <summary>The buffer that the batch owns.</summary>
    public byte[] Buffer => _lease!.Array;

    /// <summary>The whole batch as it goes on the wire, once sealed.</summary>
    public ArraySegment<byte> Bytes { get; private set; }

    /// <summary>Whether <see cref="Bytes"/> are complete, so that the machine may take the batch.</summary>
    public bool IsSealed => _isSealed;

    public bool HasCompletions => _completionCount > 0;

    public ProduceFailure? Failure => _failure;

    // What follows belongs to the machine.

    /// <summary>Taken from its partition's queue: it has, or had, a place in the sequence.</summary>
    public bool IsTaken { get; set; }

    public int Sequence { get; set; }

    /// <summary>The request that carries it; null while it waits.</summary>
    public ProduceExchange? Exchange { get; set; }

    /// <summary>An attempt ended without a word on whether the batch was written.</summary>
    public bool MaybeWritten { get; set; }

    /// <summary>
    /// It is part of a batch that may have been written whole: a broker that finds it out of order may have the whole one.
    /// </summary>
    public bool IsDoubtful { get; set; }

    /// <summary>Its callers were told that its time was over, while it still was under way.</summary>
    public bool IsExpired { get; set; }

    public int Attempts { get; set; }

    /// <summary>What the newest failed attempt failed of.</summary>
    public string? LastProblem { get; set; }

    public ErrorCode LastCode { get; set; }

    /// <summary>Its place among the batches that are not over; see <see cref="IncompleteBatches"/>.</summary>
    public long Ordinal { get; set; }

    public ProduceBatch? Previous { get; set; }

    public ProduceBatch? Next { get; set; }

    /// <summary>Begins an empty batch in a buffer, which it owns from now on.</summary>
    public void Begin(Lease lease, int capacity)
    {
        _lease = lease;
        ChargedBytes = capacity;
        Writer.Begin(lease.Array, 0, capacity);
    }

    /// <summary>Adds a record, small enough to be copied under the lock, if it fits.</summary>
    public bool TryAppend(in RecordData record, in RecordCompletion completion)
    {
        if (!Writer.TryAppend(
            record.TimestampMs, record.Key.Span, record.IsKeyNull, record.Value.Span, record.IsValueNull, record.Headers.Span))
            return false;
        AddCompletion(completion);
        return true;
    }

    /// <summary>Adds a record but for the bytes of its key and value, if it fits. Each one wants its <see cref="CopiesUnderWay"/> taken back.</summary>
    public bool TryReserve(in RecordData record, in RecordCompletion completion, out RecordReservation reservation)
    {
        if (!Writer.TryReserve(record.TimestampMs, record.KeyLength, record.ValueLength, record.Headers.Span, out reservation))
            return false;
        CopiesUnderWay++;
        AddCompletion(completion);
        return true;
    }

    /// <summary>Names the finished bytes. They lie in the batch's own buffer.</summary>
    public void Seal(ArraySegment<byte> bytes)
    {
        Debug.Assert(_lease is not null && bytes.Array == _lease.Array, "the bytes must lie in the buffer that the batch owns");
        Bytes = bytes;
        _isSealed = true;
    }

    /// <summary>Takes over the callers of another batch: where a batch is split, or ends before its buffer may be given back.</summary>
    public void TakeCompletions(ProduceBatch from, int first, int count)
    {
        Queue = from.Queue;
        Count = count;
        for (var i = first; i < Math.Min(first + count, from._completionCount); i++)
            PutCompletion(i - first, from._completions[i]);
    }

    public void DropCompletions()
    {
        Array.Clear(_completions, 0, _completionCount);
        _completionCount = 0;
    }

    /// <summary>Sets the outcome: the batch was written.</summary>
    public void End(long baseOffset, long logAppendTimeMs) =>
        (_baseOffset, _logAppendTimeMs, _failure) = (baseOffset, logAppendTimeMs, null);

    /// <summary>Sets the outcome: the batch failed.</summary>
    public void End(ProduceFailure failure) => (_baseOffset, _logAppendTimeMs, _failure) = (-1, -1, failure);

    /// <summary>Hands the batch to the dispatcher; the machine must not touch it afterwards, since it may be in use again.</summary>
    public void HandOver(Effects effects)
    {
        pool.Memory.AddUntold(ChargedBytes);
        lock (_runGate)
            _isEnding = true;
        effects.Dispatch(this);
    }

    /// <summary>Gives the buffer back. Called once the last request that carried it has its outcome, and exactly once.</summary>
    public void ReleaseBuffer()
    {
        var lease = _lease ?? throw new InvalidOperationException("The buffer of a batch was given back twice.");
        _lease = null;
        Bytes = default;
        lease.Release();
    }

    /// <summary>Tells the callers. All outcomes are set before the first of them is told.</summary>
    public override void Run()
    {
        var isFirst = false;
        lock (_runGate)
        {
            if (!_isEnding)
                return;
            _runners++;
            if (!_areOutcomesSet)
            {
                isFirst = true;
                SetOutcomes();
            }
        }
        if (isFirst && pool.Memory.RemoveUntold(ChargedBytes))
            pool.Host.OnRoomMade();
        int index;
        while ((index = Interlocked.Increment(ref _nextToRun) - 1) < _completionCount)
            Tell(index);
        lock (_runGate)
        {
            if (--_runners > 0)
                return;
            _isEnding = false;
        }
        pool.Return(this);
    }

    public override int Progress => Volatile.Read(ref _nextToRun);

    public override bool IsBrief => true;

    public override bool HasMany => _completionCount > 1;

    /// <summary>Makes the batch as good as new.</summary>
    public void Reset()
    {
        Debug.Assert(_lease is null, "a batch in use must not be reset");
        DropCompletions();
        Queue = null!;
        (Count, ChargedBytes, CopiesUnderWay, IsDetached, _isSealed) = (0, 0, 0, false, false);
        (IsTaken, Sequence, Exchange, MaybeWritten, IsDoubtful, IsExpired) = (false, 0, null, false, false, false);
        (Attempts, LastProblem, LastCode, Ordinal) = (0, null, ErrorCode.None, 0);
        (_failure, _isEnding, _areOutcomesSet, _nextToRun) = (null, false, false, 0);
    }

    void AddCompletion(in RecordCompletion completion)
    {
        Count++;
        if (completion.Target is not null)
            PutCompletion(Count - 1, completion);
    }

    void PutCompletion(int index, in RecordCompletion completion)
    {
        if (index >= _completions.Length)
            Array.Resize(ref _completions, Math.Max(index + 1, 4 * _completions.Length + 16));
        // Between the last record with somebody to tell and this one lie records with nobody.
        _completions[index] = completion;
        _completionCount = index + 1;
    }

    void SetOutcomes()
    {
        _areOutcomesSet = true;
        for (var i = 0; i < _completionCount; i++)
        {
            if (_completions[i].Target is not AwaitedRecord record)
                continue;
            if (_failure is null)
                record.Complete(MetadataOf(i));
            else
                record.Fail(_failure.ToException(i));
        }
    }

    void Tell(int index)
    {
        ref readonly var completion = ref _completions[index];
        try
        {
            switch (completion.Target)
            {
                case AwaitedRecord record:
                    record.RunContinuation();
                    break;
                case DeliveryCallback callback:
                    callback(new DeliveryReport(MetadataOf(index), _failure?.ToException(index), completion.State));
                    break;
            }
        }
        catch (Exception error)
        {
            pool.Host.OnCallbackError(error);
        }
    }

    RecordMetadata MetadataOf(int index) => new(
        Queue.Topic.Name, Queue.Partition, _baseOffset < 0 ? -1 : _baseOffset + index,
        _logAppendTimeMs >= 0 ? _logAppendTimeMs : _completions[index].TimestampMs);
}
