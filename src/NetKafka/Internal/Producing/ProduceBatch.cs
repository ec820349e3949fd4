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
    readonly CompletionRuns _completions = new();
    bool _isEnding;
    bool _areOutcomesSet;
    int _runners;
    int _nextToRun;
    long _baseOffset;
    long _logAppendTimeMs;
    ProduceFailure? _failure;
    volatile bool _isSealed;
    Lease? _lease;
    BrokerWindow? _window;
    Instant _sealedAt;
    long _queuedThen;
    int _queuedBytes;
    int _count;

    public RecordBatchWriter Writer { get; } = new();

    /// <summary>The partition; set when the batch is put to use there.</summary>
    public PartitionQueue Queue { get; set; } = null!;

    /// <summary>What the batch counts for in the buffer memory.</summary>
    public int ChargedBytes { get; private set; }

    public Instant CreatedAt { get; set; }

    /// <summary>How many records there are.</summary>
    public int Count => _count;

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

    public bool HasCompletions => _completions.HasTargets;

    public ProduceFailure? Failure => _failure;

    // What follows belongs to the machine.

    /// <summary>Taken from its partition's queue: it has, or had, a place in the sequence.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Its place in the line of its partition, in which it is acknowledged: parts of a batch share the place of the whole.</summary>
    public (double From, double Length) Place { get; set; }

    public int Sequence { get; set; }

    /// <summary>The request that carries it; null while it waits.</summary>
    public ProduceExchange? Exchange { get; set; }

    /// <summary>An attempt ended without a word on whether the batch was written.</summary>
    public bool MaybeWritten { get; set; }

    /// <summary>Which topic the last attempt named by its id, and whether one named it by its name alone.</summary>
    public (Guid TopicId, bool ByName) SentTo { get; set; }

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

    /// <summary>
    /// Whether it may lie in the log of a topic, by the topic's id. What was sent to a topic that is gone is not in the one that took
    /// its name.
    /// </summary>
    public bool MayBeIn(Guid topicId) => MaybeWritten && IsSentTo(topicId);

    /// <summary>Whether the last attempt named a topic by its id, or one by its name, which may have been any of that name.</summary>
    public bool IsSentTo(Guid topicId) => SentTo.ByName || SentTo.TopicId == topicId;

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
        var isKeyNull = record.IsKeyNull;
#if NETKAFKA_CHECKED
        isKeyNull &= !Planted.Has(Bug.NullKeyBecomesEmpty);
#endif
        if (!Writer.TryAppend(
            record.TimestampMs, record.Key.Span, isKeyNull, record.Value.Span, record.IsValueNull, record.Headers.Span))
            return false;
        _count++;
        _completions.Add(completion);
        return true;
    }

    /// <summary>Adds a record but for the bytes of its key and value, if it fits. Each one wants its <see cref="CopiesUnderWay"/> taken back.</summary>
    public bool TryReserve(in RecordData record, in RecordCompletion completion, out RecordReservation reservation)
    {
        if (!Writer.TryReserve(record.TimestampMs, record.KeyLength, record.ValueLength, record.Headers.Span, out reservation))
            return false;
        CopiesUnderWay++;
        _count++;
        _completions.Add(completion);
        return true;
    }

    /// <summary>Names the finished bytes. They lie in the batch's own buffer.</summary>
    public void Seal(ArraySegment<byte> bytes, Instant now)
    {
        Debug.Assert(_lease is not null && bytes.Array == _lease.Array, "the bytes must lie in the buffer that the batch owns");
        Bytes = bytes;
        _window = Queue.Window;
        (_sealedAt, _queuedBytes, _queuedThen) = (now, bytes.Count, _window?.Charge(bytes.Count) ?? 0);
        _isSealed = true;
    }

    /// <summary>Takes over the callers of another batch: where a batch is split, or ends before its buffer may be given back.</summary>
    public void TakeCompletions(ProduceBatch from, int first, int count)
    {
        Queue = from.Queue;
        _count = count;
        _completions.Add(from._completions, first, count);
    }

    public void DropCompletions() => _completions.Clear();

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
#if NETKAFKA_CHECKED
        if (_isFreed)
        {
            (_isFreed, _lease, Bytes) = (false, null, default);
            return;
        }
