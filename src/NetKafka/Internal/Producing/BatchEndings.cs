using Microsoft.Extensions.Logging;
using NetKafka.Diagnostics;
using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Producing;

/// <summary>
/// The end of batches: the buffer is given back, the memory freed and the outcome set; then the batch waits for the end of
/// the poll, when it is handed to the dispatcher, one item a batch.
/// </summary>
sealed class BatchEndings(Accumulator accumulator)
{
    readonly List<ProduceBatch> _ended = [];
    readonly List<Action<ILogger>> _lines = [];

    public void Acked(ProduceBatch batch, long baseOffset, long logAppendTimeMs)
    {
        batch.End(baseOffset, logAppendTimeMs);
        End(batch);
    }

    public void Failed(ProduceBatch batch, ProduceFailure failure)
    {
        batch.End(failure);
        LogFailure(failure, batch.Count);
        End(batch);
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
        notice.End(failure);
        LogFailure(failure, batch.Count);
        Queue(notice);
    }

    /// <summary>The request of such a batch has its outcome.</summary>
    public void ReleaseLate(ProduceBatch batch)
    {
        accumulator.Memory.Release(batch.ChargedBytes);
        batch.ReleaseBuffer();
        accumulator.Batches.Return(batch);
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

    void End(ProduceBatch batch)
    {
        accumulator.Incomplete.Remove(batch);
#if NETKAFKA_CHECKED
        if (!Planted.Has(Bug.RoomIsNotGivenBack))
#endif
        accumulator.Memory.Release(batch.ChargedBytes);
        batch.ReleaseBuffer();
        Queue(batch);
    }

    void Queue(ProduceBatch batch)
    {
        if (batch.HasCompletions)
            _ended.Add(batch);
        else
            accumulator.Batches.Return(batch);
    }

    void LogFailure(ProduceFailure failure, int count) =>
        _lines.Add(logger => ClientLog.RecordsFailed(logger, count, failure.Partition.ToString(), failure.Fate, failure.Detail));
}
