using Microsoft.Extensions.Logging;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing.Transactions;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The end of batches: the buffer is given back, the memory freed and the outcome set; then the batch waits for the end of
/// the poll, when it is handed to the dispatcher, one item a batch.
/// </summary>
sealed class BatchEndings(Accumulator accumulator, TransactionMachine? transaction, bool keepsOrder)
{
    readonly List<ProduceBatch> _ended = [];
    readonly List<Action<ILogger>> _lines = [];

    public void Acked(ProduceBatch batch, long baseOffset, long logAppendTimeMs)
    {
        batch.End(baseOffset, logAppendTimeMs);
        Free(batch);
        var queue = batch.Queue;
        if (IsToWait(batch))
            Keep(batch);
        else
            Queue(batch);
        TellUntold(queue);
    }

    public void Failed(ProduceBatch batch, ProduceFailure failure)
    {
        var queue = batch.Queue;
        TellOf(batch, failure);
        batch.End(failure);
        Free(batch);
        Queue(batch);
        TellUntold(queue);
    }

    /// <summary>
    /// The callers' time is over while the batch is under way: they are told now, and the buffer stays lent until the
    /// request has its outcome (the fault of CVE-2026-35554 was to give it back here).
    /// </summary>
    public void FailedOnWire(ProduceBatch batch, ProduceFailure failure)
    {
        var notice = accumulator.Batches.Rent();
        notice.TakeCompletions(batch, 0, batch.Count);
        batch.DropCompletions();
        batch.IsExpired = true;
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.ExpiredBufferIsFreed))
            batch.FreeTooEarly();
#endif
        accumulator.Incomplete.Remove(batch);
        TellOf(batch, failure);
        notice.End(failure);
        Queue(notice);
        TellUntold(batch.Queue);
    }

    /// <summary>The request of such a batch has its outcome.</summary>
    public void ReleaseLate(ProduceBatch batch)
    {
        var queue = batch.Queue;
        accumulator.Memory.Release(batch.ChargedBytes);
        batch.ReleaseBuffer();
        accumulator.Batches.Return(batch);
        TellUntold(queue);
    }

    /// <summary>A batch whose records went over into others.</summary>
    public void Replaced(ProduceBatch batch)
    {
        batch.DropCompletions();
        accumulator.Incomplete.Remove(batch);
        ReleaseLate(batch);
    }

    public void Log(Action<ILogger> line) => _lines.Add(line);

    /// <summary>Hands everything over. The last thing that is done with a batch here.</summary>
    public void HandOver(Effects effects)
    {
        foreach (var line in _lines)
            effects.Log(line);
        _lines.Clear();
        foreach (var batch in _ended)
            batch.HandOver(effects);
        _ended.Clear();
    }

    /// <summary>Acknowledgements of a partition are told in the order of its records: a batch may be acknowledged before one that is sent again.</summary>
    bool IsToWait(ProduceBatch batch)
    {
        var isToWait = keepsOrder && batch.HasCompletions && batch.Queue.Sequence.IsAnyBefore(batch);
#if NETKAFKA_CHECKED
        isToWait &= !Planted.Has(Bug.AcksAreToldAsTheyCome);
#endif
        return isToWait;
    }

    static void Keep(ProduceBatch batch)
    {
        var untold = batch.Queue.Untold;
        untold.Insert(untold.FindLastIndex(other => other.Place.From < batch.Place.From) + 1, batch);
    }

    /// <summary>Tells of batches that waited for others to be told of first.</summary>
    void TellUntold(PartitionQueue queue)
    {
        while (queue.Untold.Count > 0 && !queue.Sequence.IsAnyBefore(queue.Untold[0]))
        {
            Queue(queue.Untold[0]);
            queue.Untold.RemoveAt(0);
        }
    }

    void Free(ProduceBatch batch)
    {
        accumulator.Incomplete.Remove(batch);
#if NETKAFKA_CHECKED
        if (!Planted.Has(Bug.RoomIsNotGivenBack))
#endif
        accumulator.Memory.Release(batch.ChargedBytes);
        batch.ReleaseBuffer();
    }

    void Queue(ProduceBatch batch)
    {
        if (batch.HasCompletions)
            _ended.Add(batch);
        else
            accumulator.Batches.Return(batch);
    }

    void TellOf(ProduceBatch batch, ProduceFailure failure)
    {
        var count = batch.Count;
        _lines.Add(logger => ClientLog.RecordsFailed(logger, count, failure.Partition.ToString(), failure.Fate, failure.Detail));
        transaction?.OnBatchFailed(failure.Code, () => failure.ToException(0), batch.IsTaken);
    }
}