#endif
        var lease = _lease ?? throw new InvalidOperationException("The buffer of a batch was given back twice.");
        _lease = null;
        Bytes = default;
        lease.Release();
    }

#if NETKAFKA_CHECKED
    bool _isFreed;

    /// <summary>Planted: the buffer goes back while a request carries it.</summary>
    public void FreeTooEarly()
    {
        _isFreed = true;
        _lease!.Release();
    }
#endif

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
        if (isFirst)
            GiveWay();
        TellAll();
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

    public override bool HasMany => _completions.Count > 1;

    /// <summary>Makes the batch as good as new.</summary>
    public void Reset()
    {
        Debug.Assert(_lease is null, "a batch in use must not be reset");
        LeaveWindow();
        DropCompletions();
        Queue = null!;
        (_count, ChargedBytes, CopiesUnderWay, IsDetached, _isSealed) = (0, 0, 0, false, false);
        (IsTaken, Sequence, Exchange, MaybeWritten, IsDoubtful, IsExpired) = (false, 0, null, false, false, false);
        SentTo = default;
        (Attempts, LastProblem, LastCode, Ordinal) = (0, null, ErrorCode.None, 0);
        (_failure, _isEnding, _areOutcomesSet, _nextToRun) = (null, false, false, 0);
    }

    /// <summary>Its callers are being told: it counts no longer for those that wait.</summary>
    void GiveWay()
    {
        var now = pool.Host.Now;
        if (_failure is null)
            _window?.Learn(_queuedThen, now - _sealedAt, now);
        var hasRoom = pool.Memory.RemoveUntold(ChargedBytes);
        if (LeaveWindow() || hasRoom)
            pool.Host.OnRoomMade();
    }

    /// <summary>The broker's window no longer counts the batch: its callers are being told, or there are none.</summary>
    /// <returns>Whether those that wait for the broker may go on because of it.</returns>
    bool LeaveWindow()
    {
        var window = _window;
        _window = null;
        return window is not null && window.Release(_queuedBytes);
    }

    void SetOutcomes()
    {
        _areOutcomesSet = true;
        var first = 0;
        foreach (ref readonly var run in _completions.Runs)
        {
            // One that awaits is in a run of its own.
            if (run.Completion.Target is AwaitedRecord record)
            {
                if (_failure is null)
                    record.Complete(MetadataOf(first, run.Completion.TimestampMs));
                else
                    record.Fail(_failure.ToException(first));
            }
            first = run.End;
        }
    }

    /// <summary>Each record is claimed by itself, since two threads may be here and one of them may be held up by any of them.</summary>
    void TellAll()
    {
        var runs = _completions.Runs;
        var at = 0;
        int index;
        while ((index = Interlocked.Increment(ref _nextToRun) - 1) < _completions.Count)
        {
#if NETKAFKA_CHECKED
            if (Planted.Has(Bug.LastOutcomeIsNotTold) && index > 0 && index == _completions.Count - 1)
                continue;
#endif
            while (runs[at].End <= index)
                at++;
            Tell(index, runs[at].Completion);
        }
    }

    void Tell(int index, in RecordCompletion completion)
    {
        try
        {
            switch (completion.Target)
            {
                case AwaitedRecord record:
                    record.RunContinuation();
                    break;
                case DeliveryCallback callback:
#if NETKAFKA_CHECKED
                    if (Planted.Has(Bug.OutcomeIsToldTwice))
                        callback(new DeliveryReport(MetadataOf(index, completion.TimestampMs), _failure?.ToException(index), completion.State));
#endif
                    callback(new DeliveryReport(MetadataOf(index, completion.TimestampMs), _failure?.ToException(index), completion.State));
                    break;
            }
        }
        catch (Exception error)
        {
            pool.Host.OnCallbackError(error);
        }
    }

    RecordMetadata MetadataOf(int index, long timestampMs)
    {
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.AckedOffsetIsTheBatchs))
            index = 0;
#endif
        return new RecordMetadata(
            Queue.Topic.Name, Queue.Partition, _baseOffset < 0 ? -1 : _baseOffset + index,
            _logAppendTimeMs >= 0 ? _logAppendTimeMs : timestampMs);
    }
}
