namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// The producers of one partition, as the broker rebuilds them from its log. It decides whether a batch is new, a repeat or
/// out of order; it changes only by what is appended.
/// </summary>
sealed class ProducerStates
{
    readonly SortedDictionary<long, ProducerEntry> producers = [];
    readonly SortedDictionary<long, long> openTransactions = [];
    readonly List<AbortedTransactionSpan> aborted = [];
    readonly List<(long First, long Marker)> ended = [];

    /// <summary>
    /// The first offset of the oldest transaction that is open, or whose end the replicas have not all copied yet: readers of
    /// committed records must not see how it ended before that is certain. -1 for none.
    /// </summary>
    internal long FirstUnstableOffset(long highWatermark)
    {
        // What is on all replicas stays so: it is not looked at again.
        ended.RemoveAll(transaction => transaction.Marker < highWatermark);
        return ended.Select(transaction => transaction.First).Concat(openTransactions.Keys.Take(1)).DefaultIfEmpty(-1).Min();
    }

    internal IReadOnlyList<AbortedTransactionSpan> Aborted => aborted;

    internal ProducerEntry? Find(long producerId) => producers.GetValueOrDefault(producerId);

    internal IEnumerable<ProducerEntry> All => producers.Values;

    /// <summary>
    /// Judges a batch of a producer. <paramref name="rejectUnknown"/> is the rule of brokers before 2.5: a producer of whom
    /// nothing is remembered must begin at sequence 0. Newer ones accept any sequence from it.
    /// </summary>
    internal SequenceVerdict Judge(in BatchHeader header, bool rejectUnknown, out RememberedBatch duplicate)
    {
        duplicate = default;
        var entry = Find(header.ProducerId);
        if (entry is null || entry.Epoch < 0)
            return rejectUnknown && header.BaseSequence != 0 ? SequenceVerdict.UnknownProducer : SequenceVerdict.Append;
        if (entry.TryFindDuplicate(header, out duplicate))
            return SequenceVerdict.Duplicate;
        if (header.ProducerEpoch < entry.Epoch)
            return SequenceVerdict.StaleEpoch;
        if (header.ProducerEpoch > entry.Epoch)
            return header.BaseSequence == 0 ? SequenceVerdict.Append : SequenceVerdict.OutOfOrder;
        // The end of a transaction has raised the epoch (KIP-890): it begins at 0 as any other.
        if (!entry.HasBatches)
            return header.BaseSequence == 0 ? SequenceVerdict.Append : SequenceVerdict.OutOfOrder;
        return ProducerSequence.Follows(entry.LastSequence, header.BaseSequence)
            ? SequenceVerdict.Append
            : SequenceVerdict.OutOfOrder;
    }

    internal void OnAppended(StoredBatch batch)
    {
        var header = batch.Header;
        if (!header.HasProducerId)
            return;
        var entry = GetOrAdd(header.ProducerId);
        if (header.IsControl)
        {
            entry.OnMarker(batch);
            EndTransaction(entry, batch);
            return;
        }

        entry.Remember(header);
        if (header.IsTransactional && entry.TransactionFirstOffset < 0)
        {
            entry.TransactionFirstOffset = batch.BaseOffset;
            openTransactions.Add(batch.BaseOffset, header.ProducerId);
        }
    }

    /// <summary>Learns a producer's state anew from the batches that are left after a truncation.</summary>
    internal void Rebuild(IEnumerable<StoredBatch> batches)
    {
        producers.Clear();
        openTransactions.Clear();
        aborted.Clear();
        ended.Clear();
        foreach (var batch in batches)
            OnAppended(batch);
    }

    /// <summary>Forgets a producer, as brokers do when its last record expired.</summary>
    internal void Forget(long producerId)
    {
        if (producers.Remove(producerId, out var entry) && entry.TransactionFirstOffset >= 0)
            openTransactions.Remove(entry.TransactionFirstOffset);
    }

    void EndTransaction(ProducerEntry entry, StoredBatch marker)
    {
        if (entry.TransactionFirstOffset < 0)
            return;
        if (ControlBatch.IsAbort(marker))
            aborted.Add(new AbortedTransactionSpan(entry.ProducerId, entry.TransactionFirstOffset, marker.LastOffset));
        openTransactions.Remove(entry.TransactionFirstOffset);
        ended.Add((entry.TransactionFirstOffset, marker.LastOffset));
        entry.TransactionFirstOffset = -1;
    }

    ProducerEntry GetOrAdd(long producerId)
    {
        if (!producers.TryGetValue(producerId, out var entry))
            producers.Add(producerId, entry = new ProducerEntry(producerId));
        return entry;
    }
}

/// <summary>What a partition says to a batch of an idempotent producer.</summary>
enum SequenceVerdict
{
    /// <summary>The next batch in order, or the first of a producer or epoch.</summary>
    Append,

    /// <summary>One of the remembered batches: answered like the first time, written once.</summary>
    Duplicate,

    /// <summary>Neither the next nor a remembered one.</summary>
    OutOfOrder,

    /// <summary>A newer epoch of this producer has already written.</summary>
    StaleEpoch,

    /// <summary>Nothing is remembered of this producer, and the broker poses as one that minds.</summary>
    UnknownProducer,
}
