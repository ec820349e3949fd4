using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Protocol.Records;
#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Consuming.Reading;

/// <summary>
/// Tells which batches of a chunk belong to aborted transactions. The broker's list may be in any order and may name
/// producers without a batch here; a producer is off the list from its abort marker on.
/// </summary>
sealed class AbortedFilter
{
    readonly List<AbortedTransaction> _ahead = [];
    readonly HashSet<long> _aborted = [];
    int _next;

    /// <summary>Begins a chunk.</summary>
    public void Begin(AbortedTransaction[]? aborted)
    {
        _ahead.Clear();
        _aborted.Clear();
        _next = 0;
        if (aborted is null)
            return;
        _ahead.AddRange(aborted);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.AbortedListIsTakenAsSorted))
            return;
#endif
        _ahead.Sort((left, right) => left.FirstOffset.CompareTo(right.FirstOffset));
    }

    /// <summary>Whether a batch with records is to be left out. Batches are asked about in order.</summary>
    public bool IsAborted(in RecordBatchHeader batch)
    {
        Reach(batch.LastOffset);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.AbortedRecordsAreGiven))
            return false;
#endif
        return batch.IsTransactional && _aborted.Contains(batch.ProducerId);
    }

    /// <summary>A control batch was passed.</summary>
    public void Pass(in RecordBatchHeader batch, ReadOnlySpan<byte> body)
    {
        Reach(batch.LastOffset);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.AbortMarkerIsNotSeen))
            return;
#endif
        // Only the first record of a control batch means anything, as for Java.
        foreach (var record in RecordBatchReader.Records(batch, body))
        {
            if (ControlRecord.TryRead(record.Key, record.Value, out var control) && control.Type == ControlRecordType.Abort)
                _aborted.Remove(batch.ProducerId);
            return;
        }
    }

    void Reach(long offset)
    {
        for (; _next < _ahead.Count && _ahead[_next].FirstOffset <= offset; _next++)
            _aborted.Add(_ahead[_next].ProducerId);
    }
}
