using NetKafka.Internal.Kernel;

namespace NetKafka.Internal.Consuming.Processing;

/// <summary>
/// A record in hand of a runner that works on many at a time: data of the <see cref="WorkPlan"/>, used again for another record once it
/// is done.
/// </summary>
class WorkItem
{
    /// <summary>The work of its partition.</summary>
    public PartitionWork Owner { get; set; } = null!;

    public long Offset { get; set; }

    /// <summary>Where the partition stands once this record and all before it are finished: behind what holds no record, too.</summary>
    public long Next { get; set; }

    /// <summary>The epoch of what lies before <see cref="Next"/>.</summary>
    public int Epoch { get; set; }

    /// <summary>The partition's when the record was taken; another one now means that its end counts for nothing.</summary>
    public int Turn { get; set; }

    public WorkState State { get; set; }

    /// <summary>When its handler began.</summary>
    public Instant BegunAt { get; set; }

    /// <summary>Where its bytes lie.</summary>
    public HeldBatch? Batch { get; set; }

    /// <summary>The records that have to be handled one after another with it.</summary>
    public WorkLane Lane { get; set; } = null!;

    public WorkItem? NextInLane { get; set; }

    public WorkItem? NextInWindow { get; set; }

    /// <summary>Its neighbours among those that have begun, in the order in which they did.</summary>
    public (WorkItem? Before, WorkItem? After) Neighbours { get; set; }

    /// <summary>Forgets the record.</summary>
    public virtual void Clear()
    {
        (Owner, Lane, Batch) = (null!, null!, null);
        (NextInLane, NextInWindow, Neighbours) = (null, null, (null, null));
    }
}
