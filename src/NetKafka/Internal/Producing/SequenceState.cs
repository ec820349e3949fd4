#if NETKAFKA_CHECKED
using NetKafka.Internal.Kernel;
#endif

namespace NetKafka.Internal.Producing;

/// <summary>
/// The order of one partition: which number the next batch gets, and which batches have one and are not acknowledged. The
/// broker takes a batch only if its sequence follows the last one it has, so a number is never used for other records than
/// the first unless it is certain that these were not written.
/// </summary>
sealed class SequenceState
{
    double _places;

    /// <summary>Whose numbers these are.</summary>
    public ProducerStamp Stamp { get; private set; } = ProducerStamp.None;

    /// <summary>The sequence of the next new batch.</summary>
    public int Next { get; private set; }

    /// <summary>The sequence that follows the newest acknowledged batch.</summary>
    public int AckedEnd { get; private set; }

    /// <summary>The largest offset that was acknowledged; −1 for none.</summary>
    public long AckedOffset { get; private set; } = -1;

    /// <summary>
    /// The producer id whose batches the brokers of this partition remember; −1 for none. Of a producer that they do not know
    /// they take any sequence for the first.
    /// </summary>
    public long KnownId { get; set; } = -1;

    /// <summary>
    /// The topic was deleted and created anew under these numbers: that a later batch is in the new log says nothing of an earlier
    /// one. Its id tells so, or an offset that falls where the id is not known.
    /// </summary>
    public bool IsLogAnother { get; private set; }

    /// <summary>
    /// Whether a batch that comes out of order would be refused. Until then the batch on the wire goes alone: if it failed,
    /// the one behind it would be written first, and it could never be written any more.
    /// </summary>
    public bool IsOrderKept => KnownId == Stamp.Id;

    /// <summary>Batches with a sequence, on the wire or waiting for another try, in order.</summary>
    public List<ProduceBatch> Unacked { get; } = [];

    /// <summary>A batch is missing from the log for certain: nothing after it can be written under this epoch.</summary>
    public bool HasHole
    {
#if NETKAFKA_CHECKED
        get => field && !Planted.Has(Bug.HoleIsForgotten);
#else
        get;
#endif
        set;
    }

    /// <summary>A batch was given up without knowing whether it was written: new ones wait until it shows.</summary>
    public bool IsUnresolved { get; set; }

    /// <summary>Whether a batch before this one has no outcome yet, of which its callers were not told otherwise.</summary>
    public bool IsAnyBefore(ProduceBatch batch)
    {
        foreach (var other in Unacked)
        {
            if (other.Place.From >= batch.Place.From)
                return false;
            if (!other.IsExpired)
                return true;
        }
        return false;
    }

    /// <summary>Sequences run from 0 to int.MaxValue and start again at 0.</summary>
    public static int Add(int sequence, int count) =>
        sequence > int.MaxValue - count ? count - (int.MaxValue - sequence) - 1 : sequence + count;

    /// <summary>Gives the next numbers to a batch that has none, and the next place in the line.</summary>
    public void Assign(ProduceBatch batch)
    {
        batch.Place = (++_places, 1);
        batch.Sequence = Next;
        Next = Add(Next, batch.Count);
#if NETKAFKA_CHECKED
        if (Planted.Has(Bug.NumbersCountBatches))
            Next = Add(batch.Sequence, 1);
#endif
        Unacked.Add(batch);
    }

    /// <summary>Begins anew at 0 under another stamp. Batches that wait keep their order; the caller stamps them again.</summary>
    public void Restart(ProducerStamp stamp, int first = 0)
    {
        (Stamp, Next, AckedEnd) = (stamp, first, first);
        (HasHole, IsUnresolved, IsLogAnother) = (false, false, false);
        foreach (var batch in Unacked)
        {
            batch.Sequence = Next;
            Next = Add(Next, batch.Count);
        }
    }

    /// <summary>
    /// Whether a batch with a later number was acknowledged. Brokers take them in order only, so this one is in the log too.
    /// Numbers are compared around the wrap.
    /// </summary>
    public bool IsProvenByLater(ProduceBatch batch) =>
        ((AckedEnd - Add(batch.Sequence, batch.Count)) & int.MaxValue) < int.MaxValue / 2;

    public void OnAcked(ProduceBatch batch, long lastOffset)
    {
        Unacked.Remove(batch);
        // A late word of the log before it says nothing of one that was created anew.
        var isOfThisLog = batch.IsSentTo(batch.Queue.Topic.Id);
        if (isOfThisLog)
            KnownId = Stamp.Id;
        // An older batch may be acknowledged after a younger one.
        if (!IsProvenByLater(batch))
        {
            AckedEnd = Add(batch.Sequence, batch.Count);
            if (lastOffset >= 0 && lastOffset <= AckedOffset)
                (IsLogAnother, AckedOffset) = (Unacked.Count > 0, -1);
        }
        if (isOfThisLog)
            AckedOffset = Math.Max(AckedOffset, lastOffset);
    }

    /// <summary>No broker knows the producer in the logs of a topic that was created anew: the first batch goes alone again.</summary>
    public void OnTopicCreatedAnew()
    {
        (KnownId, AckedOffset) = (-1, -1);
        IsLogAnother = Unacked.Count > 0;
    }

    /// <summary>A batch with a number is given up: what that means for those after it depends on whether it was written.</summary>
    public void OnGivenUp(ProduceBatch batch)
    {
        Unacked.Remove(batch);
        var maybeWritten = batch.MaybeWritten;
#if NETKAFKA_CHECKED
        maybeWritten &= !Planted.Has(Bug.NumberOfUnknownIsUsedAgain);
#endif
        if (maybeWritten)
            IsUnresolved = true;
        else if (Add(batch.Sequence, batch.Count) == Next)
            Next = batch.Sequence;
        else
            HasHole = true;
    }

    /// <summary>Nothing is left in flight: an open question is settled by whether the numbers join up.</summary>
    public void Settle()
    {
        if (!IsUnresolved)
            return;
        IsUnresolved = false;
        HasHole |= AckedEnd != Next;
    }
}
