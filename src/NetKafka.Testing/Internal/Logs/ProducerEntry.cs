namespace NetKafka.Testing.Internal.Logs;

/// <summary>
/// What a partition remembers of one producer: its epoch, its last five batches (a retry of any of them is answered with
/// the offset of the first time), and where its open transaction begins.
/// </summary>
sealed class ProducerEntry(long producerId)
{
    internal const int RememberedBatches = 5;
    readonly Queue<RememberedBatch> batches = new(RememberedBatches);
    RememberedBatch last;

    internal long ProducerId { get; } = producerId;

    internal short Epoch { get; private set; } = -1;

    /// <summary>The offset of the first record of the open transaction, or -1.</summary>
    internal long TransactionFirstOffset { get; set; } = -1;

    /// <summary>The time of its last record or marker, or -1.</summary>
    internal long LastTimestampMs { get; private set; } = -1;

    /// <summary>The epoch of the coordinator that wrote its last marker, or -1.</summary>
    internal int CoordinatorEpoch { get; private set; } = -1;

    internal bool HasBatches => batches.Count > 0;

    internal int LastSequence => last.LastSequence;

    internal bool TryFindDuplicate(in BatchHeader header, out RememberedBatch duplicate)
    {
        if (header.ProducerEpoch == Epoch)
        {
            foreach (var batch in batches)
            {
                if (batch.FirstSequence == header.BaseSequence && batch.LastSequence == header.LastSequence)
                {
                    duplicate = batch;
                    return true;
                }
            }
        }

        duplicate = default;
        return false;
    }

    internal void Remember(in BatchHeader header)
    {
        RaiseEpoch(header.ProducerEpoch);
        LastTimestampMs = header.MaxTimestamp;
        if (batches.Count == RememberedBatches)
            batches.Dequeue();
        last = new RememberedBatch(
            header.BaseSequence,
            header.LastSequence,
            header.BaseOffset,
            header.BaseOffset + header.LastOffsetDelta,
            header.MaxTimestamp);
        batches.Enqueue(last);
    }

    /// <summary>A marker has ended its transaction.</summary>
    internal void OnMarker(StoredBatch marker)
    {
        RaiseEpoch(marker.Header.ProducerEpoch);
        (LastTimestampMs, CoordinatorEpoch) = (marker.Header.MaxTimestamp, ControlBatch.CoordinatorEpochOf(marker));
    }

    /// <summary>A new epoch begins its sequences anew, so the batches of the old one are forgotten.</summary>
    internal void RaiseEpoch(short epoch)
    {
        if (Epoch == epoch)
            return;
        batches.Clear();
        Epoch = epoch;
    }
}

/// <summary>
/// One of the remembered batches. A broker answers its repeat with its largest timestamp as the append time, even where the
/// producer's own timestamps count and the first answer said -1 (tried on 4.3.1).
/// </summary>
readonly record struct RememberedBatch(
    int FirstSequence, int LastSequence, long FirstOffset, long LastOffset, long MaxTimestampMs);
