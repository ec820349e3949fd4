namespace NetKafka.Internal.Consuming.Processing;

/// <summary>
/// Records that are handled one after another, in the order of their offsets: those of one key, or of one partition. It lasts for as
/// long as it has any, also where the partition was given away and has come back meanwhile.
/// </summary>
sealed class WorkLane
{
    /// <summary>By what it is found again; null for a record that is alone.</summary>
    public Dictionary<int, WorkLane>? Home { get; set; }

    public int Key { get; set; }

    /// <summary>The record whose turn it is: the one whose handler runs, if <see cref="IsBusy"/>.</summary>
    public WorkItem? First { get; set; }

    public WorkItem? Last { get; set; }

    /// <summary>Whether a handler of it runs.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether it stands among those of which a record may begin.</summary>
    public bool IsReady { get; set; }

    public void Add(WorkItem item)
    {
        item.NextInLane = null;
        if (Last is null)
            First = item;
        else
            Last.NextInLane = item;
        Last = item;
    }

    /// <summary>Takes the first record out.</summary>
    public void RemoveFirst()
    {
        First = First!.NextInLane;
        if (First is null)
            Last = null;
    }

    /// <summary>Leaves the record whose handler runs alone, if there is one.</summary>
    public void RemoveWaiting()
    {
        if (IsBusy)
            First!.NextInLane = null;
        else
            First = null;
        Last = First;
    }
}
