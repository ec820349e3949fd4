namespace NetKafka.Testing.Internal.Sharing;

/// <summary>
/// What is persisted of a share partition, which a new leader begins with. An acquisition is not: what was acquired and not acknowledged
/// is available there, and counts as often delivered as it was when something was last said of it.
/// </summary>
sealed class ShareState
{
    internal const long NoOffset = -1;

    readonly List<SavedDeliveries> saved = [];

    /// <summary>Where the share partition begins; <see cref="NoOffset"/> until something was persisted or set.</summary>
    internal long StartOffset { get; private set; } = NoOffset;

    internal IReadOnlyList<SavedDeliveries> Saved => saved;

    /// <summary>How many records from an offset on are done with.</summary>
    internal long DoneFrom(long offset) => saved
        .Where(static deliveries => deliveries.State is RecordState.Acknowledged or RecordState.Archived)
        .Sum(deliveries => Math.Max(0, deliveries.Last - Math.Max(deliveries.First, offset) + 1));

    /// <summary>Begins anew at an offset.</summary>
    internal void Reset(long startOffset)
    {
        saved.Clear();
        StartOffset = startOffset;
    }

    internal void MoveStart(long startOffset)
    {
        StartOffset = startOffset;
        Cut(long.MinValue, startOffset - 1);
    }

    internal void Write(long first, long last, RecordState state, int count)
    {
        first = Math.Max(first, StartOffset);
        if (first > last)
            return;
        Cut(first, last);
        var at = saved.FindIndex(deliveries => deliveries.First > last);
        saved.Insert(at < 0 ? saved.Count : at, new SavedDeliveries(first, last, state, count));
        Merge();
    }

    void Cut(long first, long last)
    {
        for (var i = saved.Count - 1; i >= 0; i--)
        {
            var old = saved[i];
            if (old.Last < first || old.First > last)
                continue;
            saved.RemoveAt(i);
            if (old.Last > last)
                saved.Insert(i, old with { First = last + 1 });
            if (old.First < first)
                saved.Insert(i, old with { Last = first - 1 });
        }
    }

    void Merge()
    {
        for (var i = saved.Count - 1; i > 0; i--)
        {
            var (left, right) = (saved[i - 1], saved[i]);
            if (left.Last + 1 != right.First || left.State != right.State || left.Count != right.Count)
                continue;
            saved[i - 1] = left with { Last = right.Last };
            saved.RemoveAt(i);
        }
    }
}

/// <summary>Neighbouring offsets with the same fate, as they are persisted.</summary>
readonly record struct SavedDeliveries(long First, long Last, RecordState State, int Count);
